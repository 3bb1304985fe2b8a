import type { RunClock, Timer } from '../../src/simulate/engine/clock.ts';

interface Entry {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
}

/** A clock that passes time on command. */
export class VirtualClock implements RunClock {
  #nowMs: number;
  #entries: Entry[] = [];
  #order = 0;
  /** How often a timer has fired. */
  rings = 0;

  constructor(startMs = 1000) {
    this.#nowMs = startMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  epochMs(): number {
    return 1_700_000_000_000 + this.#nowMs;
  }

  timer(run: () => void): Timer {
    let entry: Entry | undefined;
    const clear = () => {
      this.#entries = this.#entries.filter((other) => other !== entry);
    };
    return {
      clear,
      set: (afterMs) => {
        clear();
        entry = { atMs: this.#nowMs + Math.max(afterMs, 1), order: this.#order++, run };
        this.#entries.push(entry);
      },
    };
  }

  schedule(afterMs: number, run: () => void): () => void {
    const timer = this.timer(run);
    timer.set(afterMs);
    return () => timer.clear();
  }

  /** Lets time pass; between two timers, pending promises run. */
  async pass(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    for (;;) {
      await settled();
      const next = this.#next(endMs);
      if (next === undefined) break;
      this.#ring(next);
    }
    this.#nowMs = endMs;
    await settled();
  }

  /** Lets time pass without running promises. */
  passNow(ms: number): void {
    const endMs = this.#nowMs + ms;
    for (let next = this.#next(endMs); next !== undefined; next = this.#next(endMs)) this.#ring(next);
    this.#nowMs = endMs;
  }

  /** Lets time pass while the process is blocked: timers fire late. */
  freeze(ms: number): void {
    this.#nowMs += ms;
  }

  #next(endMs: number): Entry | undefined {
    const due = this.#entries.filter(({ atMs }) => atMs <= endMs);
    due.sort((one, other) => one.atMs - other.atMs || one.order - other.order);
    return due[0];
  }

  #ring(entry: Entry): void {
    this.#entries = this.#entries.filter((other) => other !== entry);
    this.#nowMs = Math.max(this.#nowMs, entry.atMs);
    this.rings++;
    entry.run();
  }
}

/** Runs everything that does not wait for time. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
}
