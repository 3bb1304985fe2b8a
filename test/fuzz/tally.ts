/** What happened to the frames of one side. */
export class Tally {
  readonly side: string;
  frames = 0;
  /** Error replies, failed requests and closed connections: as it should be. */
  refused = 0;
  /** Anything that should not be: unexpected errors, and peers that no longer answer. */
  readonly crashes: string[] = [];
  readonly #startMs = performance.now();
  #lastMs = performance.now();

  constructor(side: string) {
    this.side = side;
  }

  crash(error: unknown): void {
    this.crashes.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
  }

  /** Prints how far it is, every five seconds. */
  progress(of: number): void {
    if (performance.now() - this.#lastMs < 5000) return;
    this.#lastMs = performance.now();
    console.error(`${this.side}: ${this.frames} of ${of} frames, ${this.crashes.length} crashes`);
  }

  row(): string {
    const seconds = ((performance.now() - this.#startMs) / 1000).toFixed(0);
    const cells = [this.frames, seconds, this.crashes.length, this.refused].map((cell) => String(cell).padStart(10));
    return `${this.side.padEnd(24)}${cells.join('')}`;
  }
}

/** The head of the table of tallies. */
export const tallyHead = `${'side'.padEnd(24)}${['frames', 'seconds', 'crashes', 'refused'].map((name) => name.padStart(10)).join('')}`;

/** Collects errors that nobody catches while `act` runs. */
export async function watched(tally: Tally, act: () => Promise<void>): Promise<void> {
  const note = (error: unknown) => tally.crash(error);
  process.on('uncaughtException', note).on('unhandledRejection', note);
  try {
    await act();
  } finally {
    process.off('uncaughtException', note).off('unhandledRejection', note);
  }
}

/** Resolves with undefined if the promise takes longer than this. */
export async function within<T>(promise: Promise<T>, ms: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => (timer = setTimeout(() => resolve(undefined), ms)));
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
