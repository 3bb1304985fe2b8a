/** Lets one loop sleep; anything that changes its conditions calls `wake`. */
export class Sleeper {
  #resolve: (() => void) | undefined;
  #isWaking = false;

  /** Sleeps until woken, or at most so many ms where a number above 0 is given. */
  async sleep(ms = 0): Promise<void> {
    const timer = ms > 0 ? setTimeout(this.wake, ms) : undefined;
    await new Promise<void>((resolve) => (this.#resolve = resolve));
    clearTimeout(timer);
  }

  /** Wakes the sleeper after everything in this turn has happened. */
  readonly wake = (): void => {
    if (this.#resolve === undefined || this.#isWaking) return;
    this.#isWaking = true;
    process.nextTick(this.#rise);
  };

  readonly #rise = (): void => {
    this.#isWaking = false;
    const resolve = this.#resolve;
    this.#resolve = undefined;
    resolve?.();
  };
}
