const mebibyte = 1024 * 1024;

/** V8's own. */
const usualFactor = 2;

/**
 * Keeps V8's space for young objects at 4 MiB. It starts with 1 MiB, which is too little: requests on their way would
 * count as old. And it would grow to 16 MiB, three times over, which is memory for nothing: what belongs to a request
 * does not outlive it. V8 looks at the flag each time it might grow. Short inputs never come that far; and while the
 * flag is not as usual, V8 takes no compiled code that was kept from before, so it is set late and put back.
 */
export class YoungGeneration {
  #checks = 0;
  #factor = usualFactor;

  /** To be called now and then, for the first time before there is much to do. */
  check(): void {
    if (++this.#checks === 1 || this.#factor === 1) return;
    const spaces = process.getBuiltinModule('node:v8').getHeapSpaceStatistics();
    const space = spaces.find(({ space_name: name }) => name === 'new_space');
    if (space !== undefined) this.#grow(factorFrom(space.space_size / mebibyte));
  }

  /** Puts the flag back: code that is kept at the end of the process bears V8's flags. */
  release(): void {
    this.#grow(usualFactor);
  }

  #grow(factor: number): void {
    if (factor === this.#factor) return;
    this.#factor = factor;
    process.getBuiltinModule('node:v8').setFlagsFromString(`--semi-space-growth-factor=${factor}`);
  }
}

/** How the space comes to 4 MiB from what it takes now: V8 keeps two halves of it. */
function factorFrom(takenMebibytes: number): number {
  if (takenMebibytes >= 6) return 1;
  return takenMebibytes >= 3 ? 2 : 4;
}
