import type { Clock } from '../clock.ts';
import type { Harms } from '../harm/harms.ts';
import { UnreadConnections } from '../harm/unreadConnections.ts';

/** A connection whose unsent bytes can be seen and that can be ended. */
export interface Outlet {
  /** Bytes that wait to be sent. */
  unsentBytes(): number;
  /** Gives the client up with a close that says why; it is heard no more. */
  drop(): void;
  /** Ends the connection at once, and all that waits there. */
  cut(): void;
}

/** How much may wait to be sent to clients that do not read. */
export interface SendLimits {
  /** More than this may wait for `patienceMs`: 512 KiB and 10 s, as the real server means to do (PROTOCOL.md 1.5). */
  readonly patientBytes: number;
  readonly patienceMs: number;
  /** A client with more than this is dropped when there is more to say, without patience: 64 MiB. */
  readonly clientBytes: number;
  /** How long a client that is dropped has to read that it is: 500 ms. */
  readonly graceMs: number;
}

/** The limits of a server that is told no others. */
export const sendLimits: SendLimits = {
  patientBytes: 512 * 1024,
  patienceMs: 10_000,
  clientBytes: 64 * 1024 * 1024,
  graceMs: 500,
};

/** How often it is looked at what waits. */
const lookEveryMs = 1000;

/** Gives up clients that do not read, so that they cost nobody else anything (PROTOCOL.md 7, Q42). */
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
   * To be called before something is given to a connection to send. Drops the client and returns false if too much
   * waits.
   */
  hasRoom(outlet: Outlet): boolean {
    if (outlet.unsentBytes() <= this.#limits.clientBytes) return true;
    this.#giveUp(outlet);
    return false;
  }

  /** To be called when something was given to a connection to send. */
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

  /** Polite, but not for long: what waits there is kept no longer than the grace. */
  #giveUp(outlet: Outlet): void {
    this.#since.delete(outlet);
    outlet.drop();
    this.#clock.schedule(this.#limits.graceMs, () => outlet.cut());
  }
}
