import { isFrame, type Frame } from '../../../protocol/frames.ts';
import { largeProblem } from '../../../protocol/limits.ts';
import { parseJsonExactly } from '../../flags/values.ts';
import type { ShellEnd } from './child.ts';

/** The answer to a command. */
export interface CommandUpdate extends Frame {
  readonly status: 'done' | 'failed';
  readonly result?: Frame;
}

/** The answer for a program's end, with a remark for the user if needed. */
export interface AnswerFor {
  readonly update: CommandUpdate;
  readonly problem: string | undefined;
}

/**
 * Returns the answer for a program's end: `done` for exit 0, else `failed`. A JSON object on stdout is the result,
 * other text becomes its `output`. After a failure the result also has the last lines of stderr.
 */
export function updateFor(ended: ShellEnd, allowLarge: boolean): AnswerFor {
  const { exitCode, signal, problem, isCut, output, lastWords } = ended;
  const isDone = exitCode === 0 && problem === undefined;
  const failed = isDone ? {} : { exitCode, ...(signal === null ? {} : { signal }) };
  const why = problem === undefined ? {} : { error: `the program could not be run: ${problem}` };
  const stderr = isDone || lastWords === '' ? {} : { stderr: lastWords };
  const result = { ...stderr, ...resultOf(output.toString()), ...failed, ...why };
  const update: CommandUpdate = {
    status: isDone ? 'done' : 'failed',
    ...(Object.keys(result).length === 0 ? {} : { result }),
  };
  const large = isCut
    ? `the output takes more than ${output.length} bytes`
    : allowLarge
      ? undefined
      : largeProblem('command/update', { command: update });
  if (large === undefined) return { update, problem };
  const error = `${large}; it is not sent, because a message near 1 MiB can stop a DeviceHive server`;
  return { update: { status: 'failed', result: { error, exitCode } }, problem: error };
}

function resultOf(text: string): Frame {
  const shown = text.replace(/[\r\n]+$/, '');
  if (shown === '') return {};
  return objectIn(shown) ?? { output: shown };
}

/** Parses a JSON object; undefined for other text, and for numbers too large for JavaScript, which stay text. */
function objectIn(text: string): Frame | undefined {
  try {
    const value = parseJsonExactly(text);
    return isFrame(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
