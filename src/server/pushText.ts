import type { EventName, SessionSubscription } from './subscriptions.ts';

/** Pushes of at least this length are kept once for all recipients; shorter ones are faster as one text each. */
const sharedLength = 16 * 1024;

/**
 * The part of a push that all recipients share: everything before the subscription id (PROTOCOL.md 5.1). Bytes if it is
 * long.
 */
export type PushStart = string | Buffer;

/** Returns the shared start of an event's pushes; `resource` is the command or notification as JSON. */
export function pushStart(event: EventName, resource: string): PushStart {
  const noun = event === 'notification/insert' ? 'notification' : 'command';
  const start = `{"action":"${event}","${noun}":${resource}${subscriptionKey}`;
  return start.length < sharedLength ? start : Buffer.from(start);
}

/** Returns where the command or notification begins and ends in a push or its start. */
export function resourceBounds(push: string | Buffer): readonly [number, number] {
  return [push.indexOf(':', push.indexOf(',')) + 1, push.lastIndexOf(subscriptionKey)];
}

const subscriptionKey = ',"subscriptionId":';

/** Sends an event to one subscription. */
export function push(start: PushStart, { id, subscriber }: SessionSubscription): void {
  if (typeof start === 'string') subscriber.push(`${start}${id}}`);
  else subscriber.pushShared(start, `${id}}`);
}

/** Sends an event to all of these subscriptions. */
export function pushTo(subscriptions: readonly SessionSubscription[], event: EventName, resource: string): void {
  const start = pushStart(event, resource);
  for (const subscription of subscriptions) push(start, subscription);
}
