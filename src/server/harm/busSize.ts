import { JsonText } from '../reading/jsonValues.ts';
import type { Hive } from '../hive.ts';
import { refuse } from '../outcome.ts';

/**
 * The most bytes of one message on the real server's bus; a larger one stops a default DeviceHive (PROTOCOL.md 7, Q43).
 */
export const maxBusBytes = 1_048_200;

/** Bytes that the bus adds to a reply, and to each of its items: measured, rounded up. */
const envelopeBytes = 100;
const itemBytes = 10;

/** Bytes of a command or notification besides its texts. */
const bareMessageBytes = 350;

/**
 * Upper bound of the bytes on the bus for each UTF-16 unit of a text: three in UTF-8, and what the bus adds to an item.
 */
const maxBytesPerUnit = 3 + itemBytes;

/** Advice to those who sent something larger. */
const safeSize = 'keep each reply below 500 KiB';

/** Cheap check: false if a reply certainly fits on the bus; true if `checkReply` must measure it. */
export function isLarge(text: string): boolean {
  return text.length * maxBytesPerUnit > maxBusBytes;
}

/** A reply, written and not yet sent. */
export interface WrittenReply {
  readonly action: string;
  readonly text: string;
  /** The reply's content; its first list gives the number of items. */
  readonly payload: unknown;
}

/** Counts a reply that is too large for the bus as harm. Throws a Refusal 503 if it is and the server is strict. */
export function checkReply({ harms }: Hive, { action, text, payload }: WrittenReply): void {
  const items = itemCount(payload);
  const bytes = onBus(Buffer.byteLength(text), items);
  if (bytes <= maxBusBytes) return;
  const cause = `the reply to ${action} takes ${bytes} bytes on the message bus, which carries ${maxBusBytes}`;
  const instead = `ask for fewer items at a time (${items} were too many): ${safeSize}`;
  harms.countOrRefuse({ kind: 'size', action, cause, instead });
}

/**
 * Counts a replay that is too large for the bus as harm: all of it is one message. Throws a Refusal 503 if it is and
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

/** The parts of a command or notification that have no fixed size. */
export type MessageParts = readonly (JsonText | string | null | undefined)[];

/** Returns the bytes of a message if it is too large for the bus, else undefined. */
export function oversize(parts: MessageParts): number | undefined {
  let bytes = 0;
  for (const part of parts) {
    const text = part instanceof JsonText ? part.text : (part ?? '');
    // a UTF-16 unit takes at most three bytes: short texts need no exact count
    bytes += text.length * 3 < maxBusBytes / 8 ? text.length : Buffer.byteLength(text);
  }
  return onBus(bytes + bareMessageBytes, 1) > maxBusBytes ? bytes : undefined;
}

/**
 * Refuses with 413 a command or notification that is too large for the bus, and counts it as harm. The code is this
 * server's own.
 */
export function refuseOversize({ harms }: Hive, action: string, what: string, ...parts: MessageParts): void {
  const bytes = oversize(parts);
  if (bytes === undefined) return;
  const cause = `${action} sent ${what} of ${bytes} bytes over the message bus, which carries ${maxBusBytes} with all that belongs to it`;
  harms.count({ kind: 'size', action, cause, instead: 'send less, or in several messages: below 500 KiB each' });
  refuse(413, `${what} of ${bytes} bytes is too large: a DeviceHive server stops working over more than about 1 MiB`);
}

/**
 * Logs a warning if the `$device-add` or `$device-update` of a device is too large for the bus. It is only a warning,
 * because nobody has tried that on a real server.
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
