import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the repository, the built program, and the node that runs everything. */
export const root = fileURLToPath(new URL('../..', import.meta.url));
export const cli = join(root, 'dist/devicehive.cjs');
export const node = process.execPath;

/** Returns the path of a peer: a program by hand to measure beside ours. */
export function peerFile(name: string): string {
  return join(root, 'test/bench/peers', name);
}

/** A command to measure as a whole process. */
export interface Candidate {
  readonly name: string;
  readonly argv: readonly string[];
  /** The exit code of a good run; default 0. */
  readonly exit?: number;
}

/** Medians of one candidate (of CPU time the mean); peak memory in MiB. */
export interface Figures {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly peakMiB: number;
}

/** The environment of measured processes: a home of their own, and nothing that slows Node's start. */
export interface Setting extends Disposable {
  readonly env: NodeJS.ProcessEnv;
  /** Returns the path of a file in the home. */
  file(name: string): string;
}

/** Creates a setting; disposing of it deletes the home. */
export function setting(): Setting {
  const home = mkdtempSync(join(tmpdir(), 'devicehive-bench-'));
  const { NODE_EXTRA_CA_CERTS: _certificates, NODE_OPTIONS: _options, ...rest } = process.env;
  const env = {
    ...rest,
    HOME: home,
    XDG_CACHE_HOME: home,
    XDG_CONFIG_HOME: home,
    XDG_RUNTIME_DIR: home,
    DEVICEHIVE_URL: undefined,
  };
  return {
    env,
    file: (name) => join(home, name),
    [Symbol.dispose]: () => rmSync(home, { recursive: true, force: true }),
  };
}

/**
 * Runs the candidates in turn, A B C A B C …, and returns the figures of each. CPU time is a mean, because the shell
 * rounds it to milliseconds. Throws if a run fails.
 */
export function measure(candidates: readonly Candidate[], runs: number, env: NodeJS.ProcessEnv): Map<string, Figures> {
  const samples = new Map(
    candidates.map(({ name }) => [name, { wall: [] as number[], cpu: [] as number[], peak: [] as number[] }]),
  );
  for (let run = -2; run < runs; run++) {
    for (const candidate of candidates) {
      const { wallMs, cpuMs } = timed(candidate, env);
      const own = samples.get(candidate.name);
      if (run < 0 || own === undefined) continue;
      own.wall.push(wallMs);
      own.cpu.push(cpuMs);
      if (run < 5) own.peak.push(peakMiB(candidate, env));
    }
  }
  return new Map(
    [...samples].map(([name, { wall, cpu, peak }]) => [
      name,
      { wallMs: median(wall), cpuMs: mean(cpu), peakMiB: median(peak) },
    ]),
  );
}

interface Timing {
  readonly wallMs: number;
  readonly cpuMs: number;
}

/**
 * Runs a candidate twice: once for wall time, once under a shell, which knows its child's CPU time to the millisecond.
 */
function timed({ name, argv, exit = 0 }: Candidate, env: NodeJS.ProcessEnv): Timing {
  const [command = '', ...rest] = argv;
  const start = performance.now();
  const { status } = spawnSync(command, rest, { env, stdio: 'ignore' });
  const wallMs = performance.now() - start;
  const script = 'TIMEFORMAT="%3U %3S"; time "$@" >/dev/null 2>/dev/null';
  const shell = spawnSync('bash', ['-c', script, 'bench', ...argv], {
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  for (const ended of [status, shell.status]) {
    if (ended !== exit) throw new Error(`${name} ended with ${String(ended)}, not ${exit}`);
  }
  const [user = 0, system = 0] = shell.stderr.trim().split('\n').at(-1)?.split(' ').map(Number) ?? [];
  return { wallMs, cpuMs: (user + system) * 1000 };
}

const peakHook = peerFile('peak.cjs');

/**
 * Returns the peak resident memory in MiB, as the process itself reports it at its end; the hook for that is the same
 * for every candidate.
 */
export function peakMiB({ argv }: Candidate, env: NodeJS.ProcessEnv): number {
  const [node = '', ...rest] = argv;
  const { output } = spawnSync(node, ['--require', peakHook, ...rest], {
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  return Number(output[3]) / 1024;
}

/** Prints a ratio with its limit. Returns whether the limit holds. */
export function judged(
  what: string,
  ratio: number,
  limit: { readonly most: number } | { readonly least: number },
): boolean {
  const ok = 'most' in limit ? ratio <= limit.most : ratio >= limit.least;
  const text = 'most' in limit ? `at most ${limit.most}` : `at least ${limit.least}`;
  console.log(`${ok ? 'ok  ' : 'MISS'} ${what}: ${ratio.toFixed(2)} × (${text} ×)`);
  return ok;
}

/** Returns the median; NaN for no values. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Starts a process and waits for its ready file. Returns the file's JSON and a function that stops the process. */
export async function started(
  argv: readonly string[],
  readyFile: string,
  env: NodeJS.ProcessEnv,
): Promise<{ ready: Record<string, string>; stop: () => Promise<void> }> {
  const [command = '', ...rest] = argv;
  const child = spawn(command, rest, { env, stdio: 'ignore' });
  for (;;) {
    try {
      return {
        ready: JSON.parse(readFileSync(readyFile, 'utf8')) as Record<string, string>,
        stop: () =>
          new Promise((resolve) => {
            child.once('exit', () => resolve());
            child.kill('SIGTERM');
          }),
      };
    } catch {
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}
