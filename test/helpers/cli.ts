import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { assertHarms, harmsIn, type ExpectedHarms } from './harms.ts';

/** The path of the built program, as a user runs it. */
export const bin = fileURLToPath(new URL('../../dist/devicehive.cjs', import.meta.url));

/** A run that takes longer is killed, so that it fails its test rather than the whole run. */
const longestRunMs = 60_000;

/** The outcome of a run: how it ended and what it printed. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

const homes = new Set<Home>();
process.once('exit', () => homes.forEach((home) => home[Symbol.dispose]()));

/** A home directory for the runs of one test file, so that nothing of this machine affects them. */
export class Home implements Disposable {
  readonly #running = new Set<ChildProcess>();
  readonly folder = mkdtempSync(join(tmpdir(), 'devicehive-test-'));
  readonly work = join(this.folder, 'work');

  constructor() {
    homes.add(this);
    mkdirSync(join(this.folder, 'run'), { mode: 0o700 });
    mkdirSync(this.work);
  }

  /** Returns the environment of a fresh machine: none of our variables, no terminal, no CI. */
  env(extra: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
    return {
      PATH: process.env['PATH'],
      HOME: this.folder,
      XDG_RUNTIME_DIR: join(this.folder, 'run'),
      XDG_CONFIG_HOME: join(this.folder, 'config'),
      XDG_CACHE_HOME: join(tmpdir(), `devicehive-test-cache-${process.getuid?.() ?? 'user'}`),
      ...(process.env['NODE_V8_COVERAGE'] === undefined ? {} : { NODE_V8_COVERAGE: process.env['NODE_V8_COVERAGE'] }),
      ...extra,
    };
  }

  /** Starts the program; it is killed with the home unless the caller ends it. */
  start(args: readonly string[], options?: RunOptions): ChildProcess {
    return this.spawn(process.execPath, [bin, ...args], options);
  }

  /** Starts any program; it is killed with the home unless the caller ends it. */
  spawn(file: string, args: readonly string[], options: RunOptions = {}): ChildProcess {
    const { env, cwd = this.work, detached = false } = options;
    const child = spawn(file, args, { env: this.env(env), cwd, stdio: 'pipe', detached });
    this.#running.add(child);
    child.once('exit', () => this.#running.delete(child));
    return child;
  }

  /** Runs the program to its end. */
  async run(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
    const child = this.start(args, options);
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(options.stdin ?? '');
    const watchdog = setTimeout(() => kill(child), longestRunMs);
    return ended(child, options.harms).finally(() => clearTimeout(watchdog));
  }

  [Symbol.dispose](): void {
    this.#running.forEach(kill);
    homes.delete(this);
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Kills a program and closes its pipes, which its own children might hold open. */
export function kill(child: ChildProcess): void {
  child.kill('SIGKILL');
  for (const pipe of child.stdio) pipe?.destroy();
}

/** Options of a run besides its arguments. */
export interface RunOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly stdin?: string;
  readonly cwd?: string;
  /** True for a process group of its own, so that what it leaves behind can be found. */
  readonly detached?: boolean;
  /** The harm that its embedded server expects to count; default: none. */
  readonly harms?: ExpectedHarms;
}

/** Collects a process's output until it ends. Rejects where its embedded server counted other harm than expected. */
export async function ended(child: ChildProcess, harms: ExpectedHarms = {}): Promise<Ended> {
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => stderr.push(chunk));
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exit, by) => resolve([exit, by]));
  });
  const said = Buffer.concat(stderr).toString();
  assertHarms(harmsIn(said), harms, said);
  return { code, signal, stdout: Buffer.concat(stdout).toString(), stderr: said };
}

/** Returns the error in the one line of JSON that `--json` promises for a failure. */
export function errorOf({ stderr }: Ended): Record<string, unknown> {
  const lines = stderr.trimEnd().split('\n');
  if (lines.length !== 1) throw new Error(`expected one line on stderr, got:\n${stderr}`);
  return (JSON.parse(lines[0] ?? '') as { error: Record<string, unknown> }).error;
}
