import { accountNames, type Bundle, type ErrorCount, type LoadGenerator, type Point } from './bundle.ts';
import { addLatencies, type Classes } from './classes.ts';
import { ErrorTable } from './errorTable.ts';
import { addAccounts } from './ledger.ts';
import { mostEvents, type RecentEvent } from './recentEvents.ts';
import { worstOf } from './saturation.ts';
import { sumOfPoints } from './timeline.ts';
import { own, setOwn } from '../../protocol/own.ts';
import { largest, smallest } from '../../protocol/notation/extent.ts';

/** The state of a run for live views. It is plain data, so that processes can send it to each other. */
export interface Snapshot {
  /** When the plan's clock began, in ms since 1970. */
  readonly startedAtMs: number;
  /** Ms since the start of the run, in whole ticks. */
  readonly atMs: number;
  readonly devices: number;
  readonly connected: number;
  readonly inFlight: number;
  readonly counters: Readonly<Record<string, number>>;
  readonly ledger: Bundle['ledger'];
  /** The most frequent errors. */
  readonly errors: readonly ErrorCount[];
  /** The latest events, newest first. */
  readonly recent: readonly RecentEvent[];
  readonly generator: LoadGenerator;
  /** All samples up to the last tick, by hop. */
  readonly latencies: Readonly<Record<string, Classes>>;
  /** The counts of the last tick; undefined before the first. */
  readonly lastTick: Point | undefined;
}

/** Combines the snapshots of several processes, taken at about the same time. Throws a RangeError if there are none. */
export function mergedSnapshot(snapshots: readonly Snapshot[]): Snapshot {
  const sum = (pick: (snapshot: Snapshot) => number) =>
    snapshots.reduce((total, snapshot) => total + pick(snapshot), 0);
  if (snapshots.length === 0) throw new RangeError('there is no snapshot to merge');
  const ticks = snapshots.flatMap(({ lastTick }) => lastTick ?? []);
  const errors = new ErrorTable();
  for (const { kind, code, text, count } of snapshots.flatMap((snapshot) => snapshot.errors))
    errors.add(kind, code, text, count);
  return {
    startedAtMs: smallest(snapshots.map(({ startedAtMs }) => startedAtMs)),
    atMs: largest(snapshots.map(({ atMs }) => atMs)),
    devices: sum(({ devices }) => devices),
    connected: sum(({ connected }) => connected),
    inFlight: sum(({ inFlight }) => inFlight),
    counters: summedCounts(snapshots.map(({ counters }) => counters)),
    ledger: Object.fromEntries(
      accountNames.map((name) => [name, addAccounts(snapshots.map(({ ledger }) => ledger[name]))]),
    ) as Bundle['ledger'],
    errors: errors.rows(),
    recent: snapshots
      .flatMap(({ recent }) => recent)
      .sort((one, other) => other.atMs - one.atMs)
      .slice(0, mostEvents),
    generator: worstOf(snapshots.map(({ generator }) => generator)),
    latencies: snapshots.reduce((sums, { latencies }) => addLatencies(sums, latencies), {}),
    lastTick: ticks.length === 0 ? undefined : sumOfPoints(ticks),
  };
}

/** Returns counts added by name. */
export function summedCounts(all: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const counts of all)
    for (const [name, count] of Object.entries(counts)) setOwn(sums, name, (own(sums, name) ?? 0) + count);
  return sums;
}
