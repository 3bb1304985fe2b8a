/** What can be pushed (protocol.md 5.1). */
export type EventName = 'command/insert' | 'command/update' | 'notification/insert';

/** What a subscription shows of itself in subscription/list: what was asked for (protocol.md 4.21). */
export interface RequestedFilter {
  readonly deviceId: string | null;
  readonly networkIds: readonly number[] | null;
  readonly deviceTypeIds: readonly number[] | null;
  readonly names: readonly string[] | null;
  /** Ms since 1970. */
  readonly timestamp: number | null;
}

/** One combination that a subscription listens to; null stands for any (protocol.md 5.4). */
export interface Filter {
  readonly networkId: number | null;
  readonly deviceTypeId: number | null;
  readonly deviceId: string | null;
  readonly name: string | null;
}

/** Who gets the pushes of a subscription. */
export interface Subscriber {
  push(text: string): void;
}

/** A subscription of a session. */
export interface Subscription {
  readonly id: number;
  readonly type: 'command' | 'notification';
  readonly event: EventName;
  readonly requested: RequestedFilter;
  readonly filters: readonly Filter[];
  readonly subscriber: Subscriber;
}

/** What happened, as subscriptions see it. */
export interface Happening {
  readonly event: EventName;
  readonly networkId: number | null;
  readonly deviceTypeId: number | null;
  readonly deviceId: string;
  readonly name: string | null;
}

/** Subscriptions with one combination of event, network, type and device: by name, and those to any name. */
interface Listeners {
  readonly anyName: Set<Subscription>;
  readonly byName: Map<string, Set<Subscription>>;
}

/** All subscriptions of the server, found by what they listen to. */
export class SubscriptionRegistry {
  readonly #listeners = new Map<string, Listeners>();
  readonly #byDevice = new Map<string, Set<Subscription>>();
  #lastId = 0;

  /** An id above all before it: ms since 1970 times 1000, and a counter (protocol.md 6.10). */
  newId(nowMs: number): number {
    this.#lastId = Math.max(this.#lastId + 1, nowMs * 1000);
    return this.#lastId;
  }

  add(subscription: Subscription): void {
    for (const filter of subscription.filters) {
      const listeners = this.#listenersOf(keyOf(subscription.event, filter));
      if (filter.name === null) listeners.anyName.add(subscription);
      else addTo(listeners.byName, filter.name, subscription);
      if (filter.deviceId !== null) addTo(this.#byDevice, filter.deviceId, subscription);
    }
  }

  remove(subscription: Subscription): void {
    for (const filter of subscription.filters) {
      this.#unlisten(subscription, filter);
      if (filter.deviceId !== null) removeFrom(this.#byDevice, filter.deviceId, subscription);
    }
  }

  /** A deleted device takes its own subscriptions with it, unnoticed (protocol.md 7, Q22). */
  dropDevice(deviceId: string): void {
    for (const subscription of this.#byDevice.get(deviceId) ?? []) {
      for (const filter of subscription.filters) this.#unlisten(subscription, filter);
    }
    this.#byDevice.delete(deviceId);
  }

  /** Who is to hear of this; twice for a command without a name, who listens to any name (protocol.md 7, Q16). Undefined where nobody is. */
  listenersTo(happening: Happening): Subscription[] | undefined {
    if (this.#listeners.size === 0) return undefined;
    const { event, networkId, deviceTypeId, deviceId } = happening;
    const found: Subscription[] = [];
    this.#collect(event, happening.name, found);
    if (networkId !== null && deviceTypeId !== null) {
      this.#collect(`${event} ${networkId} ${deviceTypeId}`, happening.name, found);
      this.#collect(`${event} ${networkId} ${deviceTypeId} ${deviceId}`, happening.name, found);
    }
    return found.length === 0 ? undefined : found;
  }

  #collect(key: string, name: string | null, found: Subscription[]): void {
    const listeners = this.#listeners.get(key);
    if (listeners === undefined) return;
    for (const subscription of listeners.anyName) found.push(subscription);
    const others = name === null ? listeners.anyName : listeners.byName.get(name);
    for (const subscription of others ?? []) found.push(subscription);
  }

  #listenersOf(key: string): Listeners {
    let listeners = this.#listeners.get(key);
    if (listeners === undefined) {
      listeners = { anyName: new Set(), byName: new Map() };
      this.#listeners.set(key, listeners);
    }
    return listeners;
  }

  #unlisten(subscription: Subscription, filter: Filter): void {
    const key = keyOf(subscription.event, filter);
    const listeners = this.#listeners.get(key);
    if (listeners === undefined) return;
    if (filter.name === null) listeners.anyName.delete(subscription);
    else removeFrom(listeners.byName, filter.name, subscription);
    if (listeners.anyName.size === 0 && listeners.byName.size === 0) this.#listeners.delete(key);
  }
}

/** Sends one event to all of these: its content is written once (protocol.md 5.1). */
export function pushTo(subscriptions: readonly Subscription[], event: EventName, resource: string): void {
  const noun = event === 'notification/insert' ? 'notification' : 'command';
  const start = `{"action":"${event}","${noun}":${resource},"subscriptionId":`;
  for (const subscription of subscriptions) subscription.subscriber.push(`${start}${subscription.id}}`);
}

/** The keys of the three kinds of filters: everything, a network and a type, one device in them. */
function keyOf(event: EventName, { networkId, deviceTypeId, deviceId }: Filter): string {
  if (networkId === null) return event;
  const group = `${event} ${networkId} ${deviceTypeId}`;
  return deviceId === null ? group : `${group} ${deviceId}`;
}

function addTo<T>(sets: Map<string, Set<T>>, key: string, item: T): void {
  const set = sets.get(key);
  if (set === undefined) sets.set(key, new Set([item]));
  else set.add(item);
}

function removeFrom<T>(sets: Map<string, Set<T>>, key: string, item: T): void {
  const set = sets.get(key);
  set?.delete(item);
  if (set?.size === 0) sets.delete(key);
}
