import type { Clock } from '../clock.ts';
import type { Harms } from '../harm/harms.ts';
import { UnreadConnections } from '../harm/unreadConnections.ts';

/** A connection that can count its unsent bytes and can be ended. */
export interface Outlet {
  /** Bytes that wait to be sent. */
  unsentBytes(): number;
  /** Closes the connection with a code that says why; ignores the client from now on. */
  drop(): void;
  /** Ends the connection at once and discards its unsent bytes. */
  cut(): void;
}

/** How many bytes may wait for a client that does not read. */
export interface SendLimits {
  /**
   * More bytes than this may wait for `patienceMs` only. Default 512 KiB and 10 s, as the real server intends
   * (PROTOCOL.md 1.5).
   */
  readonly patientBytes: number;
  readonly patienceMs: number;
  /** A client with more unsent bytes than this is dropped at the next send. Default 64 MiB. */
  readonly clientBytes: number;
  /** How long a dropped client has to read its close frame. Default 500 ms. */
  readonly graceMs: number;
}

/** The default limits. */
export const sendLimits: SendLimits = {
  patientBytes: 512 * 1024,
  patienceMs: 10_000,
  clientBytes: 64 * 1024 * 1024,
  graceMs: 500,
};

/** How often unsent bytes are checked. */
const lookEveryMs = 1000;

/** Drops clients that do not read, so that they cost the others nothing (PROTOCOL.md 7, Q42). */
export class SlowReaders {
  readonly #clock: Clock;
  readonly #limits: SendLimits;
  readonly #since = new Map<Outlet, number>();
  #isWatching = false;
  readonly #unread: UnreadConnections<Outlet>;

  constructor(clock: Clock, limits: SendLimits, harms: Harms) {
    this.#clock = clock;
    this.#limits = limits;
    this.#unread = new UnreadConnections(harms);
  }

  /**
   * Call this before giving a connection something to send. Drops the client and returns false if too much is unsent.
   */
  hasRoom(outlet: Outlet): boolean {
    if (outlet.unsentBytes() <= this.#limits.clientBytes) return true;
    this.#giveUp(outlet);
    return false;
  }

  /** Call this after giving a connection something to send. */
  watch(outlet: Outlet): void {
    if (outlet.unsentBytes() <= this.#limits.patientBytes) return;
    const nowMs = this.#clock.now();
    this.#unread.note(outlet, nowMs);
    if (this.#since.has(outlet)) return;
    this.#since.set(outlet, nowMs);
    this.#keepWatching();
  }

  forget(outlet: Outlet): void {
    this.#since.delete(outlet);
    this.#unread.forget(outlet);
  }

  #keepWatching(): void {
    if (this.#isWatching) return;
    this.#isWatching = true;
    const dueMs = this.#clock.now() + lookEveryMs;
    this.#clock.schedule(lookEveryMs, () => {
      this.#isWatching = false;
      this.#look(dueMs);
      if (this.#since.size > 0) this.#keepWatching();
    });
  }

  #look(dueMs: number): void {
    const nowMs = this.#clock.now();
    if (nowMs - dueMs > lookEveryMs / 4) this.#unread.restart(nowMs);
    for (const outlet of this.#unread.look(nowMs)) this.#giveUp(outlet);
    for (const [outlet, sinceMs] of this.#since) {
      if (outlet.unsentBytes() <= this.#limits.patientBytes) this.#since.delete(outlet);
      else if (nowMs - sinceMs >= this.#limits.patienceMs) this.#giveUp(outlet);
    }
  }

  /** Closes politely, then cuts the connection after the grace period, which also frees its unsent bytes. */
  #giveUp(outlet: Outlet): void {
    this.#since.delete(outlet);
    outlet.drop();
    this.#clock.schedule(this.#limits.graceMs, () => outlet.cut());
  }
}
