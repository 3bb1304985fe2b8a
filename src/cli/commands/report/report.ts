import { Failure } from '../../../errors.ts';
import { resultDifferences, worseBy, merge, missingShards, judged, verdictOf } from '../../../simulate/index.ts';
import { withOutput, printResult } from '../../printing/output.ts';
import type { CommonValues } from '../../target/settings.ts';
import { checkReportFiles, readReport, writeReports } from '../results/reportFiles.ts';
import { printBundle } from '../results/summary.ts';
import { differenceText } from './differenceText.ts';
import type { FlagContext } from '../../flags/sharedValues.ts';

/** Flags of `report show` and `report merge`. */
export type ReportValues = CommonValues & { readonly report?: readonly string[] };

/** `devicehive report show FILE`: the result as a summary, or in other forms. */
export async function reportShow(
  file: string,
  given: FlagContext<ReportValues & { readonly exitCode?: boolean }>,
): Promise<void> {
  const context = await withOutput(given);
  const { values } = context;
  checkReportFiles(values.report ?? []);
  const bundle = readReport(file);
  const unwritten = await writeReports(bundle, values.report ?? []);
  await printBundle(bundle, context);
  if (unwritten !== undefined) throw unwritten;
  const verdict = values.exitCode === true ? verdictOf(bundle) : undefined;
  if (verdict !== undefined) throw verdict;
}

/**
 * `devicehive report merge FILES…`: the results of shards added exactly; it alone judges the assertions, and ends with
 * 11 where a shard is missing.
 */
export async function reportMerge(files: readonly string[], given: FlagContext<ReportValues>): Promise<void> {
  const context = await withOutput(given);
  const { values } = context;
  checkReportFiles(values.report ?? []);
  const bundles = files.map(readReport);
  const merged = merge(bundles);
  const bundle = judged(merged, bundles[0]?.assertions.map(({ text }) => text) ?? []);
  const unwritten = await writeReports(bundle, values.report ?? []);
  await printBundle(bundle, context);
  if (unwritten !== undefined) throw unwritten;
  const { count, first } = missingShards(bundle);
  if (count > 0) {
    const others = count > first.length ? ` and ${count - first.length} others` : '';
    throw new Failure(
      'generator',
      `the result of ${count === 1 ? 'shard' : 'shards'} ${first.join(', ')}${others} of ${bundle.shardCount} is missing`,
      {
        hint: 'Shards count from 0. Merge the results of all of them, or run the missing ones again.',
      },
    );
  }
  const verdict = verdictOf(bundle);
  if (verdict !== undefined) throw verdict;
}

/** `devicehive report diff BEFORE AFTER`. */
export async function reportDiff(
  before: string,
  after: string,
  given: FlagContext<CommonValues & { readonly failOver?: string }>,
): Promise<void> {
  const context = await withOutput(given);
  const { io, values, output } = context;
  const share = values.failOver === undefined ? undefined : shareOf(values.failOver);
  const changes = resultDifferences(readReport(before), readReport(after));
  if (output.format === 'text' && output.query === undefined) io.out(differenceText(changes, context));
  else await printResult({ before, after, changes }, context);
  const worse = share === undefined ? [] : worseBy(share, changes);
  if (worse.length === 0) return;
  const names = worse.map(
    ({ metric, change }) => `${metric} ${change === null ? 'appeared' : `+${(change * 100).toFixed(0)} %`}`,
  );
  throw new Failure('assertion', `worse by more than ${values.failOver ?? ''}: ${names.join(', ')}`);
}

function shareOf(text: string): number {
  const percent = /^(\d+(?:\.\d+)?)%$/.exec(text)?.[1];
  if (percent !== undefined) return Number(percent) / 100;
  throw new Failure('usage', `--fail-over '${text}' must be a share such as 10%`, {
    hint: 'Write it with its per cent sign.',
  });
}
