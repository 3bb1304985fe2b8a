import type { Clock } from './clock.ts';

interface Planned {
  readonly atMs: number;
  readonly task: () => void;
}

/** A clock that stands still until it is advanced: tests see in no time what a server forgets after 120 s. */
export class ManualClock implements Clock {
  #nowMs: number;
  #planned: Planned[] = [];

  /**
   * Starts at `startMs`, in ms since 1970. Default: now, because clients compare the expiry of tokens with their own
   * clock.
   */
  constructor(startMs: number = Date.now()) {
    this.#nowMs = startMs;
  }

  now(): number {
    return this.#nowMs;
  }

  schedule(delayMs: number, task: () => void): () => void {
    const planned = { atMs: this.#nowMs + delayMs, task };
    this.#planned.push(planned);
    return () => (this.#planned = this.#planned.filter((other) => other !== planned));
  }

  /**
   * Advances the clock by `ms` and runs the tasks that fall due. Throws a RangeError for a negative or infinite `ms`.
   */
  advance(ms: number): void {
    if (!(ms >= 0 && ms < Infinity)) throw new RangeError(`a clock cannot advance by ${ms} ms`);
    const endMs = this.#nowMs + ms;
    for (let next = this.#next(endMs); next !== undefined; next = this.#next(endMs)) {
      this.#planned = this.#planned.filter((other) => other !== next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.task();
    }
    this.#nowMs = endMs;
  }

  #next(endMs: number): Planned | undefined {
    return this.#planned.filter(({ atMs }) => atMs <= endMs).sort((one, other) => one.atMs - other.atMs)[0];
  }
}
