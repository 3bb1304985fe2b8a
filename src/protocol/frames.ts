import type { ActionName } from './generated/actions.ts';
import { isDeeperThan, maxDepth } from './depth.ts';
import type { Documents, Pushes, Replies, Requests } from './generated/types.ts';

export type { Documents, Pushes, Replies, Requests };

/** A JSON object as it goes over the socket. */
export type Frame = Readonly<Record<string, unknown>>;

/** A request frame: `action`, `requestId` and the action's own fields (PROTOCOL.md 2.1). */
export interface RequestFrame extends Frame {
  readonly action: string;
  readonly requestId: unknown;
}

/** A server's reply: `status` is `success` or `error`; an error brings `code` and `error` (PROTOCOL.md 2.2, 2.3). */
export interface ReplyFrame extends Frame {
  readonly action?: unknown;
  readonly requestId?: unknown;
  readonly status: unknown;
  readonly code?: unknown;
  readonly error?: unknown;
}

/** A message that the server sends for a subscription (PROTOCOL.md 2.4). */
export interface PushFrame extends Frame {
  readonly action: string;
  readonly subscriptionId: number;
}

/** The pushes of each action that subscribes (PROTOCOL.md 4.15, 4.20). */
export interface SubscribePushes {
  readonly 'command/subscribe': Pushes['command/insert'] | Pushes['command/update'];
  readonly 'notification/subscribe': Pushes['notification/insert'];
}

/** An action that subscribes. */
export type SubscribeAction = keyof SubscribePushes;

/** A push of such a subscription, typed by its action. */
export type Push<A extends SubscribeAction> = PushFrame & SubscribePushes[A];

/** A success reply, typed by its action. */
export type Reply<A extends ActionName> = ReplyFrame & Replies[A];

/** A received text, classified (PROTOCOL.md 2.5). `noise` is not a JSON object, or neither a reply nor a push. */
export type Received =
  | { readonly kind: 'reply'; readonly frame: ReplyFrame }
  | { readonly kind: 'push'; readonly frame: PushFrame }
  | { readonly kind: 'noise'; readonly reason: string };

/**
 * Returns whether a received text is a reply (it has a `status`), a push (else, it has a `subscriptionId`) or noise
 * (PROTOCOL.md 2.5). Never throws.
 */
export function classify(text: string): Received {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { kind: 'noise', reason: 'not JSON' };
  }
  if (!isFrame(value)) return { kind: 'noise', reason: 'not a JSON object' };
  // each level takes two characters
  if (text.length > 2 * maxDepth && isDeeperThan(value, maxDepth)) return tooDeep(value);
  if (value['status'] !== undefined) return { kind: 'reply', frame: value as ReplyFrame };
  if (typeof value['subscriptionId'] === 'number' && typeof value['action'] === 'string') {
    return { kind: 'push', frame: value as PushFrame };
  }
  return { kind: 'noise', reason: 'neither a reply (no status) nor a push (no subscriptionId)' };
}

/** A reply that is nested too deep fails its request; nothing of it is read but what it answers. */
function tooDeep({ action, requestId, status }: Frame): Received {
  const error = `nested deeper than ${maxDepth} levels, and not read`;
  const isReply = status !== undefined && !isContainer(action) && !isContainer(requestId);
  return isReply
    ? { kind: 'reply', frame: { action, requestId, status: 'error', error: `the reply is ${error}` } }
    : { kind: 'noise', reason: error };
}

function isContainer(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

/** True if a parsed value is a JSON object. */
export function isFrame(value: unknown): value is Frame {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
