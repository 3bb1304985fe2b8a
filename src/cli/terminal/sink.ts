import { Failure } from '../../errors.ts';
import { fileReason } from './files.ts';

/**
 * Lines on their way to stdout, in blocks, one write at a time. A slow reader makes `pendingLength` grow, which stops
 * the reading of input; it never stops anything else. `Io.out` would wait for the reader, and with it the socket.
 */
export class Sink {
  readonly #stream: NodeJS.WriteStream;
  readonly #onRoom: () => void;
  readonly #prepare: (text: string) => string;
  #texts: string[] = [];
  #waitingLength = 0;
  #writingLength = 0;
  #isScheduled = false;
  #onIdle: (() => void) | undefined;
  #failure: Failure | undefined;
  /** Nobody reads any more. */
  isGone = false;

  constructor(stream: NodeJS.WriteStream, onRoom: () => void, prepare: (text: string) => string = (text) => text) {
    this.#stream = stream;
    this.#onRoom = onRoom;
    this.#prepare = prepare;
    stream.on('error', (error: Error & { code?: string }) => {
      this.isGone = true;
      if (error.code !== 'EPIPE') this.#failure = notWritten(error);
      this.#written();
    });
  }

  /** Characters that stdout has not taken yet. */
  get pendingLength(): number {
    return this.#waitingLength + this.#writingLength;
  }

  write(text: string): void {
    if (this.isGone) return;
    this.#texts.push(text);
    this.#waitingLength += text.length;
    if (this.#isScheduled || this.#writingLength > 0) return;
    this.#isScheduled = true;
    setImmediate(this.#flush);
  }

  /**
   * Settles when everything is written, or nobody reads any more. Throws a usage `Failure` where stdout cannot be
   * written.
   */
  async drained(): Promise<void> {
    if (this.pendingLength > 0 && !this.isGone) await new Promise<void>((resolve) => (this.#onIdle = resolve));
    if (this.#failure !== undefined) throw this.#failure;
  }

  readonly #flush = (): void => {
    this.#isScheduled = false;
    if (this.#texts.length === 0 || this.isGone) return;
    const text = this.#texts.join('');
    this.#texts = [];
    this.#writingLength = this.#waitingLength;
    this.#waitingLength = 0;
    this.#stream.write(this.#prepare(text), this.#written);
  };

  readonly #written = (): void => {
    this.#writingLength = 0;
    this.#flush();
    if (this.#writingLength === 0 || this.isGone) this.#onIdle?.();
    this.#onRoom();
  };
}

function notWritten(error: Error): Failure {
  return new Failure('usage', `cannot write to stdout: ${fileReason(error)}`, {
    hint: 'Write it elsewhere.',
    cause: error,
  });
}
