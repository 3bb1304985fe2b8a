import { Failure } from '../../errors.ts';
import type { Io } from './io.ts';

/** The world where nobody is asked and nothing is said, as while a shell completes; everything ends with the signal. */
export class QuietIo implements Io {
  readonly env: Io['env'];
  readonly cwd: string;
  readonly signal: AbortSignal;
  readonly stdinIsTerminal = false;
  readonly stdoutIsTerminal = false;
  readonly stderrIsTerminal = false;

  constructor({ env, cwd }: Pick<Io, 'env' | 'cwd'>, signal: AbortSignal) {
    this.env = env;
    this.cwd = cwd;
    this.signal = signal;
  }

  readStdin(): Promise<string> {
    return Promise.reject(new Failure('usage', 'stdin is the shell that asks'));
  }

  out(): void {}
  err(): void {}
  log(): void {}
  note(): void {}
  warn(): void {}
  danger(): void {}
  progress(): void {}
  busy(): () => void {
    return () => undefined;
  }
  object(): void {}
}
