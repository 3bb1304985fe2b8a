import type { Io } from '../io.ts';
import { safeText } from '../safeText.ts';

/**
 * Outcome lines on their way to stdout, in blocks, one write at a time. A slow reader makes `pendingLength` grow, which stops the reading of
 * input; it never stops anything else. `Io.out` would wait for the reader, and with it the socket.
 */
export class Sink {
  readonly #stream: NodeJS.WriteStream;
  readonly #isTerminal: boolean;
  readonly #onRoom: () => void;
  #texts: string[] = [];
  #waitingLength = 0;
  #writingLength = 0;
  #isScheduled = false;
  #onIdle: (() => void) | undefined;
  #failure: Error | undefined;
  /** Nobody reads any more. */
  isGone = false;

  constructor(stream: NodeJS.WriteStream, io: Io, onRoom: () => void) {
    this.#stream = stream;
    this.#isTerminal = io.stdoutIsTerminal;
    this.#onRoom = onRoom;
    stream.on('error', (error: Error & { code?: string }) => {
      this.isGone = true;
      if (error.code !== 'EPIPE') this.#failure = error;
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

  /** Settles when everything is written, or nobody reads any more. Throws where stdout cannot be written. */
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
    this.#stream.write(this.#isTerminal ? safeText(text) : text, this.#written);
  };

  readonly #written = (): void => {
    this.#writingLength = 0;
    this.#flush();
    if (this.#writingLength === 0 || this.isGone) this.#onIdle?.();
    this.#onRoom();
  };
}
