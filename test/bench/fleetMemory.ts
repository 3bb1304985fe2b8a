import { execFileSync } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { cli, judged, median, node, peerFile, setting, started } from './measure.ts';

const peer = peerFile('fleet.cjs');
const runs = Number(process.env['FLEET_RUNS'] ?? 3);

const sockets = 10_000;
const many = 100_000;
/** How long a fleet is left alone before its memory is read. */
const settleMs = 3000;

/**
 * Measures the memory of simulated devices: with a socket each, in turn with bare clients by hand, and very many on few
 * sockets.
 */
export async function fleetMemory(): Promise<boolean> {
  using place = setting();
  const serverFile = place.file('server.json');
  const server = await started([node, cli, 'server', 'start', '--ready-file', serverFile, '-q'], serverFile, place.env);
  try {
    const { url = '', accessToken = '' } = server.ready;
    const env = { ...place.env, DEVICEHIVE_URL: url, DEVICEHIVE_TOKEN: accessToken };
    const simulated = [node, cli, 'simulate', 'run', '-q', '--notify', 'temperature=walk(18,26,0.3) every 1m'];
    const own: number[] = [];
    const bare: number[] = [];
    const shared: number[] = [];
    for (let run = 0; run < runs; run++) {
      const file = (name: string) => place.file(`${name}-${run}.json`);
      const ready = (name: string) => ['--ready-file', file(name)];
      bare.push(await residentMiB([node, peer, url, accessToken, String(sockets), file('bare')], file('bare'), env));
      const each = [...simulated, '--devices', String(sockets), ...ready('own')];
      own.push(await residentMiB(each, file('own'), env));
      const few = [...simulated, '--devices', String(many), '--connections', '8', ...ready('shared')];
      shared.push(await residentMiB(few, file('shared'), env));
    }
    return told(median(own), median(bare), median(shared));
  } finally {
    await server.stop();
  }
}

/** Returns the resident memory of a process in MiB, a little after it has said that it is ready. */
async function residentMiB(argv: readonly string[], readyFile: string, env: NodeJS.ProcessEnv): Promise<number> {
  const process = await started(argv, readyFile, env);
  await pause(settleMs);
  const kib = execFileSync('ps', ['-o', 'rss=', '-p', String(process.ready['pid'])], { encoding: 'utf8' });
  await process.stop();
  return Number(kib) / 1024;
}

function told(own: number, bare: number, shared: number): boolean {
  console.log(
    `fleet: ${sockets} devices on sockets of their own ${own.toFixed(0)} MiB, bare clients ${bare.toFixed(0)} MiB; ${many} devices on 8 sockets ${shared.toFixed(0)} MiB`,
  );
  return [
    judged(`fleet: memory of ${sockets} devices over bare clients`, own / bare, { most: 1.3 }),
    judged(`fleet: memory of ${many} devices on 8 sockets in MiB over 300`, shared / 300, { most: 1 }),
  ].every((ok) => ok);
}
