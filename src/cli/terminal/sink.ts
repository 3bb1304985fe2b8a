import { Failure } from '../../errors.ts';
import { fileReason } from './files.ts';

/** How output deals with its reader. Without a bound, whoever writes asks for `pendingLength`, and waits. */
export interface SinkPolicy {
  /** Called whenever stdout has taken something. */
  readonly onRoom?: () => void;
  /** Makes the text of a block fit for the stream, such as a terminal. */
  readonly prepare?: (text: string) => string;
  /** Called instead of waiting when this much is unread, for writers that cannot wait; it ends the output. */
  readonly bound?: { readonly lines: number; readonly characters: number; readonly onSlow: (lines: number) => void };
  /** Called before stdout is written to, such as to make room on a terminal. */
  readonly beforeWrite?: () => void;
  /** Called when the stream can be written no more; nothing is written after that. */
  readonly onGone?: (why: 'reader gone' | Error) => void;
}

/**
 * Lines on their way to stdout, in blocks, one write at a time; the one owner of its back-pressure. Writing never
 * waits for the reader, and never pauses a socket, as `Io.out` would: a slow reader makes `pendingLength` grow.
 */
export class Sink {
  readonly #stream: NodeJS.WriteStream;
  readonly #policy: SinkPolicy;
  #texts: string[] = [];
  #waitingLength = 0;
  #writingLength = 0;
  #writingLines = 0;
  #isScheduled = false;
  #onIdle: (() => void) | undefined;
  #failure: Failure | undefined;
  /** True once nobody reads any more, or the output was ended as too slow. */
  isGone = false;

  constructor(stream: NodeJS.WriteStream, policy: SinkPolicy = {}) {
    this.#stream = stream;
    this.#policy = policy;
    stream.on('error', (error: Error & { code?: string }) => {
      const isReader = error.code === 'EPIPE' || error.code === 'EIO';
      if (!isReader) this.#failure = notWritten(error);
      this.#end(() => policy.onGone?.(isReader ? 'reader gone' : error));
    });
  }

  /** Characters that stdout has not taken yet. */
  get pendingLength(): number {
    return this.#waitingLength + this.#writingLength;
  }

  /** Texts that stdout has not taken yet. */
  get #pendingLines(): number {
    return this.#texts.length + this.#writingLines;
  }

  write(text: string): void {
    if (this.isGone) return;
    this.#texts.push(text);
    this.#waitingLength += text.length;
    const { bound } = this.#policy;
    if (bound !== undefined && this.#isOver(bound)) return this.#end(() => bound.onSlow(this.#pendingLines));
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

  #isOver({ lines, characters }: NonNullable<SinkPolicy['bound']>): boolean {
    return this.#pendingLines > lines || this.pendingLength > characters;
  }

  #end(tell: () => void): void {
    if (!this.isGone) {
      this.isGone = true;
      tell();
    }
    this.#written();
  }

  readonly #flush = (): void => {
    this.#isScheduled = false;
    if (this.#texts.length === 0 || this.isGone) return;
    const text = this.#texts.join('');
    this.#writingLines = this.#texts.length;
    this.#texts = [];
    this.#writingLength = this.#waitingLength;
    this.#waitingLength = 0;
    this.#policy.beforeWrite?.();
    this.#stream.write(this.#policy.prepare?.(text) ?? text, this.#written);
  };

  readonly #written = (): void => {
    this.#writingLength = 0;
    this.#writingLines = 0;
    this.#flush();
    if (this.#writingLength === 0 || this.isGone) this.#onIdle?.();
    this.#policy.onRoom?.();
  };
}

function notWritten(error: Error): Failure {
  return new Failure('usage', `cannot write to stdout: ${fileReason(error)}`, {
    hint: 'Write it elsewhere.',
    cause: error,
  });
}
