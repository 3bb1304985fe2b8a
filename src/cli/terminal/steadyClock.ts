import { uptime } from 'node:os';
import { nowMs } from '../../client/index.ts';

/** The two clocks of a machine are read one after the other: less than this, in ms, is no sleep. */
const toleranceMs = 2000;

/**
 * Measures spans as somebody in front of the machine would: nobody can set this clock, and it counts the time in which
 * the machine slept, which the monotonic clock of Linux leaves out and its uptime holds.
 */
export class SteadyClock {
  readonly #bootMs = uptimeMs() - nowMs();
  #sleptMs = 0;

  /** Milliseconds since an arbitrary moment, with a fraction. */
  nowMs(): number {
    const sleptMs = uptimeMs() - nowMs() - this.#bootMs;
    if (sleptMs - this.#sleptMs > toleranceMs) this.#sleptMs = sleptMs;
    return nowMs() + this.#sleptMs;
  }
}

function uptimeMs(): number {
  return uptime() * 1000;
}
