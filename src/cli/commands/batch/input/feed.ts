import type { Input } from '../../../terminal/input.ts';
import type { LineSplitter } from '../../../terminal/lineSplitter.ts';
import type { InvalidLine, LineRequest } from './requestLine.ts';
import type { Sleeper } from '../sleeper.ts';
import type { Source } from './source.ts';

/** An input, how it is split and read, and the sleeper to wake for more of it. */
interface FeedParts {
  readonly input: Input;
  readonly lines: LineSplitter;
  readonly source: Source;
  readonly sleeper: Sleeper;
  readonly onFailure: (error: unknown) => void;
}

/** The requests of an input; it is read only on demand. */
export class Feed {
  readonly #input: Input;
  readonly #lines: LineSplitter;
  readonly #source: Source;
  readonly #sleeper: Sleeper;
  readonly #onFailure: (error: unknown) => void;
  #isReading = false;
  #arrived: Buffer | undefined;
  #isOver = false;
  /** True if no more bytes come; lines may still be left. */
  hasEnded = false;

  constructor({ input, lines, source, sleeper, onFailure }: FeedParts) {
    this.#input = input;
    this.#lines = lines;
    this.#source = source;
    this.#sleeper = sleeper;
    this.#onFailure = onFailure;
  }

  get isFile(): boolean {
    return this.#input.size !== undefined;
  }

  get line(): number {
    return this.#source.line;
  }

  next(): boolean {
    return this.#source.next();
  }

  read(): LineRequest | InvalidLine {
    return this.#source.read();
  }

  /**
   * Takes the next bytes, or sleeps until they come, something else happens, or `ms` are over. Call it only after
   * `next` has returned false.
   */
  async more(ms = 0): Promise<void> {
    this.#startReading();
    if (this.#arrived === undefined && !this.#isOver) await this.#sleeper.sleep(ms);
    const arrived = this.#arrived;
    this.#arrived = undefined;
    if (arrived !== undefined) this.#lines.push(arrived);
    else if (this.#isOver) this.#end();
  }

  #startReading(): void {
    if (this.#isReading || this.#isOver || this.#arrived !== undefined) return;
    this.#isReading = true;
    void this.#input.read().then(this.#onChunk, this.#onFailure);
  }

  readonly #onChunk = (chunk: Buffer | undefined): void => {
    this.#isReading = false;
    this.#arrived = chunk;
    this.#isOver = chunk === undefined;
    this.#sleeper.wake();
  };

  #end(): void {
    this.hasEnded = true;
    this.#lines.end();
    this.#source.end();
  }
}
