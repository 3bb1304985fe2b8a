import { JsonText } from './reading/json.ts';
import { refuse } from './outcome.ts';

/** The largest message or body that a client may send, in bytes: 100 MiB; a larger message closes its connection with 1009, a larger body gets 413. The real server has no limit (PROTOCOL.md 1.5); this one shares the memory of its process. */
export const maxRequestBytes = 100 * 1024 * 1024;

/** A command or notification of this many bytes stops a default DeviceHive for everyone; this server refuses it instead (PROTOCOL.md 1.5, 7, Q43). */
export const maxMessageBytes = 1024 * 1024;

/** How much one session may listen to: its subscriptions with their names, networks and device types. The real server has no limit; this one shares the memory of its process. */
export const maxListening = 100_000;

/** Refuses with 413, a code of this server's own, what would be too large together. */
export function refuseOversize(what: string, ...parts: readonly (JsonText | string | null | undefined)[]): void {
  let bytes = 0;
  for (const part of parts) {
    const text = part instanceof JsonText ? part.text : (part ?? '');
    // three bytes are the most that a UTF-16 unit takes: short texts need no counting
    bytes += text.length * 3 < maxMessageBytes / 8 ? text.length : Buffer.byteLength(text);
  }
  if (bytes > maxMessageBytes) {
    refuse(413, `${what} of ${bytes} bytes is too large: a DeviceHive server stops working over more than about 1 MiB`);
  }
}
