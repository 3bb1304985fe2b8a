import { Failure } from '../../errors.ts';
import { largest, smallest } from '../../protocol/notation/extent.ts';
import { spokenDuration } from '../../protocol/notation/spokenDuration.ts';
import type { Bundle } from '../measure/bundle.ts';
import { spokenShards } from './spokenShards.ts';
import type { ResultHead, StoredResult } from './storedResult.ts';

/** The parts of a merged result: whole, cut, missing, doubled and late. */
export type ResultParts = NonNullable<Bundle['parts']>;

/** The most missing shards that are listed. */
const mostMissing = 1000;

/**
 * Returns the results to add, in the order of their shards: of several results of one shard the latest whole one, or,
 * where none is whole, the latest. Throws an invalid `Failure` where results overlap in any other way.
 */
export function chosenParts(results: readonly StoredResult[]): StoredResult[] {
  const byShards = new Map<string, StoredResult>();
  for (const result of results) {
    const key = result.head.shards.join();
    const other = byShards.get(key);
    if (other === undefined || isBetter(result.head, other.head)) byShards.set(key, result);
  }
  const chosen = [...byShards.values()].sort((one, other) => firstShard(one) - firstShard(other));
  const shards = chosen.flatMap(({ head }) => head.shards).sort((one, other) => one - other);
  const twice = shards.find((shard, index) => shards[index + 1] === shard);
  if (twice === undefined) return chosen;
  throw new Failure('invalid', `the result of shard ${twice} is there alone and merged with others`, {
    hint: 'Merge either the single results, or the merged one.',
  });
}

function firstShard({ head }: StoredResult): number {
  return head.shards[0] ?? 0;
}

/**
 * True if one result of a shard is to be taken rather than another. The text decides last, so that the order of files
 * never does.
 */
function isBetter(one: ResultHead, other: ResultHead): boolean {
  const differences = [
    Number(other.interrupted ?? false) - Number(one.interrupted ?? false),
    Date.parse(one.startedAt) - Date.parse(other.startedAt),
    one.durationMs - other.durationMs,
    JSON.stringify(one) > JSON.stringify(other) ? 1 : -1,
  ];
  return (differences.find((difference) => difference !== 0) ?? 0) > 0;
}

/** Returns the parts of a merged result, from the chosen results and all those given. */
export function resultPartsOf(chosen: readonly ResultHead[], all: readonly StoredResult[]): ResultParts {
  const counts = new Map<number, number>();
  for (const { head } of all) for (const shard of head.shards) counts.set(shard, (counts.get(shard) ?? 0) + 1);
  const doubled = [...counts].flatMap(([shard, count]) => (count > 1 ? [shard] : []));
  const starts = chosen.map(({ startedAt }) => Date.parse(startedAt));
  const lastStarts = chosen.map(({ startedAt, parts }) => Date.parse(startedAt) + (parts?.startSpreadMs ?? 0));
  return {
    missing: missingOf(counts, chosen[0]?.shardCount ?? 0),
    cut: sorted(chosen.flatMap((head) => head.parts?.cut ?? (head.interrupted === true ? head.shards : []))),
    doubled: sorted([...doubled, ...chosen.flatMap(({ parts }) => parts?.doubled ?? [])]),
    late: sorted(chosen.flatMap((head) => head.parts?.late ?? (head.late === true ? head.shards : []))),
    startSpreadMs: largest(lastStarts) - smallest(starts),
  };
}

function missingOf(there: ReadonlyMap<number, unknown>, shardCount: number): number[] {
  const missing: number[] = [];
  for (let shard = 0; shard < shardCount && missing.length < mostMissing; shard++)
    if (!there.has(shard)) missing.push(shard);
  return missing;
}

function sorted(shards: readonly number[]): number[] {
  return [...new Set(shards)].sort((one, other) => one - other);
}

/** Returns why a merged result is not the whole run; empty if it is, and for the result of one run. */
export function incompleteness({
  parts,
  shards,
  shardCount,
}: Pick<Bundle, 'parts' | 'shards' | 'shardCount'>): string[] {
  if (parts === undefined) return [];
  const { missing, cut } = parts;
  const which = spokenShards(missing, shardCount, shardCount - shards.length);
  return [
    ...(missing.length === 0 ? [] : [`the result of ${which} is missing`]),
    ...(cut.length === 0
      ? []
      : [`${spokenShards(cut, shardCount)} ${cut.length === 1 ? 'was' : 'were'} stopped before the end`]),
  ];
}

/** Returns notes on the parts of a merged result that people need even if nothing is missing. */
export function partNotes({ parts, shards, shardCount }: Pick<Bundle, 'parts' | 'shards' | 'shardCount'>): string[] {
  if (parts === undefined) return [];
  const { doubled, late, startSpreadMs } = parts;
  return [
    ...(doubled.length === 0
      ? []
      : [`several results of ${spokenShards(doubled, shardCount)}: the latest whole one was taken`]),
    ...(late.length === 0 ? [] : [`late: ${spokenShards(late, shardCount)}`]),
    ...(shards.length === 1 ? [] : [`the shards started within ${spokenDuration(startSpreadMs)}`]),
  ];
}
