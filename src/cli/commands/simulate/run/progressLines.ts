import {
  percentileOf,
  mainHop,
  spokenCount,
  spokenDevices,
  spokenMs,
  type Snapshot,
} from '../../../../simulate/index.ts';
import type { Io } from '../../../terminal/io.ts';
import type { RunObserver } from './runObserver.ts';

const everyMs = 10_000;

/** Writes a line to stderr every 10 s, for logs and CI. */
export function progressLines(io: Io): RunObserver {
  let nextMs = everyMs;
  return {
    update(snapshot) {
      if (snapshot.atMs < nextMs) return;
      nextMs = snapshot.atMs - (snapshot.atMs % everyMs) + everyMs;
      io.note(progressLine(snapshot));
    },
    finish: () => Promise.resolve(),
  };
}

/** Returns the state of a run as one line. */
export function progressLine({ atMs, devices, connected, counters, inFlight, lastTick }: Snapshot): string {
  const errors = counters['errors'] ?? 0;
  return [
    spokenMs(atMs),
    `${spokenCount(connected)} of ${spokenDevices(devices)}`,
    `${spokenCount(lastTick?.sent ?? 0)} sent/s`,
    `${spokenCount(inFlight)} in flight`,
    ...latencyParts(lastTick),
    `${spokenCount(errors)} ${errors === 1 ? 'error' : 'errors'}`,
  ].join(', ');
}

function latencyParts(lastTick: Snapshot['lastTick']): string[] {
  if (lastTick === undefined) return [];
  const hop = mainHop((name) => lastTick.latencies[name] !== undefined);
  const p99 = percentileOf(lastTick.latencies[hop] ?? {}, 99);
  return p99 === undefined ? [] : [`${hop} p99 ${spokenMs(p99)}`];
}
