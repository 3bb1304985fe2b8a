import type { ActionName } from './generated/actions.ts';
import type { Documents, Pushes, Replies, Requests } from './generated/types.ts';

export type { Documents, Pushes, Replies, Requests };

/** A JSON object as it goes over the socket. */
export type Frame = Readonly<Record<string, unknown>>;

/** A request frame: `action`, `requestId` and the action's own fields (PROTOCOL.md 2.1). */
export interface RequestFrame extends Frame {
  readonly action: string;
  readonly requestId: unknown;
}

/**
 * The reply of a server: `status` is `success` or `error`, `code` and `error` come with the latter (PROTOCOL.md 2.2,
 * 2.3).
 */
export interface ReplyFrame extends Frame {
  readonly action?: unknown;
  readonly requestId?: unknown;
  readonly status: unknown;
  readonly code?: unknown;
  readonly error?: unknown;
}

/** A message that the server sends unasked, for a subscription (PROTOCOL.md 2.4). */
export interface PushFrame extends Frame {
  readonly action: string;
  readonly subscriptionId: number;
}

/** The actions that subscribe, and what is pushed for them (PROTOCOL.md 4.15, 4.20). */
export interface SubscribePushes {
  readonly 'command/subscribe': Pushes['command/insert'] | Pushes['command/update'];
  readonly 'notification/subscribe': Pushes['notification/insert'];
}

/** An action that subscribes. */
export type SubscribeAction = keyof SubscribePushes;

/** A typed push of such a subscription. */
export type Push<A extends SubscribeAction> = PushFrame & SubscribePushes[A];

/** A typed success reply. */
export type Reply<A extends ActionName> = ReplyFrame & Replies[A];

/** What a received text is: PROTOCOL.md 2.5. `noise` is no JSON object, or neither reply nor push. */
export type Received =
  | { readonly kind: 'reply'; readonly frame: ReplyFrame }
  | { readonly kind: 'push'; readonly frame: PushFrame }
  | { readonly kind: 'noise'; readonly reason: string };

/**
 * Tells replies, pushes and noise apart: a `status` makes a reply, else a `subscriptionId` makes a push (PROTOCOL.md
 * 2.5).
 */
export function classify(text: string): Received {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { kind: 'noise', reason: 'not JSON' };
  }
  if (!isFrame(value)) return { kind: 'noise', reason: 'not a JSON object' };
  if (value['status'] !== undefined) return { kind: 'reply', frame: value as ReplyFrame };
  if (typeof value['subscriptionId'] === 'number' && typeof value['action'] === 'string') {
    return { kind: 'push', frame: value as PushFrame };
  }
  return { kind: 'noise', reason: 'neither a reply (no status) nor a push (no subscriptionId)' };
}

/** Whether a parsed value is a JSON object. */
export function isFrame(value: unknown): value is Frame {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
