import type { Clock } from '../clock.ts';
import type { Harms } from '../harm/harms.ts';
import { UnreadConnections } from '../harm/unreadConnections.ts';
import type { SharedText } from '../sharedText.ts';

/** A connection whose unsent bytes can be seen and that can be ended. */
export interface Outlet {
  /** Bytes that wait to be sent. */
  unsentBytes(): number;
  /** Those of them that wait nowhere else: without texts that are shared. */
  ownBytes(): number;
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
  /** All clients together: 512 MiB. Those with the most waiting are cut off beyond it, until three quarters are left. */
  readonly totalBytes: number;
  /** How long a client that is dropped has to read that it is: 500 ms. */
  readonly graceMs: number;
}

/** The limits of a server that is told no others. */
export const sendLimits: SendLimits = {
  patientBytes: 512 * 1024,
  patienceMs: 10_000,
  clientBytes: 64 * 1024 * 1024,
  totalBytes: 512 * 1024 * 1024,
  graceMs: 500,
};

/** How often it is looked at what waits. */
const lookEveryMs = 1000;

/** Gives up clients that do not read, so that they cost nobody else anything (PROTOCOL.md 7, Q42). */
export class SlowReaders {
  readonly #clock: Clock;
  readonly #limits: SendLimits;
  readonly #since = new Map<Outlet, number>();
  /** What waited at each outlet when it was last looked at: it only gets less unnoticed. */
  readonly #waiting = new Map<Outlet, number>();
  #ownBytes = 0;
  #sharedBytes = 0;
  #isWatching = false;
  readonly #unread: UnreadConnections<Outlet>;

  constructor(clock: Clock, limits: SendLimits, harms: Harms) {
    this.#clock = clock;
    this.#limits = limits;
    this.#unread = new UnreadConnections(harms);
  }

  /** To be called before something is given to a connection to send: false, and the client dropped, where too much waits already. */
  hasRoom(outlet: Outlet): boolean {
    if (outlet.unsentBytes() <= this.#limits.clientBytes) return true;
    this.#giveUp(outlet);
    return false;
  }

  /** To be called when something was given to a connection to send. */
  watch(outlet: Outlet): void {
    const unsent = outlet.unsentBytes();
    if (unsent === 0) return;
    if (unsent > this.#limits.patientBytes) this.#noteMuch(outlet);
    this.#note(outlet);
    if (this.#ownBytes + this.#sharedBytes > this.#limits.totalBytes) this.#relieve();
  }

  /** A shared text waits at one connection more. */
  hold(shared: SharedText): void {
    if (shared.waiting++ === 0) this.#sharedBytes += shared.bytes.length;
  }

  /** A shared text was sent, or never will be. */
  release(shared: SharedText): void {
    if (--shared.waiting === 0) this.#sharedBytes -= shared.bytes.length;
  }

  forget(outlet: Outlet): void {
    this.#since.delete(outlet);
    this.#unread.forget(outlet);
    this.#ownBytes -= this.#waiting.get(outlet) ?? 0;
    this.#waiting.delete(outlet);
  }

  #noteMuch(outlet: Outlet): void {
    const nowMs = this.#clock.now();
    this.#unread.note(outlet, nowMs);
    if (this.#since.has(outlet)) return;
    this.#since.set(outlet, nowMs);
    this.#keepWatching();
  }

  #note(outlet: Outlet): void {
    const own = outlet.ownBytes();
    this.#ownBytes += own - (this.#waiting.get(outlet) ?? 0);
    this.#waiting.set(outlet, own);
  }

  /** Looks at what really waits, and makes room where that is too much. */
  #relieve(): void {
    for (const outlet of [...this.#waiting.keys()]) {
      if (outlet.unsentBytes() === 0) this.forget(outlet);
      else this.#note(outlet);
    }
    if (this.#ownBytes + this.#sharedBytes <= this.#limits.totalBytes) return;
    const slowest = [...this.#waiting.keys()].sort((one, other) => other.unsentBytes() - one.unsentBytes());
    for (const outlet of slowest) {
      if (this.#ownBytes + this.#sharedBytes <= this.#limits.totalBytes * 0.75) return;
      this.forget(outlet);
      outlet.cut();
    }
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
