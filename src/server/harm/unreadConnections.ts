import type { Harms } from './harms.ts';

/**
 * How much may wait for one client before a real server stands still: its pushes are written blocking (PROTOCOL.md 7,
 * Q42).
 */
const maxUnsentBytes = 2 * 1024 * 1024;

/** How long that may last. */
const patienceMs = 1000;

/** A connection whose unsent bytes can be seen. */
interface Unsent {
  unsentBytes(): number;
}

/** Notices clients that do not read what is pushed to them. Times are ms since 1970. */
export class UnreadConnections<Outlet extends Unsent> {
  readonly #harms: Harms;
  /** Since when too much waits at each; undefined once that is counted. */
  readonly #since = new Map<Outlet, number | undefined>();

  constructor(harms: Harms) {
    this.#harms = harms;
  }

  /** To be called when something was given to a connection to send. */
  note(outlet: Outlet, nowMs: number): void {
    if (outlet.unsentBytes() > maxUnsentBytes && !this.#since.has(outlet)) this.#since.set(outlet, nowMs);
  }

  forget(outlet: Outlet): void {
    this.#since.delete(outlet);
  }

  /** Begins anew: this process did nothing for a while, so that nobody could read. */
  restart(nowMs: number): void {
    for (const [outlet, sinceMs] of this.#since) if (sinceMs !== undefined) this.#since.set(outlet, nowMs);
  }

  /**
   * Counts each for which too much has waited for too long, once until it has read; returns those that a strict server
   * gives up.
   */
  look(nowMs: number): readonly Outlet[] {
    const unread = [...this.#since].filter(([outlet, sinceMs]) => {
      if (outlet.unsentBytes() <= maxUnsentBytes) this.#since.delete(outlet);
      return this.#since.has(outlet) && sinceMs !== undefined && nowMs - sinceMs > patienceMs;
    });
    for (const [outlet] of unread) {
      this.#since.set(outlet, undefined);
      const cause = `${outlet.unsentBytes()} bytes wait for a client that has not read for more than a second`;
      const instead = 'read all that is pushed, or unsubscribe';
      this.#harms.count({ kind: 'unread', action: 'push', cause, instead });
    }
    return this.#harms.isStrict ? unread.map(([outlet]) => outlet) : [];
  }
}
