import { Failure } from '../../errors.ts';
import { fileReason } from '../terminal/files.ts';
import { Sink } from '../terminal/sink.ts';

/** More unread lines than this mean a reader that is too slow: memory is finite, and the socket is never paused. */
const maxLines = 10_000;
const maxCharacters = 64 * 1024 * 1024;

/** How a stream of output ends before its time. */
export type StreamEnd = 'reader gone' | Failure;

/**
 * Standard output for an endless stream. Writing never waits, not even for a stopped terminal: unread output is kept,
 * up to a limit. `ended` is called once, when the reader is gone or too slow.
 */
export class PushStream {
  readonly #sink: Sink;
  /** Why output was lost. */
  #failure: Failure | undefined;

  constructor(ended: (why: StreamEnd) => void, beforeWrite: () => void) {
    const stream = process.stdout;
    // A terminal is written to synchronously by default, which would stop reading the socket.
    (stream as { _handle?: { setBlocking?: (isBlocking: boolean) => void } })._handle?.setBlocking?.(false);
    this.#sink = new Sink(stream, {
      beforeWrite,
      bound: { lines: maxLines, characters: maxCharacters, onSlow: (lines) => ended(this.#lost(tooSlow(lines))) },
      onGone: (why) => ended(why === 'reader gone' ? why : this.#lost(notWritten(why))),
    });
  }

  write(text: string): void {
    this.#sink.write(text);
  }

  /**
   * Settles when the reader has taken everything, is gone, or the signal comes. Returns the failure if output was lost,
   * even its last line.
   */
  async flushed(signal: AbortSignal): Promise<Failure | undefined> {
    if (signal.aborted) return this.#failure;
    const stopped = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    // what cannot be written was told to `ended`
    await Promise.race([this.#sink.drained().catch(() => undefined), stopped]);
    return this.#failure;
  }

  #lost(failure: Failure): Failure {
    this.#failure ??= failure;
    return failure;
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
