import { setFlagsFromString } from 'node:v8';
import { Failure } from '../../../errors.ts';
import {
  resultDifferences,
  worseBy,
  merge,
  partNotes,
  judged,
  verdictOf,
  type StoredResult,
} from '../../../simulate/index.ts';
import { withOutput, printResult } from '../../printing/output.ts';
import type { Io } from '../../terminal/io.ts';
import { cutText } from '../../terminal/safeText.ts';
import type { CommonValues } from '../../target/serverName.ts';
import { checkReportFiles, writeReports } from '../results/reportFiles.ts';
import { noReport, readReport, ResultFiles } from '../results/resultFiles.ts';
import { printBundle } from '../results/summary.ts';
import { differenceText } from './differenceText.ts';
import type { FlagContext } from '../../flags/sharedValues.ts';

/** Flags of `report show` and `report merge`. */
export type ReportValues = CommonValues & { readonly report?: readonly string[] };

/** `devicehive report show FILE`: prints a result as a summary, or in other forms. */
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
 * `devicehive report merge FILES…`: adds the results of shards exactly and judges the assertions; ends with 11 if a
 * shard is missing or was cut short.
 */
export async function reportMerge(files: readonly string[], given: FlagContext<ReportValues>): Promise<void> {
  const context = await withOutput(given);
  const { io, values } = context;
  checkReportFiles(values.report ?? []);
  // each result is garbage once it is added; by default the heap may double before V8 collects any
  setFlagsFromString('--heap-growing-percent=60');
  const results = storedIn(files, io);
  const bundle = judged(merge(results), results[0]?.head.assertions.map(({ text }) => text) ?? []);
  for (const note of partNotes(bundle)) io.note(note);
  const unwritten = await writeReports(bundle, values.report ?? []);
  await printBundle(bundle, context);
  if (unwritten !== undefined) throw unwritten;
  const verdict = verdictOf(bundle);
  if (verdict !== undefined) throw verdict;
}

/** Returns all results in the files. The log of a part that was killed holds none; its part counts as missing. */
function storedIn(files: readonly string[], io: Io): StoredResult[] {
  const reader = new ResultFiles();
  const results = files.flatMap((file) => {
    const found = reader.results(file);
    if (found.length === 0) io.warn(`'${cutText(file, 200)}' holds no result`);
    return found;
  });
  if (results.length === 0) throw noReport(files[0] ?? '', 'no line of it is one');
  return results;
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
  const results = { before: readReport(before), after: readReport(after) };
  const changes = resultDifferences(results.before, results.after);
  if (output.format === 'text' && output.query === undefined) io.out(differenceText({ ...results, changes }, context));
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
