import { createHash } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { hopNames, type Bundle } from '../../src/simulate/measure/bundle.ts';
import { Recorder } from '../../src/simulate/measure/recorder.ts';
import { judged as verdict } from '../../src/simulate/report/verdict.ts';
import { cli, judged, node, peakMiB, setting, type Setting } from './measure.ts';
import { spawnSync } from 'node:child_process';

const shardCount = 50;
/** An hour in steps of a second, as results had them before their steps followed from the plan. */
const steps = 3600;
const limitMiB = 400;
const limitS = 30;

/** Measures `report merge` of 50 results of 3,600 steps: its peak, its time, and that the order of files is nothing to it. */
export function merge(): boolean {
  using place = setting();
  const files = written(place);
  const sizeMiB = files.reduce((sum, file) => sum + statSync(file).size, 0) / 2 ** 20;
  const digests = [files, files.toReversed()].map((order, index) => {
    const whole = place.file(`whole-${index}.json`);
    const argv = [node, cli, 'report', 'merge', ...order, '--report', whole, '-q'];
    const start = performance.now();
    const { status } = spawnSync(node, argv.slice(1), { env: place.env, stdio: 'ignore' });
    if (status !== 0) throw new Error(`report merge ended with ${String(status)}`);
    const seconds = (performance.now() - start) / 1000;
    return { whole, argv, seconds, digest: createHash('sha256').update(readFileSync(whole)).digest('hex') };
  });
  const [first] = digests;
  if (first === undefined) return false;
  const peak = peakMiB({ name: 'merge', argv: first.argv }, place.env);
  console.log(
    `merge: ${shardCount} files, ${sizeMiB.toFixed(0)} MiB, peak ${peak.toFixed(0)} MiB, ${first.seconds.toFixed(1)} s`,
  );
  return [
    judged(`merge: peak in MiB over ${limitMiB}`, peak / limitMiB, { most: 1 }),
    judged(`merge: seconds over ${limitS}`, first.seconds / limitS, { most: 1 }),
    judged('merge: different results of two orders', new Set(digests.map(({ digest }) => digest)).size, { most: 1 }),
  ].every((ok) => ok);
}

/** Returns the result of a shard that had samples of every hop in every second. */
function result(): Bundle {
  const recorder = new Recorder({ maxLoopDelayMs: 1e6, maxSendLagMs: 1e6 });
  const points = Array.from({ length: steps }, (_, second) => {
    for (const hop of hopNames)
      for (let sample = 0; sample < 40; sample++) recorder.hop(hop, 0.1 * 1.3 ** ((second * 7 + sample * sample) % 37));
    recorder.count('sent', 100);
    recorder.tick();
    return recorder.snapshot().lastTick ?? [];
  }).flat();
  const [startedAt, durationMs] = ['2026-01-01T00:00:00.000Z', steps * 1000];
  const facts = { seed: 1, command: '', plan: 'bench', url: 'ws://127.0.0.1:1/', startedAt, durationMs, devices: 100 };
  const measured = recorder.bundle({ ...facts, shards: [0], shardCount });
  return verdict({ ...measured, timeline: { everyMs: 1000, points } }, []);
}

/** Writes the results of all shards. Returns the files. */
function written(place: Setting): string[] {
  const bundle = result();
  return Array.from({ length: shardCount }, (_, shard) => {
    const file = place.file(`shard-${shard}.json`);
    const errors = [{ kind: 'refused', code: 403, text: `shard ${shard}`, count: shard + 1 }];
    writeFileSync(file, JSON.stringify({ ...bundle, shards: [shard], errors }));
    return file;
  });
}
