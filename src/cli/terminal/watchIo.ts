import type { Failure } from '../../errors.ts';
import type { Io } from './io.ts';
import type { Doing } from './waiting/waitLine.ts';

/**
 * The world of a watch that may connect more than once: stdin is read once, warnings are said once, and the signal is
 * the watch's own.
 */
export class WatchIo implements Io {
  readonly signal: AbortSignal;
  readonly #io: Io;
  readonly #write: (text: string) => void;
  readonly #warned = new Set<string>();
  #stdin: Promise<string> | undefined;

  constructor(io: Io, signal: AbortSignal, write: (text: string) => void) {
    this.#io = io;
    this.signal = signal;
    this.#write = write;
  }

  get env(): Io['env'] {
    return this.#io.env;
  }

  get cwd(): string {
    return this.#io.cwd;
  }

  get stdinIsTerminal(): boolean {
    return this.#io.stdinIsTerminal;
  }

  get stdoutIsTerminal(): boolean {
    return this.#io.stdoutIsTerminal;
  }

  get stderrIsTerminal(): boolean {
    return this.#io.stderrIsTerminal;
  }

  readStdin(): Promise<string> {
    this.#stdin ??= this.#io.readStdin();
    return this.#stdin;
  }

  out(text: string): void {
    this.#write(text);
  }

  err(text: string): void {
    this.#io.err(text);
  }

  log(text: string): void {
    this.#io.log(text);
  }

  note(text: string): void {
    this.#io.note(text);
  }

  warn(text: string): void {
    if (this.#warned.has(text)) return;
    this.#warned.add(text);
    this.#io.warn(text);
  }

  danger(text: string): void {
    this.#io.danger(text);
  }

  progress(text: string): void {
    this.#io.progress(text);
  }

  busy(doing: Doing): () => void {
    return this.#io.busy(doing);
  }

  object(failure: Failure): void {
    this.#io.object(failure);
  }
}
