import { execFileSync, fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { cli, judged, median, node, peerFile, setting, started, type Setting } from './measure.ts';

const runs = Number(process.env['FLEET_RUNS'] ?? 3);

/** The measurement starts this long after the last device is up. */
const settleMs = 3000;
/** How long the measurement takes. */
const windowMs = 5000;

/** Devices that each send a notification every `everyMs`, over this many sockets. */
interface Load {
  readonly devices: number;
  readonly sockets: number;
  readonly everyMs: number;
}

const paced: Load = { devices: 10_000, sockets: 10_000, everyMs: 10_000 };
const fast: Load = { devices: 8000, sockets: 8, everyMs: 80 };
/** The loads of one process and of two together: small enough for two cores that also run the server. */
const half: Load = { devices: 8000, sockets: 8, everyMs: 160 };
const whole: Load = { devices: 16_000, sockets: 16, everyMs: 160 };

/**
 * The cost of a message: a fleet's CPU time in µs for each acknowledged notification, and how many of those there were
 * per second.
 */
interface Cost {
  readonly microseconds: number;
  readonly perSecond: number;
}

/**
 * Measures the CPU time of a notification with its reply, in turn with a loop by hand that sends the same. Both talk to
 * a bare server that acknowledges everything and corks its writes.
 */
export async function fleetMessages(): Promise<boolean> {
  const slow = await inTurn(byHand(paced), simulated(paced));
  const full = await inTurn(byHand(fast), simulated(fast));
  return [
    toldCost('1000 messages a second over 10000 sockets', slow),
    toldCost('100000 messages a second over 8 sockets', full),
  ].every((ok) => ok);
}

/**
 * Measures how much more two processes carry than one, by the cost of a message. CPU time counts rather than
 * throughput, because the server shares the two cores.
 */
export async function fleetProcesses(): Promise<boolean> {
  const [one, two] = await inTurn(simulated(half), simulated(whole, '--processes', '2'));
  const cost = ({ microseconds, perSecond }: Cost) => `${microseconds.toFixed(2)} µs at ${perSecond.toFixed(0)}/s`;
  console.log(`fleet: CPU of a message: one process ${cost(one)}, two ${cost(two)}`);
  return judged('fleet: what two processes carry over one', (2 * one.microseconds) / two.microseconds, { least: 1.7 });
}

function toldCost(what: string, [bare, own]: readonly [Cost, Cost]): boolean {
  console.log(`fleet: ${what}: ${own.microseconds.toFixed(2)} µs each, by hand ${bare.microseconds.toFixed(2)} µs`);
  return judged(`fleet: CPU of ${what} over the loop by hand`, own.microseconds / bare.microseconds, { most: 2 });
}

/** Returns the command line of a fleet that plays a load on a server. */
type Fleet = (url: string, readyFile: string) => readonly string[];

function byHand({ devices, sockets, everyMs }: Load): Fleet {
  const numbers = [devices, sockets, everyMs].map(String);
  return (url, readyFile) => [node, peerFile('notify.cjs'), url, readyFile, ...numbers];
}

function simulated({ devices, sockets, everyMs }: Load, ...flags: string[]): Fleet {
  const connections = sockets === devices ? [] : ['--connections', String(sockets)];
  const notify = ['--notify', `temperature=walk(18,26,0.3) every ${everyMs}ms`];
  return (url, readyFile) => [
    ...[node, cli, 'simulate', 'run', '-q', '--url', url, '--ready-file', readyFile],
    ...['--devices', String(devices), ...connections, ...notify, ...flags],
  ];
}

/** Returns the medians of two fleets that run alternately, A B A B …. */
async function inTurn(first: Fleet, second: Fleet): Promise<readonly [Cost, Cost]> {
  using place = setting();
  const costs: readonly [Cost[], Cost[]] = [[], []];
  for (let run = 0; run < runs; run++) {
    costs[0].push(await costOf(first, place, `first-${run}.json`));
    costs[1].push(await costOf(second, place, `second-${run}.json`));
  }
  return [medianCost(costs[0]), medianCost(costs[1])];
}

function medianCost(costs: readonly Cost[]): Cost {
  return {
    microseconds: median(costs.map(({ microseconds }) => microseconds)),
    perSecond: median(costs.map(({ perSecond }) => perSecond)),
  };
}

/** Measures one run of a fleet on a fresh server. */
async function costOf(fleet: Fleet, place: Setting, name: string): Promise<Cost> {
  const peer = fork(peerFile('acknowledge.cjs'), { env: place.env });
  const { url = '' } = await told<{ url?: string }>(peer);
  const env = { ...place.env, DEVICEHIVE_TOKEN: 'any' };
  const { ready, stop } = await started(fleet(url, place.file(name)), place.file(name), env);
  await pause(settleMs);
  const pid = Number(ready['pid']);
  const before = { cpu: cpuMicroseconds(pid), count: await countOf(peer), atMs: performance.now() };
  await pause(windowMs);
  const cpu = cpuMicroseconds(pid) - before.cpu;
  const count = (await countOf(peer)) - before.count;
  const seconds = (performance.now() - before.atMs) / 1000;
  await stop();
  peer.disconnect();
  return { microseconds: cpu / count, perSecond: count / seconds };
}

async function countOf(peer: ChildProcess): Promise<number> {
  peer.send('count');
  return (await told<{ notifications: number }>(peer)).notifications;
}

async function told<Message>(peer: ChildProcess): Promise<Message> {
  const [message] = (await once(peer, 'message')) as [Message];
  return message;
}

/** Returns the CPU time of a process so far, with its threads and children, from Linux's counters in nanoseconds. */
function cpuMicroseconds(pid: number): number {
  const tasks = readdirSync(`/proc/${pid}/task`);
  const own = tasks.map((task) => readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]);
  const children = childrenOf(pid).map(cpuMicroseconds);
  return own.reduce((sum, nanoseconds) => sum + Number(nanoseconds) / 1000, 0) + children.reduce((a, b) => a + b, 0);
}

function childrenOf(pid: number): number[] {
  const lines = execFileSync('ps', ['-e', '-o', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n');
  const pairs = lines.map((line) => line.trim().split(/\s+/).map(Number));
  return pairs.flatMap(([child = 0, parent]) => (parent === pid ? [child] : []));
}
