import type { RunClock, Timer } from '../../src/simulate/engine/clock.ts';

interface Entry {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
}

/** Time that passes when it is told to. */
export class VirtualClock implements RunClock {
  #nowMs: number;
  #entries: Entry[] = [];
  #order = 0;
  /** How often a timer has rung. */
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

  /** Lets time pass; between two timers everything that was promised happens. */
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

  /** Lets time pass where nothing is promised. */
  passNow(ms: number): void {
    const endMs = this.#nowMs + ms;
    for (let next = this.#next(endMs); next !== undefined; next = this.#next(endMs)) this.#ring(next);
    this.#nowMs = endMs;
  }

  /** Time passes while the process does nothing: timers ring late. */
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

/** Lets everything happen that does not wait for time. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
}
