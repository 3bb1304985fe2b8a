import type { Frame } from './frames.ts';
import { own } from './own.ts';

/**
 * The most bytes of JSON that a command, its result or a notification may take. More makes a default DeviceHive stop
 * answering all clients (PROTOCOL.md 0.1, 1.5).
 */
export const maxMessageBytes = 900 * 1024;

/**
 * The most bytes to ask for in one reply or replay: half of what a default DeviceHive's message bus carries
 * (PROTOCOL.md 0.1, 7).
 */
export const mostReplyBytes = 500 * 1024;

/** The field of each action that travels over the server's message bus and may be large. */
const bulky: Readonly<Record<string, string>> = {
  'command/insert': 'command',
  'command/update': 'command',
  'notification/insert': 'notification',
};

/**
 * Returns a sentence that says how a request's payload is too large for the message bus, or undefined where it fits.
 * Measures only actions with a field that may be large.
 */
export function largeProblem(action: string, payload: Frame): string | undefined {
  const field = own(bulky, action);
  if (field === undefined) return undefined;
  const bytes = Buffer.byteLength(JSON.stringify(own(payload, field) ?? null));
  if (bytes <= maxMessageBytes) return undefined;
  return `the ${field} of ${action} takes ${bytes} bytes, more than ${maxMessageBytes} (900 KiB)`;
}

/**
 * Start of the embedded server's warning about a request that would have stopped a real one (PROTOCOL.md 7, Q41 to
 * Q43).
 */
export const harmStart = 'a real DeviceHive would have stopped here: ';
