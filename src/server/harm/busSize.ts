import { JsonText } from '../reading/jsonValues.ts';
import type { Hive } from '../hive.ts';
import { refuse } from '../outcome.ts';

/**
 * The most bytes that one message on the real server's bus has; the bus of a default DeviceHive stops over more
 * (PROTOCOL.md 7, Q43).
 */
export const maxBusBytes = 1_048_200;

/** What the bus adds to a reply and to each of its items, in bytes: measured, rounded up. */
const envelopeBytes = 100;
const itemBytes = 10;

/** What a command or notification takes besides its texts, in bytes. */
const bareMessageBytes = 350;

/**
 * How many bytes a text may become on the bus at most for each UTF-16 unit, with what the bus adds to an item: each has
 * two units or more.
 */
const maxBytesPerUnit = 3 + itemBytes;

/** How large lists and messages are to be, as told to those who sent larger ones. */
const safeSize = 'keep each reply below 500 KiB';

/** Whether a reply may be too large for the bus: cheap, and true for more than are. */
export function isLarge(text: string): boolean {
  return text.length * maxBytesPerUnit > maxBusBytes;
}

/** A reply as it is written. */
export interface WrittenReply {
  readonly action: string;
  readonly text: string;
  /** What the reply consists of, to count its items: the first list in it. */
  readonly payload: unknown;
}

/** Looks at a reply that comes over the bus. Throws a Refusal 503 where it is too large and the server is strict. */
export function checkReply({ harms }: Hive, { action, text, payload }: WrittenReply): void {
  const items = itemCount(payload);
  const bytes = onBus(Buffer.byteLength(text), items);
  if (bytes <= maxBusBytes) return;
  const cause = `the reply to ${action} takes ${bytes} bytes on the message bus, which carries ${maxBusBytes}`;
  const instead = `ask for fewer items at a time (${items} were too many): ${safeSize}`;
  harms.countOrRefuse({ kind: 'size', action, cause, instead });
}

/**
 * Looks at what a subscription is to replay: all of it is one message. Throws a Refusal 503 where that is too large and
 * the server is strict.
 */
export function checkReplay({ harms }: Hive, action: string, items: readonly string[]): void {
  let bytes = onBus(0, items.length);
  for (const item of items) bytes += Buffer.byteLength(item);
  if (bytes <= maxBusBytes) return;
  const cause = `the replay of ${items.length} messages for ${action} takes ${bytes} bytes on the message bus, which carries ${maxBusBytes}`;
  const instead = `subscribe with a lower limit or a later timestamp: ${safeSize}`;
  harms.countOrRefuse({ kind: 'size', action, cause, instead });
}

/** Parts of a command or notification. */
export type MessageParts = readonly (JsonText | string | null | undefined)[];

/** How many bytes a single message of these parts takes where the bus does not carry it; undefined where it does. */
export function oversize(parts: MessageParts): number | undefined {
  let bytes = 0;
  for (const part of parts) {
    const text = part instanceof JsonText ? part.text : (part ?? '');
    // three bytes are the most that a UTF-16 unit takes: short texts need no counting
    bytes += text.length * 3 < maxBusBytes / 8 ? text.length : Buffer.byteLength(text);
  }
  return onBus(bytes + bareMessageBytes, 1) > maxBusBytes ? bytes : undefined;
}

/**
 * Refuses with 413, a code of this server's own, a command or notification that the bus does not carry, and counts it.
 */
export function refuseOversize({ harms }: Hive, action: string, what: string, ...parts: MessageParts): void {
  const bytes = oversize(parts);
  if (bytes === undefined) return;
  const cause = `${action} sent ${what} of ${bytes} bytes over the message bus, which carries ${maxBusBytes} with all that belongs to it`;
  harms.count({ kind: 'size', action, cause, instead: 'send less, or in several messages: below 500 KiB each' });
  refuse(413, `${what} of ${bytes} bytes is too large: a DeviceHive server stops working over more than about 1 MiB`);
}

/**
 * Warns of a device so large that its `$device-add` or `$device-update` would not fit on the bus: nobody has tried that
 * on a real server.
 */
export function warnOfDevice({ log }: Hive, notification: string, parameters: JsonText): void {
  const bytes = oversize([notification, parameters]);
  if (bytes === undefined) return;
  const message = `${notification} of a device of ${bytes} bytes is more than a DeviceHive's message bus carries; whether one survives that was never tried: keep the data of a device below 500 KiB`;
  log({ level: 'warn', message, section: 'PROTOCOL.md 5.5' });
}

function onBus(bytes: number, items: number): number {
  return bytes + envelopeBytes + itemBytes * items;
}

function itemCount(payload: unknown): number {
  if (Array.isArray(payload)) return payload.length;
  if (typeof payload !== 'object' || payload === null) return 0;
  const list: unknown = Object.values(payload).find((value) => Array.isArray(value));
  return Array.isArray(list) ? list.length : 0;
}
