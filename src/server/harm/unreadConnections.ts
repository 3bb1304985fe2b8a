import type { Harms } from './harms.ts';

/**
 * A real server stops for all clients once more than this waits for one of them, because it writes pushes blocking
 * (PROTOCOL.md 7, Q42).
 */
const maxUnsentBytes = 2 * 1024 * 1024;

/** A client may stay above `maxUnsentBytes` for this long. */
const patienceMs = 1000;

/** A connection that can count its unsent bytes. */
interface Unsent {
  unsentBytes(): number;
}

/** Detects clients that do not read their pushes. Times are ms since 1970. */
export class UnreadConnections<Outlet extends Unsent> {
  readonly #harms: Harms;
  /** Since when too much has waited for each connection; undefined once that was counted. */
  readonly #since = new Map<Outlet, number | undefined>();

  constructor(harms: Harms) {
    this.#harms = harms;
  }

  /** Call this after giving a connection something to send. */
  note(outlet: Outlet, nowMs: number): void {
    if (outlet.unsentBytes() > maxUnsentBytes && !this.#since.has(outlet)) this.#since.set(outlet, nowMs);
  }

  forget(outlet: Outlet): void {
    this.#since.delete(outlet);
  }

  /** Restarts all waits, because this process was blocked and no client could read. */
  restart(nowMs: number): void {
    for (const [outlet, sinceMs] of this.#since) if (sinceMs !== undefined) this.#since.set(outlet, nowMs);
  }

  /**
   * Counts each connection for which too much has waited too long, once until it has caught up. Returns those that a
   * strict server should close.
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
