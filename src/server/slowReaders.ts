import type { Clock } from './clock.ts';

/** A connection whose unsent bytes can be seen and that can be ended. */
export interface Outlet {
  /** Bytes that wait to be sent. */
  unsentBytes(): number;
  /** Gives the client up. */
  drop(): void;
}

/** How much may wait to be sent, and for how long it may be more than that; the real server means to do the same (protocol.md 1.5). */
export const maxUnsentBytes = 512 * 1024;
/** How long a client may leave its pushes unread, in ms (protocol.md 1.5). */
export const patienceMs = 10_000;

/** What may wait at the very most: no patience beyond it. */
const hardLimitBytes = 64 * 1024 * 1024;

/** Gives up clients that do not read, so that they cost nobody else anything (protocol.md 7, Q42). */
export class SlowReaders {
  readonly #clock: Clock;
  readonly #since = new Map<Outlet, number>();
  #isWatching = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** To be called when something was given to a connection to send. */
  watch(outlet: Outlet): void {
    const unsent = outlet.unsentBytes();
    if (unsent > hardLimitBytes) outlet.drop();
    else if (unsent > maxUnsentBytes && !this.#since.has(outlet)) {
      this.#since.set(outlet, this.#clock.now());
      this.#keepWatching();
    }
  }

  forget(outlet: Outlet): void {
    this.#since.delete(outlet);
  }

  #keepWatching(): void {
    if (this.#isWatching) return;
    this.#isWatching = true;
    this.#clock.schedule(1000, () => {
      this.#isWatching = false;
      this.#look();
      if (this.#since.size > 0) this.#keepWatching();
    });
  }

  #look(): void {
    const nowMs = this.#clock.now();
    for (const [outlet, sinceMs] of this.#since) {
      if (outlet.unsentBytes() <= maxUnsentBytes) this.#since.delete(outlet);
      else if (nowMs - sinceMs >= patienceMs) {
        this.#since.delete(outlet);
        outlet.drop();
      }
    }
  }
}
