import { spawn } from 'node:child_process';
import {
  cli,
  judged,
  measure,
  median,
  node,
  peerFile,
  setting,
  started,
  type Candidate,
  type Figures,
} from './measure.ts';

const runs = Number(process.env['RUNS'] ?? 40);

/** A limit on a ratio to bare `node -e 0`. */
interface Limit {
  readonly name: string;
  readonly figure: keyof Figures;
  readonly most: number;
}

const limits: readonly Limit[] = [
  { name: '--version', figure: 'wallMs', most: 1.35 },
  { name: '--help', figure: 'wallMs', most: 1.35 },
  { name: 'usage error', figure: 'wallMs', most: 1.35 },
  { name: 'command update', figure: 'wallMs', most: 1.85 },
  { name: 'command update', figure: 'cpuMs', most: 1.9 },
  { name: 'command update', figure: 'peakMiB', most: 1.22 },
];

/** Measures start-up and a `command update` as whole processes, as ratios to bare `node -e 0` in the same run. */
export async function startup(): Promise<boolean> {
  using place = setting();
  const readyFile = place.file('ready.json');
  const server = await started([node, cli, 'server', 'start', '--ready-file', readyFile], readyFile, place.env);
  try {
    const { url = '', accessToken = '' } = server.ready;
    const env = { ...place.env, DEVICEHIVE_URL: url, DEVICEHIVE_TOKEN: accessToken };
    const update = ['command', 'update', '--device', 'd1', '--id', '42', '--status', 'done'];
    const candidates: readonly Candidate[] = [
      { name: 'node -e 0', argv: [node, '-e', '0'] },
      { name: '--version', argv: [node, cli, '--version'] },
      { name: '--help', argv: [node, cli, '--help'] },
      { name: 'usage error', argv: [node, cli, 'command', 'update', '--id', '0'], exit: 2 },
      { name: 'command update', argv: [node, cli, ...update] },
      { name: 'by hand with ws', argv: [node, peerFile('update.cjs'), url, accessToken] },
    ];
    return told(measure(candidates, runs, env));
  } finally {
    await server.stop();
  }
}

function told(figures: ReadonlyMap<string, Figures>): boolean {
  const bare = figures.get('node -e 0');
  if (bare === undefined) return false;
  console.log(`medians of ${runs} interleaved runs; ratios over node -e 0`);
  for (const [name, { wallMs, cpuMs, peakMiB }] of figures) {
    const ratio = (value: number, base: number) => `${(value / base).toFixed(2)} ×`;
    console.log(
      `${name.padEnd(18)} wall ${wallMs.toFixed(1).padStart(6)} ms ${ratio(wallMs, bare.wallMs)}   cpu ${cpuMs.toFixed(1).padStart(6)} ms ${ratio(cpuMs, bare.cpuMs)}   peak ${peakMiB.toFixed(1)} MiB ${ratio(peakMiB, bare.peakMiB)}`,
    );
  }
  const byHand = figures.get('by hand with ws')?.wallMs ?? 0;
  const main = figures.get('command update')?.wallMs ?? Number.NaN;
  const checks = limits.map(({ name, figure, most }) =>
    judged(`${name} ${figure}`, (figures.get(name)?.[figure] ?? Number.NaN) / bare[figure], { most }),
  );
  return [...checks, judged('command update over the script by hand', main / byHand, { most: 1 })].every((ok) => ok);
}

/** Measures the time from process start to the ready line of `server start`, in turn with bare `node -e 0`. */
export async function serverStart(): Promise<boolean> {
  using place = setting();
  const bare: number[] = [];
  const ready: number[] = [];
  for (let run = -2; run < runs; run++) {
    const times = [await toExit(['-e', '0'], place.env), await toReady(place.env)] as const;
    if (run < 0) continue;
    bare.push(times[0]);
    ready.push(times[1]);
  }
  console.log(`server start to ready: ${median(ready).toFixed(1)} ms, node -e 0: ${median(bare).toFixed(1)} ms`);
  return judged('server start to ready', median(ready) / median(bare), { most: 2.2 });
}

function toExit(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const start = performance.now();
  const child = spawn(node, argv, { env, stdio: 'ignore' });
  return new Promise((resolve) => child.once('exit', () => resolve(performance.now() - start)));
}

async function toReady(env: NodeJS.ProcessEnv): Promise<number> {
  const start = performance.now();
  const child = spawn(node, [cli, 'server', 'start', '--json'], { env, stdio: ['ignore', 'pipe', 'ignore'] });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  const readyMs = performance.now() - start;
  child.kill('SIGTERM');
  await new Promise((resolve) => child.once('exit', resolve));
  return readyMs;
}
