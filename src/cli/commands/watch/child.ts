import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { constants } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import type { Frame } from '../../../protocol/frames.ts';
import { own } from '../../../protocol/own.ts';

/** The result of one run of a program. */
export interface ShellEnd {
  /** As a shell has it: 128 and the signal's number where a signal ended it, 127 where there is no such program. */
  readonly exitCode: number;
  readonly signal: NodeJS.Signals | null;
  readonly output: Buffer;
  /** True if more came than was kept. */
  readonly isCut: boolean;
  /** Why it could not be started. */
  readonly problem: string | undefined;
}

/** Far more than any result may take. */
const maxOutputBytes = 16 * 1024 * 1024;
/** How long a program that was told to end may take. */
const graceMs = 10_000;

/**
 * One run of a shell's command, which reads a command of DeviceHive as JSON on its stdin; what it says on stderr goes
 * to ours.
 */
export class ShellRun {
  readonly ended: Promise<ShellEnd>;
  readonly #kill = (): void => this.#signal('SIGKILL');
  readonly #child: Child | undefined;
  #killTimer: NodeJS.Timeout | undefined;

  constructor(shellCommand: string, command: Frame) {
    try {
      this.#child = started(shellCommand, command);
    } catch (error) {
      this.ended = Promise.resolve(notStarted(error));
      return;
    }
    this.ended = ending(this.#child, this.#kill, () => clearTimeout(this.#killTimer));
  }

  /**
   * Passes a signal on; what does not end within 10 s, or when a second signal forces this process to end, is killed.
   */
  end(signal: NodeJS.Signals): void {
    this.#signal(signal);
    if (this.#child === undefined) return;
    this.#killTimer ??= setTimeout(this.#kill, graceMs);
    for (const name of forcing) process.prependOnceListener(name, this.#kill);
  }

  #signal(signal: NodeJS.Signals): void {
    const pid = this.#child?.pid;
    if (pid === undefined) return;
    try {
      if (process.platform === 'win32') this.#child?.kill(signal);
      else process.kill(-pid, signal);
    } catch {
      // it has ended meanwhile
    }
  }
}

const forcing = ['SIGINT', 'SIGTERM'] as const;

type Child = ChildProcessByStdio<Writable, Readable, null>;

function started(shellCommand: string, command: Frame): Child {
  const env = {
    ...process.env,
    DEVICEHIVE_DEVICE: String(command['deviceId']),
    DEVICEHIVE_COMMAND: typeof command['command'] === 'string' ? command['command'] : '',
    DEVICEHIVE_COMMAND_ID: String(command['id']),
  };
  // The program gets a process group, so that a signal reaches everything that the shell started, and only once, not
  // also from the terminal.
  const detached = process.platform !== 'win32';
  const child = spawn(shellCommand, { shell: true, detached, env, stdio: ['pipe', 'pipe', 'inherit'] });
  // A program need not read what it is given.
  child.stdin.on('error', () => undefined);
  child.stdin.end(`${JSON.stringify(command)}\n`);
  return child;
}

function ending(child: Child, kill: () => void, over: () => void): Promise<ShellEnd> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  let problem: string | undefined;
  child.stdout.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= maxOutputBytes) chunks.push(chunk);
  });
  child.on('error', (error) => (problem = error.message));
  return new Promise((resolve) => {
    child.on('close', (code, signal) => {
      over();
      for (const name of forcing) process.off(name, kill);
      const exitCode = signal === null ? (code ?? 127) : 128 + constants.signals[signal];
      resolve({ exitCode, signal, output: Buffer.concat(chunks), isCut: bytes > maxOutputBytes, problem });
    });
  });
}

/**
 * The sender of a command determines the environment: a value that no environment can hold fails that command alone.
 */
function notStarted(error: unknown): ShellEnd {
  const { code = '', message } = error as NodeJS.ErrnoException;
  const problem = own(unfit, code) ?? message;
  return { exitCode: 126, signal: null, output: Buffer.alloc(0), isCut: false, problem };
}

const unfit: Readonly<Record<string, string>> = {
  ERR_INVALID_ARG_VALUE: 'the name of the command or of the device holds a zero character, which no environment can',
  E2BIG: 'the name of the command or of the device is too long for the environment',
};
