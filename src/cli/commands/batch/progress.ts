import type { Io } from '../../terminal/io.ts';
import type { LineTally } from './tally.ts';

const everyMs = 200;
const clearLine = '\r\u001b[K';

/**
 * A line on the terminal that shows how far a batch is; nothing if nobody looks, or if outcomes go to the same
 * terminal.
 */
export class BatchProgress {
  readonly #io: Io;
  readonly #tally: LineTally;
  readonly #share: () => number | undefined;
  readonly #startMs = Date.now();
  readonly #timer: NodeJS.Timeout | undefined;
  #isShown = false;

  /** `share` is how much of the input was taken up, 0 to 1, where that is known. */
  constructor(tally: LineTally, share: () => number | undefined, isQuiet: boolean, io: Io) {
    this.#tally = tally;
    this.#share = share;
    this.#io = io;
    const { CI: ci = '', TERM: term = '' } = io.env;
    if (isQuiet || !io.stderrIsTerminal || io.stdoutIsTerminal || ci !== '' || term === 'dumb') return;
    this.#timer = setInterval(() => this.#show(), everyMs);
  }

  /** Takes the line away. */
  end(): void {
    clearInterval(this.#timer);
    if (this.#isShown) this.#io.err(clearLine);
  }

  #show(): void {
    this.#isShown = true;
    const share = this.#share();
    const rate = (this.#tally.total / (Date.now() - this.#startMs)) * 1000;
    const parts = [
      ...(share === undefined ? [] : [`${Math.floor(share * 100)} %`]),
      `${grouped(this.#tally.total)} lines`,
      `${grouped(rate)}/s`,
      this.#tally.trouble,
    ];
    this.#io.err(`${clearLine}${parts.filter((part) => part !== '').join('  ')}`);
  }
}

function grouped(number: number): string {
  return Math.round(number)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ' ');
}
