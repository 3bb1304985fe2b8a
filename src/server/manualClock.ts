import type { Clock } from './clock.ts';

interface Planned {
  readonly atMs: number;
  readonly task: () => void;
}

/** A clock that stands still until somebody moves it: what a server forgets after 120 s is gone at once. */
export class ManualClock implements Clock {
  #nowMs: number;
  #planned: Planned[] = [];

  /**
   * Starts at this time, in ms since 1970; by default now, because clients read the expiry of tokens by their own
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
   * Moves on by so many milliseconds, and runs what falls due on the way. Throws a RangeError for what is no time to
   * come.
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
