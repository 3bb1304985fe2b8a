import { Failure } from '../../errors.ts';
import { largest } from '../../protocol/notation/extent.ts';
import { bundleVersion, type Bundle } from '../measure/bundle.ts';
import { commonStep } from '../measure/timeline.ts';
import { chosenParts, resultPartsOf } from './parts.ts';
import { ResultSum, type Measures } from './resultSum.ts';
import type { ResultHead, StoredResult } from './storedResult.ts';
import type { Measured } from './verdict.ts';

/**
 * Adds the results of shards exactly, one at a time and in the order of the shards. Of several results of one shard it
 * takes the latest whole one; `parts` says that, and which are missing or not whole. Throws an invalid `Failure` if
 * they are not parts of one run.
 */
export function merge(results: readonly StoredResult[]): Measured {
  const [any] = results;
  if (any === undefined) throw new Failure('usage', 'there is nothing to merge');
  for (const { head } of results) refuseStranger(head, any.head);
  const chosen = chosenParts(results);
  const heads = chosen.map(({ head }) => head);
  const sum = new ResultSum(commonStep(heads.map(({ everyMs }) => everyMs)));
  for (const { read } of chosen) sum.add(read());
  return { ...factsOf(heads, results), ...sum.result() };
}

/** Adds the measurements of several processes of one shard. */
export function mergeParts<Part extends Measures>(parts: readonly [Part, ...Part[]]): Part {
  const sum = new ResultSum(commonStep(parts.map(({ timeline }) => timeline.everyMs)));
  for (const part of parts) sum.add(part);
  return { ...parts[0], ...sum.result() };
}

function factsOf(
  heads: readonly ResultHead[],
  results: readonly StoredResult[],
): Omit<Measured, keyof Measures> & Pick<Bundle, 'parts'> {
  const [first] = heads as readonly [ResultHead, ...ResultHead[]];
  const parts = resultPartsOf(heads, results);
  return {
    version: bundleVersion,
    seed: first.seed,
    // the sum is the whole run, without --shard
    command: first.command.replace(/ --shard[= ]\d+\/\d+/, ''),
    plan: first.plan,
    ...(first.planName === undefined ? {} : { planName: first.planName }),
    url: first.url,
    startedAt: heads.map(({ startedAt }) => startedAt).sort()[0] ?? first.startedAt,
    durationMs: largest(heads.map(({ durationMs }) => durationMs)),
    ...(first.plannedMs === undefined ? {} : { plannedMs: first.plannedMs }),
    interrupted: parts.cut.length > 0,
    late: parts.late.length > 0,
    shards: heads.flatMap(({ shards }) => shards).sort((one, other) => one - other),
    shardCount: first.shardCount,
    parts,
  };
}

function refuseStranger(head: ResultHead, first: ResultHead): void {
  const what = (['version', 'plan', 'seed', 'shardCount'] as const).find((key) => head[key] !== first[key]);
  if (what === undefined) return;
  throw new Failure(
    'invalid',
    `these results are not of one run: ${what} is ${first[what]} here and ${head[what]} there`,
    {
      hint: 'Merge the results of the shards of one run: the same plan, the same seed, the same number of shards.',
    },
  );
}
