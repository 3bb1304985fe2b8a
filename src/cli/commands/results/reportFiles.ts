import { accessSync, constants, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { Failure } from '../../../errors.ts';
import { reportPage, type Bundle } from '../../../simulate/index.ts';
import { fileReason, writePrivate } from '../../terminal/files.ts';
import { cutText } from '../../terminal/safeText.ts';

type Render = (bundle: Bundle) => Promise<string>;

/** The kinds of report files, by file name extension. */
const renders: Readonly<Record<string, Render>> = {
  json: (bundle) => Promise.resolve(`${JSON.stringify(bundle)}\n`),
  html: async (bundle) => (await reportPage()).page(bundle),
  xml: async (bundle) => (await import('./junit.ts')).junit(bundle),
};

/**
 * Refuses a `--report` file whose name shows no known format, or that cannot be written: a long run must not lose its
 * result. Call it before anything is measured. Throws a usage `Failure`.
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
 * Writes all files, each whole. Returns a usage `Failure` if one cannot be written, instead of throwing it, so that the
 * result is still printed.
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
