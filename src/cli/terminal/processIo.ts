import { fstatSync, statSync, writeSync } from 'node:fs';
import { Failure } from '../../errors.ts';
import { withoutUrlSecrets } from '../../protocol/urlSecrets.ts';
import { fileReason, maxTextBytes, utf8Text } from './files.ts';
import type { Io, Manner } from './io.ts';
import { safeLine } from './safeText.ts';
import { WaitLine, type Doing } from './waiting/waitLine.ts';
import { errText } from './wrapping.ts';

/** The signals that end a command; its terminal is closed with SIGHUP. */
const ending = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** How much of a log may wait for its reader. */
const maxLogBytes = 1024 * 1024;

/** How long the end waits for the reader of a log, in ms. */
const longestFlushMs = 500;

/**
 * The process's own streams and signals. Results go straight to the file descriptor: setting up `process.stdout` costs
 * half a millisecond.
 */
export class ProcessIo implements Io {
  readonly #process: NodeJS.Process;
  #manner: Manner;
  readonly #abort = new AbortController();
  readonly #dangers = new Set<string>();
  #held: { readonly text: string; readonly isWarning: boolean }[] = [];
  aside = (say: () => void): void => say();
  objection: Failure | undefined = undefined;
  #stdinTaken = false;
  #logs = 0;
  #dropped = 0;
  #waits: WaitLine | undefined;
  readonly #unflushed: Promise<void>[] = [];

  constructor(process: NodeJS.Process, manner: Manner) {
    this.#process = process;
    this.#manner = manner;
    for (const signal of ending) process.on(signal, this.#onSignal);
  }

  get env(): NodeJS.ProcessEnv {
    return this.#process.env;
  }

  /** A folder that was deleted meanwhile holds no project. */
  get cwd(): string {
    try {
      return this.#process.cwd();
    } catch {
      return '/';
    }
  }

  get stdinIsTerminal(): boolean {
    return isTerminal(this.#process, 0);
  }

  get stdoutIsTerminal(): boolean {
    return isTerminal(this.#process, 1);
  }

  get stderrIsTerminal(): boolean {
    return isTerminal(this.#process, 2);
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /**
   * The first signal lets the command clean up; a second one forces, unless it tells once more that the terminal is
   * gone: shells do.
   */
  readonly #onSignal = (signal: NodeJS.Signals): void => {
    if (this.#abort.signal.aborted && signal !== 'SIGHUP') {
      this.release();
      this.#process.kill(this.#process.pid, signal);
    }
    if (signal === 'SIGHUP') this.#loseTerminal();
    this.#abort.abort(signal);
  };

  /** Ignores errors of output that is still drawn during clean-up: nobody reads it any more. */
  #loseTerminal(): void {
    const { stdout, stderr } = this.#process;
    for (const stream of [stdout, stderr]) stream.on('error', () => undefined);
  }

  async readStdin(): Promise<string> {
    if (this.#stdinTaken) throw new Failure('invalid', 'cannot be read: stdin is taken by another flag');
    this.#stdinTaken = true;
    const { stdin } = this.#process;
    const stop = () => stdin.destroy(new Failure('interrupted', 'stopped while reading stdin; nothing was sent'));
    this.signal.addEventListener('abort', stop, { once: true });
    try {
      const chunks: Buffer[] = [];
      let bytes = 0;
      for await (const chunk of stdin) {
        bytes += (chunk as Buffer).length;
        if (bytes > maxTextBytes) throw new Failure('invalid', 'is too large: stdin holds more than 256 MiB');
        chunks.push(chunk as Buffer);
      }
      return utf8Text(Buffer.concat(chunks), 'stdin');
    } finally {
      this.signal.removeEventListener('abort', stop);
    }
  }

  out(text: string): void {
    this.#write(1, text);
  }

  err(text: string): void {
    this.aside(() => this.#write(2, text));
  }

  log(text: string): void {
    this.aside(() => this.#log(text));
  }

  #log(text: string): void {
    this.#waits?.clear();
    const { stderr } = this.#process;
    if (stderr.writableLength > maxLogBytes) {
      this.#dropped++;
      return;
    }
    if (this.#logs++ === 0) stderr.on('error', () => undefined);
    if (this.#dropped > 0) stderr.write(`(${this.#dropped} lines of this log were dropped: nobody read it)\n`);
    this.#dropped = 0;
    stderr.write(`${text}\n`);
  }

  /** A person is spoken to from now on: nothing is held back for an error in JSON. */
  speak(): void {
    this.#manner = { ...this.#manner, json: false };
  }

  note(text: string): void {
    if (!this.#manner.quiet) this.#tell(text, false);
  }

  warn(text: string): void {
    this.#tell(`warning: ${text}`, true);
  }

  danger(text: string): void {
    if (this.#dangers.has(text)) return;
    this.#dangers.add(text);
    this.warn(text);
  }

  progress(text: string): void {
    const { quiet, json } = this.#manner;
    if (!quiet && (!json || this.stderrIsTerminal)) this.err(`${errText(withoutUrlSecrets(safeLine(text)), this)}\n`);
  }

  busy(doing: Doing): () => void {
    if (this.#manner.quiet || !this.stderrIsTerminal) return () => undefined;
    this.#waits ??= this.#waitLine();
    return this.#waits.begin(doing);
  }

  #waitLine(): WaitLine {
    const { CI: ci = '', TERM: term = '' } = this.env;
    return new WaitLine({
      columns: () => this.#process.stderr.columns || 80,
      write: (text) => writeSync(2, text),
      say: (text) => this.progress(text),
      canDraw: ci === '' && term !== 'dumb',
    });
  }

  object(failure: Failure): void {
    this.objection ??= failure;
  }

  /** One line, whatever a server has put into it: none of its text may look like a message of ours. */
  #tell(said: string, isWarning: boolean): void {
    const text = withoutUrlSecrets(safeLine(said));
    if (this.#manner.json) this.#held.push({ text, isWarning });
    else this.err(`${errText(text, this)}\n`);
  }

  /** Returns the warnings held back for a failure in JSON; the notes are dropped. */
  takeWarnings(): string[] {
    const warnings = this.#held.filter(({ isWarning }) => isWarning).map(({ text }) => text);
    this.#held = [];
    return warnings;
  }

  /** Says what was held back and lets go of the signals. */
  release(): void {
    for (const { text } of this.#held.splice(0)) this.err(`${errText(text, this)}\n`);
    for (const signal of ending) this.#process.off(signal, this.#onSignal);
  }

  /** Settles when a slow reader has taken everything; at once where nothing waits. */
  async flushed(): Promise<void> {
    await Promise.all(this.#unflushed);
    if (this.#logs > 0 && this.#process.stderr.writableLength > 0) await this.#logFlushed();
  }

  /** A log that nobody reads holds up no end. */
  #logFlushed(): Promise<void> {
    return soon((done) => this.#process.stderr.write('', done));
  }

  /** A full pipe is left to the stream, which waits for its reader; a reader that is gone is no failure. */
  #write(descriptor: 1 | 2, text: string): void {
    this.#waits?.clear();
    let rest = Buffer.from(text);
    while (rest.length > 0) {
      if (this.#unflushed.length > 0) return this.#stream(descriptor, rest);
      try {
        rest = rest.subarray(writeSync(descriptor, rest));
      } catch (error) {
        if ((error as { code?: string }).code !== 'EAGAIN') return this.#notWritten(descriptor, error);
        return this.#stream(descriptor, rest);
      }
    }
  }

  #stream(descriptor: 1 | 2, rest: Buffer): void {
    const stream = descriptor === 1 ? this.#process.stdout : this.#process.stderr;
    stream.once('error', () => undefined);
    const written = (done: () => void) => stream.write(rest, done);
    this.#unflushed.push(descriptor === 1 ? new Promise((resolve) => written(() => resolve())) : soon(written));
  }

  /**
   * A result that cannot be written is a failure, unless its reader is just gone; a message that cannot be written
   * changes nothing.
   */
  #notWritten(descriptor: 1 | 2, error: unknown): void {
    const { code } = error as { code?: string };
    if (descriptor === 2 || code === 'EPIPE' || this.#abort.signal.reason === 'SIGHUP') return;
    throw new Failure('usage', `the result cannot be written to stdout: ${fileReason(error)}`, {
      hint: 'The request itself may have been carried out.',
      cause: error,
    });
  }
}

/** Settles when it is done, but waits for no more than half a second. */
function soon(start: (done: () => void) => void): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, longestFlushMs);
    start(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/**
 * Only a character device other than /dev/null can be a terminal; for those alone Node's own check is loaded, which
 * brings `net` with it.
 */
function isTerminal(process: NodeJS.Process, descriptor: number): boolean {
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isCharacterDevice() || stats.rdev === nullDevice()) return false;
    return process.getBuiltinModule('node:tty').isatty(descriptor);
  } catch {
    return false;
  }
}

function nullDevice(): number | undefined {
  return statSync('/dev/null', { throwIfNoEntry: false })?.rdev;
}
