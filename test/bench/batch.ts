import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cli, judged, measure, node, peerFile, setting, started, type Candidate, type Figures } from './measure.ts';

const runs = Number(process.env['BATCH_RUNS'] ?? 5);

const few = 10_000;
const many = 100_000;
const most = 300_000;

/**
 * Measures `batch` over files of updates, including reading and writing lines, in turn with a script by hand on `ws`
 * and with DeviceHive's official JavaScript client. Returns whether all limits hold.
 */
export async function batch(): Promise<boolean> {
  using place = setting();
  const folder = place.env['HOME'] ?? '';
  const readyFile = join(folder, 'ready.json');
  const server = await started([node, cli, 'server', 'start', '--ready-file', readyFile, '-q'], readyFile, place.env);
  try {
    const { url = '', accessToken = '' } = server.ready;
    const env = { ...place.env, DEVICEHIVE_URL: url, DEVICEHIVE_TOKEN: accessToken };
    const peer = peerFile('batch.cjs');
    const official = [node, peerFile('official.cjs'), url, accessToken, join(folder, `${few}.ndjson`)];
    const candidates = [few, many, most].flatMap((count): Candidate[] => {
      const file = updates(join(folder, `${count}.ndjson`), count);
      return [
        { name: `batch ${count}`, argv: [node, cli, 'batch', file] },
        { name: `by hand ${count}`, argv: [node, peer, url, accessToken, file] },
      ];
    });
    candidates.push(
      { name: `official ${few}`, argv: official },
      { name: `official ${few}, 256 at once`, argv: [...official, '256'] },
    );
    return told(measure(candidates, runs, env));
  } finally {
    await server.stop();
  }
}

/** Fills a file with updates of the one command that never expires, and returns its name. */
export function updates(file: string, count: number): string {
  const update = { action: 'command/update', deviceId: 'd1', commandId: 42 };
  const line = (n: number) => `${JSON.stringify({ ...update, command: { status: 'done', result: { n } } })}\n`;
  writeFileSync(file, '');
  for (let from = 0; from < count; from += few) {
    const lines = Array.from({ length: Math.min(few, count - from) }, (_, index) => line(from + index));
    appendFileSync(file, lines.join(''));
  }
  return file;
}

function told(figures: ReadonlyMap<string, Figures>): boolean {
  const of = (name: string, figure: keyof Figures) => figures.get(name)?.[figure] ?? Number.NaN;
  const perUpdate = (name: string) =>
    ((of(`${name} ${most}`, 'cpuMs') - of(`${name} ${few}`, 'cpuMs')) / (most - few)) * 1000;
  console.log(`batch: medians of ${runs} interleaved runs`);
  for (const [name, { wallMs, cpuMs, peakMiB }] of figures) {
    console.log(
      `${name.padEnd(28)} wall ${wallMs.toFixed(0).padStart(5)} ms   cpu ${cpuMs.toFixed(0).padStart(5)} ms   peak ${peakMiB.toFixed(1)} MiB`,
    );
  }
  console.log(
    `CPU an update: batch ${perUpdate('batch').toFixed(2)} µs, by hand ${perUpdate('by hand').toFixed(2)} µs`,
  );
  const rate = of(`by hand ${many}`, 'wallMs') / of(`batch ${many}`, 'wallMs');
  const overOfficial = of(`batch ${few}`, 'wallMs') / of(`official ${few}`, 'wallMs');
  const overOfficialLanes = of(`batch ${few}`, 'wallMs') / of(`official ${few}, 256 at once`, 'wallMs');
  console.log(`batch: wall of ${few} over the official client with 256 at once: ${overOfficialLanes.toFixed(2)} ×`);
  return [
    judged('batch: rate over the script by hand', rate, { least: 0.75 }),
    judged('batch: CPU an update over the script by hand', perUpdate('batch') / perUpdate('by hand'), { most: 1.32 }),
    judged(`batch: wall of ${few} over the official client`, overOfficial, { most: 0.65 }),
  ].every((ok) => ok);
}
