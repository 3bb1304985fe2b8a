import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { constants } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import type { Frame } from '../../protocol/frames.ts';

/** What one run of a program came to. */
export interface ShellEnd {
  /** As a shell has it: 128 and the signal's number where a signal ended it, 127 where there is no such program. */
  readonly exitCode: number;
  readonly signal: NodeJS.Signals | null;
  readonly output: Buffer;
  /** Whether more came than was kept. */
  readonly isCut: boolean;
  /** Why it could not be started. */
  readonly problem: string | undefined;
}

/** Far more than any result may take. */
const maxOutputBytes = 16 * 1024 * 1024;
/** How long a program that was told to end may take. */
const graceMs = 10_000;

/** One run of a shell's command, which reads a command of DeviceHive as JSON on its stdin; what it says on stderr goes to ours. */
export class ShellRun {
  readonly ended: Promise<ShellEnd>;
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  #killTimer: NodeJS.Timeout | undefined;

  constructor(shellCommand: string, command: Frame) {
    const env = {
      ...process.env,
      DEVICEHIVE_DEVICE: String(command['deviceId']),
      DEVICEHIVE_COMMAND: typeof command['command'] === 'string' ? command['command'] : '',
      DEVICEHIVE_COMMAND_ID: String(command['id']),
    };
    // A process group of its own: a signal then reaches what the shell started too, and once, not also from the terminal.
    const detached = process.platform !== 'win32';
    this.#child = spawn(shellCommand, { shell: true, detached, env, stdio: ['pipe', 'pipe', 'inherit'] });
    this.ended = this.#end();
    // A program need not read what it is given.
    this.#child.stdin.on('error', () => undefined);
    this.#child.stdin.end(`${JSON.stringify(command)}\n`);
  }

  /** Passes a signal on; what does not end within 10 s, or when a second signal forces this process to end, is killed. */
  end(signal: NodeJS.Signals): void {
    this.#signal(signal);
    this.#killTimer ??= setTimeout(this.#kill, graceMs);
    for (const name of forcing) process.prependOnceListener(name, this.#kill);
  }

  #end(): Promise<ShellEnd> {
    const chunks: Buffer[] = [];
    let bytes = 0;
    let problem: string | undefined;
    this.#child.stdout.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= maxOutputBytes) chunks.push(chunk);
    });
    this.#child.on('error', (error) => (problem = error.message));
    return new Promise((resolve) => {
      this.#child.on('close', (code, signal) => {
        clearTimeout(this.#killTimer);
        for (const name of forcing) process.off(name, this.#kill);
        const exitCode = signal === null ? (code ?? 127) : 128 + constants.signals[signal];
        resolve({ exitCode, signal, output: Buffer.concat(chunks), isCut: bytes > maxOutputBytes, problem });
      });
    });
  }

  readonly #kill = (): void => this.#signal('SIGKILL');

  #signal(signal: NodeJS.Signals): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    try {
      if (process.platform === 'win32') this.#child.kill(signal);
      else process.kill(-pid, signal);
    } catch {
      // it has ended meanwhile
    }
  }
}

const forcing = ['SIGINT', 'SIGTERM'] as const;
