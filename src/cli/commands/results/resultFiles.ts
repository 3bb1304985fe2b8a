import { statSync } from 'node:fs';
import { Failure } from '../../../errors.ts';
import { documentProblems } from '../../../protocol/validation.ts';
import { bundleVersion, headOf, type Bundle, type StoredResult } from '../../../simulate/index.ts';
import { fileReason, readText } from '../../terminal/files.ts';
import { cutText } from '../../terminal/safeText.ts';

/**
 * Reads a result from the file of `simulate run --report F.json`, or from a log that holds it among other lines, as
 * those of pods and CI jobs do. Of several results it takes the last. Throws a `Failure`: `usage` if the file cannot be
 * read, `invalid` if it holds no result.
 */
export function readReport(file: string): Bundle {
  const text = textFrom(file);
  return resultOf(resultsIn(text).at(-1) ?? text, file);
}

/** Reads the results in files, one at a time: many do not fit into memory together. */
export class ResultFiles {
  #kept: { readonly file: string; readonly text: string } | undefined;

  /** Returns all results of a file; none for a log that was cut off before its result. Throws as `readReport`. */
  results(file: string): StoredResult[] {
    const texts = resultsIn(this.#textOf(file));
    // a pipe cannot be read twice
    const isFile = statSync(file, { throwIfNoEntry: false })?.isFile() === true;
    return texts.map((text, index) => {
      const head = headOf(resultOf(withoutSteps(text), file));
      return { head, read: isFile ? this.#readerOf(file, index) : held(text, file) };
    });
  }

  #readerOf(file: string, index: number): StoredResult['read'] {
    return () => readResult(resultsIn(this.#textOf(file))[index] ?? '', file);
  }

  #textOf(file: string): string {
    if (this.#kept?.file !== file) this.#kept = { file, text: textFrom(file) };
    return this.#kept.text;
  }
}

function held(text: string, file: string): StoredResult['read'] {
  return () => readResult(text, file);
}

/**
 * Steps are read in blocks of about so many characters, because parsed they take ten times the memory of their text.
 */
const blockLength = 65_536;

/** Reads a result, but its steps only when they are added. Both throw as `readReport`. */
function readResult(text: string, file: string): ReturnType<StoredResult['read']> {
  const bundle = resultOf(withoutSteps(text), file);
  const steps = stepsIn(text);
  if (steps === undefined) return bundle;
  const { everyMs } = bundle.timeline;
  return { ...bundle, timeline: { everyMs, points: pointsIn(text.slice(...steps), bundle, file) } };
}

function* pointsIn(steps: string, bundle: Bundle, file: string): Generator<Bundle['timeline']['points'][number]> {
  let earlier = 0;
  for (let from = 0; from < steps.length;) {
    const found = steps.indexOf('},{"sent":', from + blockLength);
    const end = found === -1 ? steps.length : found + 1;
    const points = jsonOf(`[${steps.slice(from, end)}]`, file) as Bundle['timeline']['points'];
    const { everyMs } = bundle.timeline;
    yield* checked({ ...bundle, timeline: { everyMs, points } }, file, earlier).timeline.points;
    earlier += points.length;
    // behind the comma
    from = end + 1;
  }
}

/**
 * Returns the text of a printed result without the steps of its timeline, which are most of it and not needed for its
 * head. Any other text stays as it is; quotes inside strings are escaped, so nothing else looks like the steps.
 */
function withoutSteps(text: string): string {
  const [start, end] = stepsIn(text) ?? [0, 0];
  return start === 0 ? text : text.slice(0, start) + text.slice(end);
}

/** Returns where the steps of a result are in its text; undefined if it is not formatted as this program prints it. */
function stepsIn(text: string): [start: number, end: number] | undefined {
  const [name, end] = [text.indexOf('"points":[{'), text.indexOf('}]},"errors":[')];
  return name === -1 || end < name ? undefined : [name + '"points":['.length, end + 1];
}

/** Returns the texts that are results: single lines of a log, or the whole file. */
function resultsIn(text: string): string[] {
  const lines: string[] = [];
  const start = /^\{"version":/gm;
  while (start.exec(text) !== null) {
    const from = start.lastIndex - '{"version":'.length;
    const end = text.indexOf('\n', from);
    const line = text.slice(from, end === -1 ? undefined : end).trimEnd();
    if (line.endsWith('}')) lines.push(line);
    start.lastIndex = from + line.length;
  }
  const isDocument = lines.length === 0 && /^\s*\{[^]*\}\s*$/.test(text);
  return isDocument ? [text] : lines;
}

function resultOf(text: string, file: string): Bundle {
  return checked(jsonOf(text, file), file);
}

function jsonOf(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw noReport(file, 'it is no JSON', cause);
  }
}

/**
 * Returns the value as a result. Throws an invalid `Failure` if it is not; `earlier` steps, already read, come before
 * its first one and count in the places of problems.
 */
function checked(value: unknown, file: string, earlier = 0): Bundle {
  const problem = problemOf(value)?.replace(/(?<=^timeline\.points\.)\d+/, (index) => String(Number(index) + earlier));
  if (problem !== undefined) throw noReport(file, problem);
  return value as Bundle;
}

/** Returns what is wrong with a result. Checks the version first: later versions may hold anything. */
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

/** Returns the failure of a file that holds no result, with the reason. */
export function noReport(file: string, why: string, cause?: unknown): Failure {
  return new Failure('invalid', `'${cutText(file, 200)}' is no result of a simulation: ${why}`, {
    hint: 'devicehive simulate run --report FILE.json writes one.',
    cause,
  });
}
