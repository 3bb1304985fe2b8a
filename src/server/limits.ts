/**
 * The largest message or body that a client may send, in bytes: 4 MiB once it has logged in or brought a token, 1 MiB
 * before. A larger message closes its connection with 1009, a larger body gets 413. The real server has no limit
 * (PROTOCOL.md 1.5); this one shares the memory of its process, and everybody waits while it parses.
 */
export const maxRequestBytes = 4 * 1024 * 1024;

/** The same for clients that have not logged in. */
export const maxStrangerBytes = 1024 * 1024;

/** The most bytes of unfinished messages and bodies over all clients that have logged in: 256 MiB. */
export const maxArrivingBytes = 256 * 1024 * 1024;

/** The same over all clients that have not: 64 MiB. */
export const maxArrivingStrangerBytes = 64 * 1024 * 1024;

/** The most pieces in which a message may come; each takes memory of its own. */
export const maxFragments = 4096;

/**
 * How much one session may listen to: its subscriptions with their names, networks and device types. The real server
 * has no limit; this one shares the memory of its process.
 */
export const maxListening = 100_000;
