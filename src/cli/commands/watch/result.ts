import { isFrame, type Frame } from '../../../protocol/frames.ts';
import { largeProblem } from '../../../protocol/limits.ts';
import { parseJsonExactly } from '../../flags/values.ts';
import type { ShellEnd } from './child.ts';

/** How a command is answered. */
export interface CommandUpdate extends Frame {
  readonly status: 'done' | 'failed';
  readonly result?: Frame;
}

/** The answer for a program's end, and a remark for its user. */
export interface AnswerFor {
  readonly update: CommandUpdate;
  readonly problem: string | undefined;
}

/**
 * Exit 0 is `done`, anything else `failed`; one JSON object on stdout is the result, other text becomes its `output`.
 * The result of a failure holds the last lines of stderr too.
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

/** Results that JavaScript would change (large numbers) stay text. */
function objectIn(text: string): Frame | undefined {
  try {
    const value = parseJsonExactly(text);
    return isFrame(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
