import { updates } from './batch.ts';
import { cli, judged, median, node, peakMiB, setting, started } from './measure.ts';

const runs = Number(process.env['BATCH_RUNS'] ?? 3);

const many = 300_000;
const most = 3_000_000;
/** Limits in MiB: the peak of `batch`, and its growth with ten times as many lines. */
const limitMiB = 110;
const growthMiB = 10;

/** Measures the peak memory of `batch`, which must not depend on the length of its input. */
export async function batchMemory(): Promise<boolean> {
  using place = setting();
  const readyFile = place.file('ready.json');
  const server = await started([node, cli, 'server', 'start', '--ready-file', readyFile, '-q'], readyFile, place.env);
  try {
    const { url = '', accessToken = '' } = server.ready;
    const env = { ...place.env, DEVICEHIVE_URL: url, DEVICEHIVE_TOKEN: accessToken };
    const [less = Number.NaN, more = Number.NaN] = [many, most].map((count) => {
      const argv = [node, cli, 'batch', updates(place.file(`${count}.ndjson`), count)];
      return median(Array.from({ length: runs }, () => peakMiB({ name: `batch ${count}`, argv }, env)));
    });
    console.log(`batch: peak of ${many} lines ${less.toFixed(1)} MiB, of ${most} lines ${more.toFixed(1)} MiB`);
    return [
      judged(`batch: peak of ${many} lines in MiB over ${limitMiB}`, less / limitMiB, { most: 1 }),
      judged(`batch: peak of ${most} lines in MiB over ${limitMiB}`, more / limitMiB, { most: 1 }),
      judged(`batch: what ten times as many lines add in MiB over ${growthMiB}`, (more - less) / growthMiB, {
        most: 1,
      }),
    ].every((ok) => ok);
  } finally {
    await server.stop();
  }
}
