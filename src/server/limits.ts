/**
 * The largest message or body that a client may send, in bytes: 100 MiB; a larger message closes its connection with
 * 1009, a larger body gets 413. The real server has no limit (PROTOCOL.md 1.5); this one shares the memory of its
 * process.
 */
export const maxRequestBytes = 100 * 1024 * 1024;

/**
 * How much one session may listen to: its subscriptions with their names, networks and device types. The real server
 * has no limit; this one shares the memory of its process.
 */
export const maxListening = 100_000;
