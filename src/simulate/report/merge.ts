import { Failure } from '../../errors.ts';
import { accountNames, bundleVersion, hopNames, type Bundle } from '../measure/bundle.ts';
import { ErrorTable } from '../measure/errorTable.ts';
import { addAccounts } from '../measure/ledger.ts';
import { Samples } from '../measure/samples.ts';
import { worstOf } from '../measure/saturation.ts';
import { summedCounts } from '../measure/snapshot.ts';
import { joinedPoints, sumOfPoints } from '../measure/timeline.ts';
import type { Measured } from './verdict.ts';
import { largest } from '../../protocol/notation/extent.ts';

/**
 * Adds the results of shards exactly: counts add up, percentiles come from all samples together. Throws a Failure:
 * `invalid` where they are not parts of one run or one is there twice. Parts that are missing stay missing: `shards`
 * and `shardCount` of the result tell.
 */
export function merge(bundles: readonly Bundle[]): Measured {
  const [first] = bundles;
  if (first === undefined) throw new Failure('usage', 'there is nothing to merge');
  for (const bundle of bundles) refuseStranger(bundle, first);
  const shards = bundles.flatMap((bundle) => bundle.shards).sort((one, other) => one - other);
  const twice = shards.find((shard, index) => shards[index + 1] === shard);
  if (twice !== undefined) throw new Failure('invalid', `the result of shard ${twice} is there twice`);
  return {
    version: bundleVersion,
    seed: first.seed,
    // the whole of it, in one part
    command: first.command.replace(/ --shard[= ]\d+\/\d+/, ''),
    plan: first.plan,
    ...(first.planName === undefined ? {} : { planName: first.planName }),
    url: first.url,
    startedAt: bundles.map(({ startedAt }) => startedAt).sort()[0] ?? first.startedAt,
    durationMs: largest(bundles.map(({ durationMs }) => durationMs)),
    shards,
    shardCount: first.shardCount,
    ...measures(bundles),
  };
}

/** The measurements of one process of a shard. */
type PartOfShard = Pick<
  Measured,
  | 'devices'
  | 'devicesUp'
  | 'ledger'
  | 'counters'
  | 'hops'
  | 'timeline'
  | 'errors'
  | 'generator'
  | 'seed'
  | 'shards'
  | 'shardCount'
  | 'version'
>;

/** Adds what several processes measured that played one shard together, exactly. There must be one. */
export function mergeParts<Part extends PartOfShard>(parts: readonly [Part, ...Part[]]): Part {
  return { ...parts[0], ...measures(parts) };
}

/** Counts and samples of all together. */
function measures(parts: readonly PartOfShard[]) {
  return {
    devices: parts.reduce((sum, { devices }) => sum + devices, 0),
    ...sumOfDevicesUp(parts),
    ledger: mergedLedger(parts),
    counters: summedCounts(parts.map(({ counters }) => counters)),
    hops: mergedHops(parts),
    timeline: mergedTimeline(parts.map(({ timeline }) => timeline)),
    errors: mergedErrors(parts),
    generator: worstOf(parts.map(({ generator }) => generator)),
  };
}

/** Nothing where one does not say how many of its devices were up. */
function sumOfDevicesUp(parts: readonly PartOfShard[]): Pick<Measured, 'devicesUp'> {
  const counts = parts.flatMap(({ devicesUp }) => devicesUp ?? []);
  return counts.length < parts.length ? {} : { devicesUp: counts.reduce((sum, count) => sum + count, 0) };
}

function refuseStranger(bundle: Bundle, first: Bundle): void {
  const what = (['version', 'plan', 'seed', 'shardCount'] as const).find((key) => bundle[key] !== first[key]);
  if (what === undefined) return;
  throw new Failure(
    'invalid',
    `these results are not of one run: ${what} is ${first[what]} here and ${bundle[what]} there`,
    {
      hint: 'Merge the results of the shards of one run: the same plan, the same seed, the same number of shards.',
    },
  );
}

function mergedLedger(parts: readonly Pick<Bundle, 'ledger'>[]): Bundle['ledger'] {
  return Object.fromEntries(
    accountNames.map((name) => [name, addAccounts(parts.map(({ ledger }) => ledger[name]))]),
  ) as Bundle['ledger'];
}

function mergedHops(bundles: readonly Pick<Bundle, 'hops'>[]): Bundle['hops'] {
  return Object.fromEntries(
    hopNames.flatMap((name) => {
      const parts = bundles.flatMap(({ hops }) => hops[name]?.histogram ?? []);
      if (parts.length === 0) return [];
      const all = new Samples();
      for (const part of parts) all.add(Samples.decode(part));
      return [[name, all.summary()] as const];
    }),
  );
}

/** Steps that lie at the same time since the start of each shard. */
function mergedTimeline(timelines: readonly Bundle['timeline'][]): Bundle['timeline'] {
  const everyMs = largest(timelines.map((timeline) => timeline.everyMs));
  const all = timelines.map(({ points, everyMs: ownMs }) => joinedPoints(points, Math.round(everyMs / ownMs)));
  const length = largest(
    all.map((points) => points.length),
    0,
  );
  const points = Array.from({ length }, (_, index) => sumOfPoints(all.flatMap((own) => own[index] ?? [])));
  return { everyMs, points };
}

function mergedErrors(bundles: readonly Pick<Bundle, 'errors'>[]): Bundle['errors'] {
  const table = new ErrorTable();
  for (const { errors } of bundles)
    for (const { kind, code, text, count } of errors) table.add(kind, code, text, count);
  return table.rows();
}

/** Returns how many shards have no result, and the first `most` of them. */
export function missingShards(
  { shards, shardCount }: Pick<Bundle, 'shards' | 'shardCount'>,
  most = 20,
): { readonly count: number; readonly first: readonly number[] } {
  const there = new Set(shards);
  const first: number[] = [];
  for (let shard = 0; shard < shardCount && first.length < most; shard++) if (!there.has(shard)) first.push(shard);
  return { count: shardCount - there.size, first };
}
