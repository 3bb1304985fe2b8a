/** The events that are pushed (PROTOCOL.md 5.1). */
export type EventName = 'command/insert' | 'command/update' | 'notification/insert';

/** The fields of a subscribe request, as subscription/list repeats them (PROTOCOL.md 4.21). */
export interface RequestedFilter {
  readonly deviceId: string | null;
  readonly networkIds: readonly number[] | null;
  readonly deviceTypeIds: readonly number[] | null;
  readonly names: readonly string[] | null;
  /** Ms since 1970. */
  readonly timestamp: number | null;
}

/**
 * Where a subscription's events happen: anywhere; in these networks and device types; or at one device, for as long as
 * it is in this network and of this type (PROTOCOL.md 5.4).
 */
export type Reach =
  | { readonly kind: 'everything' }
  | { readonly kind: 'groups'; readonly networkIds: ReadonlySet<number>; readonly deviceTypeIds: ReadonlySet<number> }
  | { readonly kind: 'device'; readonly networkId: number; readonly deviceTypeId: number; readonly deviceId: string };

/** The events that a subscription listens to, which never change. `names` is null for any name. */
export interface Filter {
  readonly reach: Reach;
  readonly names: ReadonlySet<string> | null;
}

/** The recipient of a subscription's pushes. */
export interface Subscriber {
  push(text: string): void;
  /** Pushes one text whose start is shared with other recipients. */
  pushShared(start: Buffer, end: string): void;
  /** Identifies the connection that pushes go out on. */
  readonly line: object;
  /** True if the connection has ended. */
  readonly isOver: boolean;
}

/** A subscription of a session. */
export interface SessionSubscription extends Filter {
  readonly id: number;
  readonly type: 'command' | 'notification';
  readonly event: EventName;
  readonly requested: RequestedFilter;
  readonly subscriber: Subscriber;
}

/**
 * Returns the memory that a filter takes, counted in entries: one for itself and one for each name, network and device
 * type.
 */
export function weightOf({ reach, names }: Filter): number {
  const groups = reach.kind === 'groups' ? reach.networkIds.size + reach.deviceTypeIds.size : 0;
  return 1 + (names?.size ?? 0) + groups;
}

/** An event, with the properties by which subscriptions select. */
export interface Happening {
  readonly event: EventName;
  readonly networkId: number | null;
  readonly deviceTypeId: number | null;
  readonly deviceId: string;
  readonly name: string | null;
}

/** Subscriptions to everything or to one device: those to any name, and those to certain names. */
interface Listeners {
  readonly anyName: Set<SessionSubscription>;
  readonly byName: Map<string, Set<SessionSubscription>>;
}

/**
 * All subscriptions of the server, indexed by what they listen to. Memory grows with the lists in the requests, not
 * with their combinations.
 */
export class SubscriptionRegistry {
  readonly #listeners = new Map<string, Listeners>();
  /** Subscriptions to groups, by event and network. */
  readonly #byNetwork = new Map<string, Set<SessionSubscription>>();
  readonly #byDevice = new Map<string, Set<SessionSubscription>>();
  #lastId = 0;

  /** True if there are no subscriptions. */
  get isEmpty(): boolean {
    return this.#listeners.size === 0 && this.#byNetwork.size === 0;
  }

  /** Returns an id greater than all before: ms since 1970 times 1000, plus a counter (PROTOCOL.md 6.10). */
  newId(nowMs: number): number {
    this.#lastId = Math.max(this.#lastId + 1, nowMs * 1000);
    return this.#lastId;
  }

  add(subscription: SessionSubscription): void {
    const { reach, event } = subscription;
    if (reach.kind === 'groups') {
      for (const networkId of reach.networkIds) addTo(this.#byNetwork, `${event} ${networkId}`, subscription);
      return;
    }
    this.#listen(subscription, keyOf(event, reach));
    if (reach.kind === 'device') addTo(this.#byDevice, reach.deviceId, subscription);
  }

  remove(subscription: SessionSubscription): void {
    const { reach, event } = subscription;
    if (reach.kind === 'groups') {
      for (const networkId of reach.networkIds) removeFrom(this.#byNetwork, `${event} ${networkId}`, subscription);
      return;
    }
    this.#unlisten(subscription, keyOf(event, reach));
    if (reach.kind === 'device') removeFrom(this.#byDevice, reach.deviceId, subscription);
  }

  /** Removes the subscriptions to a deleted device, without telling their clients (PROTOCOL.md 7, Q22). */
  dropDevice(deviceId: string): void {
    for (const subscription of this.#byDevice.get(deviceId) ?? []) this.remove(subscription);
  }

  /**
   * Returns the subscriptions to push an event to, or undefined where there are none. A subscription to any name is
   * listed twice for a command without a name, as the real server pushes it twice (PROTOCOL.md 7, Q16).
   */
  listenersTo(happening: Happening): SessionSubscription[] | undefined {
    if (this.isEmpty) return undefined;
    const { event, networkId, deviceTypeId, deviceId } = happening;
    const found: SessionSubscription[] = [];
    this.#collect(event, happening.name, found);
    if (networkId !== null && deviceTypeId !== null) {
      this.#collectGroups(happening, found);
      this.#collect(`${event} ${networkId} ${deviceTypeId} ${deviceId}`, happening.name, found);
    }
    return found.length === 0 ? undefined : found;
  }

  #collect(key: string, name: string | null, found: SessionSubscription[]): void {
    const listeners = this.#listeners.get(key);
    if (listeners === undefined) return;
    for (const subscription of listeners.anyName) found.push(subscription);
    const others = name === null ? listeners.anyName : listeners.byName.get(name);
    for (const subscription of others ?? []) found.push(subscription);
  }

  #collectGroups({ event, networkId, deviceTypeId, name }: Happening, found: SessionSubscription[]): void {
    const subscriptions = this.#byNetwork.get(`${event} ${networkId}`);
    if (subscriptions === undefined) return;
    for (const subscription of subscriptions) {
      const { reach, names } = subscription;
      if (reach.kind !== 'groups' || deviceTypeId === null || !reach.deviceTypeIds.has(deviceTypeId)) continue;
      if (names === null ? name === null : name !== null && names.has(name)) found.push(subscription);
      if (names === null) found.push(subscription);
    }
  }

  #listen(subscription: SessionSubscription, key: string): void {
    let listeners = this.#listeners.get(key);
    if (listeners === undefined) {
      listeners = { anyName: new Set(), byName: new Map() };
      this.#listeners.set(key, listeners);
    }
    if (subscription.names === null) listeners.anyName.add(subscription);
    else for (const name of subscription.names) addTo(listeners.byName, name, subscription);
  }

  #unlisten(subscription: SessionSubscription, key: string): void {
    const listeners = this.#listeners.get(key);
    if (listeners === undefined) return;
    listeners.anyName.delete(subscription);
    for (const name of subscription.names ?? []) removeFrom(listeners.byName, name, subscription);
    if (listeners.anyName.size === 0 && listeners.byName.size === 0) this.#listeners.delete(key);
  }
}

function keyOf(event: EventName, reach: Exclude<Reach, { readonly kind: 'groups' }>): string {
  return reach.kind === 'everything' ? event : `${event} ${reach.networkId} ${reach.deviceTypeId} ${reach.deviceId}`;
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
