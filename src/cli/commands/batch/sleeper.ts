/** Lets one loop sleep; anything that changes its conditions calls `wake`. */
export class Sleeper {
  #resolve: (() => void) | undefined;
  #isWaking = false;

  /** Sleeps until woken, or at most `ms` if above 0. */
  async sleep(ms = 0): Promise<void> {
    const timer = ms > 0 ? setTimeout(this.wake, ms) : undefined;
    await new Promise<void>((resolve) => (this.#resolve = resolve));
    clearTimeout(timer);
  }

  /** Wakes the sleeper once the current turn of the event loop is done. */
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
