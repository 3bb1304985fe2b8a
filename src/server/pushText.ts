import type { EventName, SessionSubscription } from './subscriptions.ts';

/** A push of this length or more is kept once for all who get it; shorter ones are quicker in one piece. */
const sharedLength = 16 * 1024;

/** The start of every push of an event: all but the subscription id (PROTOCOL.md 5.1); bytes if it is long. */
export type PushStart = string | Buffer;

/** Writes an event once for all who are to hear of it. */
export function pushStart(event: EventName, resource: string): PushStart {
  const noun = event === 'notification/insert' ? 'notification' : 'command';
  const start = `{"action":"${event}","${noun}":${resource}${subscriptionKey}`;
  return start.length < sharedLength ? start : Buffer.from(start);
}

/** Where in a push, or in the start of one, the command or notification stands that it is about: from and to. */
export function resourceBounds(push: string | Buffer): readonly [number, number] {
  return [push.indexOf(':', push.indexOf(',')) + 1, push.lastIndexOf(subscriptionKey)];
}

const subscriptionKey = ',"subscriptionId":';

/** Sends an event for one subscription. */
export function push(start: PushStart, { id, subscriber }: SessionSubscription): void {
  if (typeof start === 'string') subscriber.push(`${start}${id}}`);
  else subscriber.pushShared(start, `${id}}`);
}

/** Sends one event to all of these. */
export function pushTo(subscriptions: readonly SessionSubscription[], event: EventName, resource: string): void {
  const start = pushStart(event, resource);
  for (const subscription of subscriptions) push(start, subscription);
}
