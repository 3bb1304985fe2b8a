import { fileURLToPath } from 'node:url';
import type { Failure } from '../../src/errors.ts';
import type { Io } from '../../src/cli/terminal/io.ts';

/** Streams and environment without terminals and servers, which record their output. */
export class FakeIo implements Io {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd = fileURLToPath(new URL('.', import.meta.url));
  readonly stdinIsTerminal = false;
  readonly stdoutIsTerminal = false;
  readonly stderrIsTerminal = false;
  readonly signal = new AbortController().signal;
  readonly warnings: string[] = [];
  readonly objections: Failure[] = [];
  stdout = '';
  stderr = '';
  aside?: (say: () => void) => void;
  readonly #stdin: string;

  constructor({ env = {}, stdin = '' }: { env?: Readonly<Record<string, string>>; stdin?: string } = {}) {
    this.env = env;
    this.#stdin = stdin;
  }

  readStdin(): Promise<string> {
    return Promise.resolve(this.#stdin);
  }

  out(text: string): void {
    this.stdout += text;
  }

  err(text: string): void {
    this.stderr += text;
  }

  log(text: string): void {
    this.err(`${text}\n`);
  }

  note(text: string): void {
    this.err(`${text}\n`);
  }

  warn(text: string): void {
    this.warnings.push(text);
  }

  danger(text: string): void {
    if (!this.warnings.includes(text)) this.warn(text);
  }

  progress(text: string): void {
    this.note(text);
  }

  busy(): () => void {
    return () => undefined;
  }

  object(failure: Failure): void {
    this.objections.push(failure);
  }
}
