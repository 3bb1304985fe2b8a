import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { cli, judged, median, node, peerFile, setting, started } from './measure.ts';
import { clientFrame, RawSocket } from './rawSocket.ts';

const echo = peerFile('echo.cjs');
const runs = Number(process.env['SERVER_RUNS'] ?? 7);

/** A server in its own process. */
interface Running {
  readonly url: string;
  readonly token: string;
  readonly pid: number;
  readonly stop: () => Promise<void>;
}

/**
 * Measures the embedded server beside a bare `ws` server that only parses and echoes: memory of idle connections, rate
 * of updates, pushes to many.
 */
export async function server(): Promise<boolean> {
  using place = setting();
  const folder = place.env['HOME'] ?? '';
  let count = 0;
  const start = async (argv: (ready: string) => string[]): Promise<Running> => {
    const file = join(folder, `ready-${++count}.json`);
    const { ready, stop } = await started([node, ...argv(file)], file, place.env);
    return { url: ready['url'] ?? '', token: ready['accessToken'] ?? '', pid: Number(ready['pid']), stop };
  };
  const own = () => start((ready) => [cli, 'server', 'start', '--quiet', '--ready-file', ready]);
  const bare = () => start((ready) => [echo, ready]);
  console.log(`server: medians of ${runs} interleaved runs, beside a bare ws server`);
  const results = [await idle(own, bare)];
  const [first, second] = [await own(), await bare()];
  try {
    results.push(await updates(first, second), await fan(first, second));
  } finally {
    await Promise.all([first.stop(), second.stop()]);
  }
  return results.every((ok) => ok);
}

const connections = Number(process.env['SERVER_CONNECTIONS'] ?? 10_000);

/** Measures the resident memory that an idle connection adds, on fresh servers. */
async function idle(...servers: readonly (() => Promise<Running>)[]): Promise<boolean> {
  const samples = servers.map(() => [] as number[]);
  for (let run = 0; run < Math.min(runs, 3); run++) {
    for (const [index, start] of servers.entries()) samples[index]?.push(await kibPerConnection(await start()));
  }
  const [own = Number.NaN, bare = Number.NaN] = samples.map(median);
  console.log(`idle connection: ${own.toFixed(1)} KiB, bare ws ${bare.toFixed(1)} KiB`);
  return judged('server: memory of an idle connection', own / bare, { most: 1.2 });
}

async function kibPerConnection({ url, pid, stop }: Running): Promise<number> {
  const sockets: RawSocket[] = [];
  const open = async (amount: number) => {
    const wave = 250;
    for (let done = 0; done < amount; done += wave) {
      sockets.push(...(await Promise.all(Array.from({ length: wave }, () => RawSocket.open(url, '')))));
    }
  };
  // memory that only the first connections allocate is not a cost of each
  await open(1000);
  const before = residentKib(pid);
  await open(connections);
  const after = residentKib(pid);
  for (const socket of sockets) socket.close();
  await stop();
  return (after - before) / connections;
}

function residentKib(pid: number): number {
  return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' }));
}

const burst = 100_000;

/**
 * Measures validated, authorised updates from one connection that does not wait for replies, and the peer's echo of the
 * same.
 */
async function updates(own: Running, bare: Running): Promise<boolean> {
  const text = (id: number) =>
    JSON.stringify({
      action: 'command/update',
      requestId: id,
      deviceId: 'd1',
      commandId: 42,
      command: { status: 'done', result: { n: id } },
    });
  const frames = Buffer.concat(Array.from({ length: burst }, (_, id) => clientFrame(text(id))));
  const rates = await inTurn([own, bare], (socket) => socket.exchange(frames, burst));
  return toldRates('command/update, pipelined', rates, burst, 1);
}

const subscribers = 1000;
const pushes = 50;

/** Measures commands pushed to many subscribers one after the other, and the peer's messages to as many clients. */
async function fan(own: Running, bare: Running): Promise<boolean> {
  const parameters = { text: 'x'.repeat(2000) };
  const subscribe = clientFrame(JSON.stringify({ action: 'command/subscribe', requestId: 1, deviceId: 'd1' }));
  const insert = clientFrame(
    JSON.stringify({
      action: 'command/insert',
      requestId: 1,
      deviceId: 'd1',
      fan: true,
      command: { command: 'c', parameters },
    }),
  );
  const listeners = new Map<Running, RawSocket[]>();
  for (const running of [own, bare]) {
    const sockets = await Promise.all(
      Array.from({ length: subscribers }, () => RawSocket.open(running.url, running.token)),
    );
    if (running === own) await Promise.all(sockets.map((socket) => socket.exchange(subscribe, 1)));
    listeners.set(running, sockets);
  }
  const rates = await inTurn([own, bare], async (socket, running) => {
    const heard = (listeners.get(running) ?? []).map(
      (listener) => new Promise<void>((resolve) => listener.expect(pushes, resolve)),
    );
    await socket.exchange(Buffer.concat(Array.from({ length: pushes }, () => insert)), pushes);
    await Promise.all(heard);
  });
  for (const socket of [...listeners.values()].flat()) socket.close();
  return toldRates(`a push to ${subscribers} subscribers`, rates, pushes * subscribers, 1);
}

/** Runs the work on each server in turn, over one connection each. Returns the seconds of each run, by server. */
async function inTurn(
  servers: readonly Running[],
  work: (socket: RawSocket, running: Running) => Promise<void>,
): Promise<number[][]> {
  const sockets = await Promise.all(servers.map(({ url, token }) => RawSocket.open(url, token)));
  const samples = servers.map(() => [] as number[]);
  for (let run = -2; run < runs; run++) {
    for (const [index, running] of servers.entries()) {
      const start = performance.now();
      const socket = sockets[index];
      if (socket !== undefined) await work(socket, running);
      if (run >= 0) samples[index]?.push((performance.now() - start) / 1000);
    }
  }
  for (const socket of sockets) socket.close();
  return samples;
}

function toldRates(what: string, samples: readonly number[][], amount: number, least: number): boolean {
  const [own = Number.NaN, bare = Number.NaN] = samples.map((seconds) => amount / median(seconds));
  console.log(`${what}: ${own.toFixed(0)}/s, bare ws ${bare.toFixed(0)}/s`);
  return judged(`server: rate of ${what}`, own / bare, { least });
}
