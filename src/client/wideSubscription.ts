import { Failure } from '../errors.ts';
import { isFrame, type Frame, type PushFrame, type SubscribeAction } from '../protocol/frames.ts';
import { readToken } from '../protocol/tokens.ts';
import { claimsEverything, missingLists, type ReachField } from '../protocol/reach.ts';
import { withBothLists } from './lists/bothLists.ts';
import type { AskServer } from './lists/index.ts';
import type { PushSink } from './pushQueue.ts';
import type { OpenSubscription } from './subscription.ts';

/** How a wide subscription talks to its server. */
export interface WideAsker {
  /** The token that the session acts by. */
  readonly accessToken: string | undefined;
  readonly ask: AskServer;
  /** Sends the subscribe that was asked for, with these fields. Throws as `Connection.subscribe` does. */
  subscribe(payload: Frame): Promise<OpenSubscription>;
  /** Sends another one. */
  subscribeBesides(action: SubscribeAction, payload: Frame): Promise<OpenSubscription>;
}

/**
 * Notifications that the server makes when devices are saved; only tokens that reach everything get them (PROTOCOL.md
 * 5.5).
 */
const newsNames = ['$device-add', '$device-update'];

/**
 * Subscribes to all devices of the networks and device types that are named or, where a list is missing, that there are
 * (PROTOCOL.md 7, Q41). Where the token reaches everything, a device that turns up in a network or type that was not
 * there before is heard of, and its network or type is subscribed to besides. Throws as `Connection.subscribe` and
 * `withBothLists` do.
 */
export async function subscribeWide(
  action: SubscribeAction,
  payload: Frame,
  asker: WideAsker,
): Promise<OpenSubscription> {
  const [missing, ...others] = missingLists(payload, asker.accessToken);
  const isFollowed =
    missing !== undefined && others.length === 0 && claimsEverything(readToken(asker.accessToken ?? ''));
  // News come first: nothing may turn up unnoticed between the list and the subscription.
  const news = isFollowed ? await subscribeToNews(asker) : undefined;
  try {
    const [subscription, request] = await subscribeToBoth(action, payload, asker);
    if (news !== undefined && missing !== undefined)
      subscription.adopt(news, new Growth({ field: missing, action, request, subscription }, asker));
    return subscription;
  } catch (error) {
    news?.unsubscribe().catch(() => undefined);
    throw error;
  }
}

/** A token may lack the permission for notifications; then nothing tells what is new. */
async function subscribeToNews(asker: WideAsker): Promise<OpenSubscription | undefined> {
  try {
    return await asker.subscribeBesides('notification/subscribe', { names: newsNames });
  } catch (error) {
    if (error instanceof Failure && error.reply !== undefined) return undefined;
    throw error;
  }
}

/** A device or network that was deleted since it was listed is refused: then the lists are read once more. */
async function subscribeToBoth(
  action: SubscribeAction,
  payload: Frame,
  asker: WideAsker,
): Promise<[OpenSubscription, Frame]> {
  const { accessToken, ask } = asker;
  const request = await withBothLists(action, payload, accessToken, ask);
  try {
    return [await asker.subscribe(request), request];
  } catch (error) {
    if (!(error instanceof Failure) || (error.code !== 404 && error.code !== 403)) throw error;
    const now = await withBothLists(action, payload, accessToken, ask);
    if (JSON.stringify(now) === JSON.stringify(request)) throw error;
    return [await asker.subscribe(now), now];
  }
}

/** A subscription without a device, as it was sent with both lists. */
interface WideSubscription {
  /** The list that was read before. */
  readonly field: ReachField;
  readonly action: SubscribeAction;
  readonly request: Frame;
  readonly subscription: OpenSubscription;
}

/** Hears of devices that are saved, and subscribes to networks or device types that were not listed. */
class Growth implements PushSink {
  readonly #field: ReachField;
  readonly #action: SubscribeAction;
  /** With both lists, as it was sent. */
  readonly #request: Frame;
  readonly #subscription: OpenSubscription;
  readonly #asker: WideAsker;
  readonly #known: Set<unknown>;

  constructor({ field, action, request, subscription }: WideSubscription, asker: WideAsker) {
    this.#field = field;
    this.#action = action;
    this.#request = request;
    this.#subscription = subscription;
    this.#asker = asker;
    this.#known = new Set(idsIn(request, field));
  }

  add({ notification }: PushFrame): void {
    const device = isFrame(notification) ? notification['parameters'] : undefined;
    if (!isFrame(device)) return;
    const { networkId, deviceTypeId } = device;
    const [id, other, otherField] =
      this.#field === 'networkIds'
        ? ([networkId, deviceTypeId, 'deviceTypeIds'] as const)
        : ([deviceTypeId, networkId, 'networkIds'] as const);
    if (typeof id === 'number' && !this.#known.has(id) && idsIn(this.#request, otherField).includes(other))
      void this.#grow(id);
  }

  end(): void {
    return;
  }

  /** Where that fails, the next device that tells of it leads to another try. */
  async #grow(id: number): Promise<void> {
    this.#known.add(id);
    try {
      const request = { ...this.#request, [this.#field]: [id] };
      this.#subscription.adopt(await this.#asker.subscribeBesides(this.#action, request));
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      this.#known.delete(id);
    }
  }
}

function idsIn(request: Frame, field: ReachField): readonly unknown[] {
  return request[field] as readonly unknown[];
}
