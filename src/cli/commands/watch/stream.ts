import { Failure } from '../../../errors.ts';
import { fileReason } from '../../terminal/files.ts';

/**
 * More unread output than this, and the reader is told to be too slow: memory is finite, and the socket is never
 * paused.
 */
const maxLines = 10_000;
const maxBytes = 64 * 1024 * 1024;

/** How a stream of output ends before its time. */
export type StreamEnd = 'reader gone' | Failure;

/**
 * Standard output for what comes without end. Writing never waits, not even for a terminal whose user stopped it: what
 * the reader has not taken is kept, up to a limit. `ended` is called once, when the reader is gone or too slow.
 */
export class WatchStream {
  readonly #stream = process.stdout;
  readonly #ended: (why: StreamEnd) => void;
  #lines = 0;
  #isOver = false;
  #idle: (() => void) | undefined;

  constructor(ended: (why: StreamEnd) => void) {
    this.#ended = ended;
    // A terminal is written to synchronously by default, which would stop reading the socket.
    (this.#stream as { _handle?: { setBlocking?: (isBlocking: boolean) => void } })._handle?.setBlocking?.(false);
    this.#stream.on('error', this.#onError);
  }

  write(text: string): void {
    if (this.#isOver) return;
    this.#lines++;
    this.#stream.write(text, () => {
      this.#lines--;
      if (this.#lines === 0) this.#idle?.();
    });
    if (this.#lines > maxLines || this.#stream.writableLength > maxBytes) this.#over(tooSlow(this.#lines));
  }

  /** Settles when the reader has taken everything, is gone, or the signal comes. */
  async flushed(signal: AbortSignal): Promise<void> {
    if (this.#lines === 0 || this.#isOver || signal.aborted) return;
    await new Promise<void>((resolve) => {
      this.#idle = resolve;
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }

  /** A reader that has gone has had enough: no failure. */
  readonly #onError = (error: Error & { readonly code?: string }): void => {
    this.#idle?.();
    const isGone = error.code === 'EPIPE' || error.code === 'EIO';
    this.#over(isGone ? 'reader gone' : notWritten(error));
  };

  #over(why: StreamEnd): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#idle?.();
    this.#ended(why);
  }
}

function notWritten(error: Error): Failure {
  return new Failure('usage', `the pushes cannot be written to stdout: ${fileReason(error)}`, {
    hint: 'Write them elsewhere.',
    cause: error,
  });
}

function tooSlow(lines: number): Failure {
  return new Failure('generator', `${lines} lines were waiting for the reader of the output; the rest is lost`, {
    hint: 'Read faster, write to a file, or watch less: one device, or some names only.',
  });
}
