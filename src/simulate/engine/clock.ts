/** One timer that is set again and again. */
export interface Timer {
  /** Calls back once, `afterMs` from now, in place of any earlier setting. */
  set(afterMs: number): void;
  clear(): void;
}

/** The clock of a run; tests bring their own. */
export interface RunClock {
  /** Milliseconds of a clock that never goes back, with a fraction. */
  nowMs(): number;
  /** Milliseconds since 1970. */
  epochMs(): number;
  timer(run: () => void): Timer;
}

/** The clock of this machine. */
export const systemRunClock: RunClock = {
  nowMs: () => performance.now(),
  epochMs: () => Date.now(),
  timer: (run) => new SystemTimer(run),
};

class SystemTimer implements Timer {
  readonly #run: () => void;
  #timeout: NodeJS.Timeout | undefined;

  constructor(run: () => void) {
    this.#run = run;
  }

  set(afterMs: number): void {
    clearTimeout(this.#timeout);
    this.#timeout = setTimeout(this.#run, Math.max(afterMs, 1));
  }

  clear(): void {
    clearTimeout(this.#timeout);
  }
}
