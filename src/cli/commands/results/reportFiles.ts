import { accessSync, constants, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { Failure } from '../../../errors.ts';
import { documentProblems } from '../../../protocol/validation.ts';
import { bundleVersion, reportPage, type Bundle } from '../../../simulate/index.ts';
import { fileReason, readText, writePrivate } from '../../terminal/files.ts';
import { cutText } from '../../terminal/safeText.ts';

/**
 * Reads a result that `simulate run --report F.json` wrote, or that was printed among other lines: the log of a pod or
 * of a CI job holds stderr too. Throws a `Failure`: `usage` if the file cannot be read, `invalid` if it holds no
 * result.
 */
export function readReport(file: string): Bundle {
  const text = textFrom(file);
  let value: unknown;
  try {
    value = JSON.parse(printedIn(text) ?? text);
  } catch (cause) {
    throw noReport(file, 'it is no JSON', cause);
  }
  const problem = problemOf(value);
  if (problem !== undefined) throw noReport(file, problem);
  return value as Bundle;
}

/** The line of a log that is a result, as it is printed; the last one where there are several. */
function printedIn(text: string): string | undefined {
  const start = Math.max(text.lastIndexOf('\n{"version":'), text.startsWith('{"version":') ? 0 : -1);
  return start === -1 ? undefined : text.slice(start).trimStart().split('\n', 1)[0];
}

/** Checks the version first: later versions may hold anything. */
function problemOf(value: unknown): string | undefined {
  const { version } = (value ?? {}) as { readonly version?: unknown };
  if (typeof version === 'number' && version > bundleVersion)
    return `its version is ${version}, and this devicehive reads ${bundleVersion}`;
  const [first] = documentProblems('report', value);
  if (first !== undefined) return `${first.at === '' ? 'it' : first.at} ${first.message}`;
  const { shards, shardCount } = value as Bundle;
  const isStrange = new Set(shards).size < shards.length || shards.some((shard) => shard >= shardCount);
  return isStrange ? `shards are ${shards.slice(0, 20).join(', ')} of ${shardCount}` : undefined;
}

function textFrom(file: string): string {
  try {
    return readText(file, cutText(file, 200));
  } catch (error) {
    const reason = error instanceof Failure ? error.message : fileReason(error);
    throw new Failure('usage', `cannot read the report '${cutText(file, 200)}': ${reason}`, {
      hint: 'Check the path.',
      cause: error,
    });
  }
}

function noReport(file: string, why: string, cause?: unknown): Failure {
  return new Failure('invalid', `'${cutText(file, 200)}' is no result of a simulation: ${why}`, {
    hint: 'devicehive simulate run --report FILE.json writes one.',
    cause,
  });
}

type Render = (bundle: Bundle) => Promise<string>;

/** The kinds of report files, by file name extension. */
const renders: Readonly<Record<string, Render>> = {
  json: (bundle) => Promise.resolve(`${JSON.stringify(bundle)}\n`),
  html: async (bundle) => (await reportPage()).page(bundle),
  xml: async (bundle) => (await import('./junit.ts')).junit(bundle),
};

/**
 * Refuses a `--report` whose name does not reveal its format, or that cannot be written: a run of hours must not lose
 * its result. Call it before anything is measured. Throws a usage `Failure`.
 */
export function checkReportFiles(files: readonly string[]): void {
  for (const file of files) {
    if (renderOf(file) === undefined) {
      throw new Failure('usage', `--report '${cutText(file, 200)}' must end in .json, .html or .xml`, {
        hint: 'json is the whole result, html a page, xml JUnit for CI. Give --report once for each.',
      });
    }
    const reason = whyUnwritable(file);
    if (reason !== undefined) throw notWritten(file, reason);
  }
}

function whyUnwritable(file: string): string | undefined {
  try {
    accessSync(`${dirname(file)}/.`, constants.W_OK | constants.X_OK);
    return statSync(file, { throwIfNoEntry: false })?.isDirectory() === true ? 'it is a folder' : undefined;
  } catch (error) {
    return (error as { readonly code?: string }).code === 'ENOENT' ? 'there is no such folder' : fileReason(error);
  }
}

function notWritten(file: string, reason: string, cause?: unknown): Failure {
  return new Failure('usage', `--report: cannot write '${cutText(file, 200)}': ${reason}`, {
    hint: 'Choose another file.',
    cause,
  });
}

function renderOf(file: string): Render | undefined {
  const ending = /\.([a-z]+)$/i.exec(file)?.[1]?.toLowerCase() ?? '';
  return Object.hasOwn(renders, ending) ? renders[ending] : undefined;
}

/**
 * Writes each of the files, whole. Gives a usage `Failure` where one cannot be written, after the others were: what is
 * known is still to be printed.
 */
export async function writeReports(bundle: Bundle, files: readonly string[]): Promise<Failure | undefined> {
  const failed: Failure[] = [];
  for (const file of files) {
    const text = (await renderOf(file)?.(bundle)) ?? '';
    try {
      writePrivate(file, text);
    } catch (cause) {
      failed.push(notWritten(file, fileReason(cause), cause));
    }
  }
  return failed[0];
}
