import { Failure } from '../../errors.ts';
import type { Shard } from './model.ts';

/** The whole run. */
export const wholeRun: Shard = { index: 0, count: 1 };

/**
 * Returns the part of a run to play: `--shard i/n`, counted from 0; or `--shards n`, with the number in
 * JOB_COMPLETION_INDEX, which Kubernetes sets in pods of an Indexed Job. Throws a usage `Failure`.
 */
export function shardOf(
  { shard, shards }: { readonly shard?: string | undefined; readonly shards?: string | undefined },
  completionIndex: string | undefined,
): Shard {
  if (shard !== undefined) return checked(shard, '--shard');
  if (shards === undefined) return wholeRun;
  if (completionIndex === undefined || completionIndex === '') {
    throw new Failure('usage', '--shards says how many parts there are, but not which one this is', {
      hint: `Write --shard 0/${shards} for the first one, or set JOB_COMPLETION_INDEX, as an Indexed Job of Kubernetes does.`,
    });
  }
  return checked(`${completionIndex}/${shards}`, 'JOB_COMPLETION_INDEX and --shards');
}

function checked(text: string, at: string): Shard {
  const [, index, count] = /^(\d{1,9})\/(\d{1,9})$/.exec(text) ?? [];
  const shard = { index: Number(index), count: Number(count) };
  if (index !== undefined && shard.index < shard.count) return shard;
  throw new Failure('usage', `${at} must be i/n with 0 <= i < n, not '${text.slice(0, 60)}'`, {
    hint: 'Shards count from 0: --shard 0/3, --shard 1/3, --shard 2/3.',
  });
}
