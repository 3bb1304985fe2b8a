import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { Socket } from 'node:net';
import { constants } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Frame } from '../../../protocol/frames.ts';
import { own } from '../../../protocol/own.ts';

/** The result of one run of a program. */
export interface ShellEnd {
  /** As a shell reports it: 128 + n if signal n ended it, 127 if the program does not exist. */
  readonly exitCode: number;
  readonly signal: NodeJS.Signals | null;
  readonly output: Buffer;
  /** The last lines of its stderr. */
  readonly lastWords: string;
  /** True if its output was longer than what is kept. */
  readonly isCut: boolean;
  /** Why it could not be started. */
  readonly problem: string | undefined;
}

/** The most bytes of stdout that are kept. */
const maxOutputBytes = 16 * 1024 * 1024;
/** How long a program may take to end when told to, in ms. */
const graceMs = 10_000;

/** The stdin and environment of one run of a program. */
export interface ShellInput {
  /** The command or notification, given on stdin as JSON. */
  readonly message: Frame;
  readonly env: NodeJS.ProcessEnv;
}

/** One run of a shell command, which gets a message of DeviceHive as JSON on stdin. Its stderr is passed on to ours. */
export class ShellRun {
  readonly ended: Promise<ShellEnd>;
  readonly #kill = (): void => this.#signal('SIGKILL');
  readonly #child: Child | undefined;
  #killTimer: NodeJS.Timeout | undefined;

  constructor(shellCommand: string, input: ShellInput) {
    try {
      this.#child = started(shellCommand, input);
    } catch (error) {
      this.ended = Promise.resolve(notStarted(error));
      return;
    }
    this.ended = ending(this.#child, this.#kill, () => clearTimeout(this.#killTimer));
  }

  /**
   * Passes a signal on. Kills the program if it does not end within 10 s, or when a second signal forces this process
   * to end.
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

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

function started(shellCommand: string, { message, env }: ShellInput): Child {
  // in a process group a signal reaches everything that the shell started, once, and none comes from the terminal
  const detached = process.platform !== 'win32';
  const child = spawn(shellCommand, { shell: true, detached, env, stdio: ['pipe', 'pipe', 'pipe'] });
  // a program need not read its stdin
  child.stdin.on('error', () => undefined);
  child.stdin.end(`${JSON.stringify(message)}\n`);
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
  const lastWords = passedOn(child.stderr);
  return new Promise((resolve) => {
    const end = async (code: number | null, signal: NodeJS.Signals | null) => {
      over();
      for (const name of forcing) process.off(name, kill);
      const exitCode = signal === null ? (code ?? 127) : 128 + constants.signals[signal];
      const isCut = bytes > maxOutputBytes;
      resolve({ exitCode, signal, output: Buffer.concat(chunks), isCut, problem, lastWords: await lastWords() });
    };
    whenOver(child, (code, signal) => void end(code, signal));
  });
}

/** Calls `over` when the program and its stdout have ended; processes that it left behind may keep its stderr open. */
function whenOver(child: Child, over: (code: number | null, signal: NodeJS.Signals | null) => void): void {
  let exit: [number | null, NodeJS.Signals | null] | undefined;
  let isRead = false;
  const check = () => {
    if (exit !== undefined && isRead) over(...exit);
  };
  child.once('exit', (...ended) => {
    exit = ended;
    check();
  });
  child.stdout.once('close', () => {
    isRead = true;
    check();
  });
  // a program that could not be started has no exit
  child.once('error', () => {
    if (child.pid === undefined) exit ??= [null, null];
    check();
  });
}

/** The most lines of stderr that a failed run repeats. */
const mostLines = 10;
const mostCharacters = 2000;
/** How long to wait for the rest of the stderr of an ended program, in ms. */
const handoverMs = 100;

/** Passes a program's stderr on to ours, at the pace of its reader. Returns a function for the last lines. */
function passedOn(stderr: Readable): () => Promise<string> {
  let text = '';
  const decoder = new StringDecoder('utf8');
  stderr.on('data', (chunk: Buffer) => {
    text = (text + decoder.write(chunk)).slice(-2 * mostCharacters);
    // our stderr has no reader any more: the program goes on all the same
    if (!process.stderr.writable || process.stderr.write(chunk)) return;
    stderr.pause();
    process.stderr.once('drain', () => stderr.resume());
  });
  const closed = new Promise<void>((resolve) => void stderr.once('close', () => resolve()));
  return async () => {
    await Promise.race([closed, sleep(handoverMs, undefined, { ref: false })]);
    // a program that goes on in the background must not keep this process
    if (stderr instanceof Socket) stderr.unref();
    return text.trimEnd().slice(-mostCharacters).split(/\r?\n/).slice(-mostLines).join('\n');
  };
}

/**
 * Returns the end of a program that could not be started. The sender of a command sets parts of the environment; a
 * value that is not allowed there fails that command only.
 */
function notStarted(error: unknown): ShellEnd {
  const { code = '', message } = error as NodeJS.ErrnoException;
  const problem = own(unfit, code) ?? message;
  return { exitCode: 126, signal: null, output: Buffer.alloc(0), lastWords: '', isCut: false, problem };
}

const unfit: Readonly<Record<string, string>> = {
  ERR_INVALID_ARG_VALUE: 'its name or that of its device holds a zero character, which no environment can',
  E2BIG: 'its name or that of its device is too long for the environment',
};
