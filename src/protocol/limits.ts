import type { Frame } from './frames.ts';
import { own } from './own.ts';

/**
 * The most bytes that a command, result or notification may take: more makes a default DeviceHive stop answering
 * everyone (PROTOCOL.md 0.1, 1.5).
 */
export const maxMessageBytes = 900 * 1024;

/**
 * The most bytes to ask for in one reply or replay: half of what the message bus of a default DeviceHive carries
 * (PROTOCOL.md 0.1, 7).
 */
export const mostReplyBytes = 500 * 1024;

/** Actions whose payload travels over the server's message bus, and the field that does. */
const bulky: Readonly<Record<string, string>> = {
  'command/insert': 'command',
  'command/update': 'command',
  'notification/insert': 'notification',
};

/**
 * What is wrong with the size of a request's payload, as a sentence, or undefined; nothing is measured where nothing
 * can be large.
 */
export function largeProblem(action: string, payload: Frame): string | undefined {
  const field = own(bulky, action);
  if (field === undefined) return undefined;
  const bytes = Buffer.byteLength(JSON.stringify(own(payload, field) ?? null));
  if (bytes <= maxMessageBytes) return undefined;
  return `the ${field} of ${action} takes ${bytes} bytes, more than ${maxMessageBytes} (900 KiB)`;
}

/**
 * How the embedded server begins what it says of a request that would have stopped a real one (PROTOCOL.md 7, Q41 to
 * Q43).
 */
export const harmStart = 'a real DeviceHive would have stopped here: ';
