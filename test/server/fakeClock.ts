import type { Clock } from '../../src/server/clock.ts';

interface Planned {
  readonly at: number;
  readonly task: () => void;
}

/** A clock that stands still until a test moves it. */
export class FakeClock implements Clock {
  #nowMs = Date.UTC(2026, 10, 22, 22, 13, 45, 123);
  #planned: Planned[] = [];

  now(): number {
    return this.#nowMs;
  }

  schedule(delayMs: number, task: () => void): () => void {
    const planned = { at: this.#nowMs + delayMs, task };
    this.#planned.push(planned);
    return () => (this.#planned = this.#planned.filter((other) => other !== planned));
  }

  /** Moves on, and runs what falls due on the way. */
  advance(ms: number): void {
    const end = this.#nowMs + ms;
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      this.#planned = this.#planned.filter((other) => other !== next);
      this.#nowMs = next.at;
      next.task();
    }
    this.#nowMs = end;
  }

  #next(end: number): Planned | undefined {
    return this.#planned.filter(({ at }) => at <= end).sort((one, other) => one.at - other.at)[0];
  }
}
