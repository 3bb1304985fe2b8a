import { messageOf, type Problem } from '../../../../errors.ts';
import { maxSentDepth, shallowJson } from '../../../../protocol/depth.ts';
import { closest } from '../../../../protocol/notation/closest.ts';
import { isFrame, type Frame } from '../../../../protocol/frames.ts';
import { largeProblem, maxMessageBytes } from '../../../../protocol/limits.ts';
import { actionNames, type ActionName } from '../../../../protocol/schema.ts';
import { problemsOf, unknownFields } from '../../../../protocol/validation.ts';
import { cutText } from '../../../terminal/safeText.ts';
import type { KnownAction, KnownActions } from './knownAction.ts';
import type { OutcomeError } from '../outcome.ts';

/** A request that one line asks for. */
export interface LineRequest {
  readonly kind: 'request';
  readonly action: string;
  readonly known: KnownAction;
  readonly frame: Frame;
  /** The frame as JSON, its `{` first; it holds `requestId` where `wireId` is given. */
  readonly text: string;
  /** The line's own id, any JSON value; undefined if it has none, or another one is sent in its place. */
  readonly wireId: unknown;
}

export interface InvalidLine {
  readonly kind: 'invalid';
  readonly error: OutcomeError;
}

/** How lines are parsed. */
export interface Reading {
  readonly actions: KnownActions;
  /** The action of lines that name none. */
  readonly action: string | undefined;
  readonly allowUnknown: boolean;
  readonly allowLarge: boolean;
}

/** Reads a line of JSON. Returns its request, or an invalid outcome with everything that is wrong. */
export function readLine(line: string, reading: Reading): LineRequest | InvalidLine {
  let value: unknown;
  try {
    value = shallowJson(line, maxSentDepth);
  } catch (error) {
    if (error instanceof RangeError) return invalid(`is ${error.message}; nothing was sent`);
    const hint = csvHeader.test(line) ? { hint: 'Add --format csv where this is the header of a CSV.' } : {};
    return invalid(`must be JSON: ${cutText(messageOf(error), 160)}`, hint);
  }
  if (!isFrame(value)) return invalid('must be a JSON object, such as {"action": "server/info"}');
  return requestOf(value, line.charCodeAt(0) === openBrace ? line : line.trimStart(), reading);
}

const openBrace = 123;

/** Names of fields with commas or semicolons between them. */
const csvHeader = /^[A-Za-z][\w.]*([,;][A-Za-z][\w.]*)+\r?$/;

/** Checks a parsed frame; `text` is its text in the input, if it has one. Returns a request or an invalid outcome. */
export function requestOf(frame: Frame, text: string | undefined, reading: Reading): LineRequest | InvalidLine {
  const { action = reading.action } = frame;
  if (typeof action !== 'string' || !/^\S+$/.test(action)) return noAction(action);
  const known = reading.actions.of(action);
  if (!known.fits(frame, reading.allowUnknown)) return unfit(known.name, frame, reading);
  const whole = frame['action'] === undefined ? { ...frame, action } : frame;
  const source = whole === frame ? text : undefined;
  const problem =
    reading.allowLarge || (source ?? '').length * 3 <= maxMessageBytes ? undefined : largeProblem(action, whole);
  if (problem !== undefined) return tooLarge(problem);
  const { requestId } = frame;
  return { kind: 'request', action, known, frame: whole, text: source ?? JSON.stringify(whole), wireId: requestId };
}

/** Returns the same request without its own id, which another pending request uses. */
export function withoutId(request: LineRequest): LineRequest {
  return { ...request, text: JSON.stringify({ ...request.frame, requestId: undefined }), wireId: undefined };
}

function invalid(message: string, details: Partial<OutcomeError> = {}): InvalidLine {
  return { kind: 'invalid', error: { kind: 'invalid', message, ...details } };
}

/** Returns the outcome of an unreadable line; `fault` continues "the line is", or begins with `has `. */
export function unreadable(fault: string): InvalidLine {
  const problem = fault.startsWith('has ') ? `the line ${fault}` : `the line is ${fault}`;
  return invalid(fault === 'too long' ? `${problem}; nothing was sent` : problem);
}

function noAction(action: unknown): InvalidLine {
  if (action === undefined) {
    return invalid('action is required', {
      hint: 'Name it in the line, such as "action": "command/update", or for all lines with --action.',
      problems: [{ at: 'action', message: 'is required' }],
    });
  }
  const message = 'must be the name of an action, such as command/update';
  return invalid(`action ${message}`, { problems: [{ at: 'action', message }] });
}

function tooLarge(problem: string): InvalidLine {
  return invalid(problem, {
    hint: 'A message near 1 MiB makes a default DeviceHive stop answering everyone. Send less, or add --allow-large where the server is known to bear it.',
  });
}

/** Returns the outcome of a frame that does not fit its action, with all problems. */
function unfit(action: ActionName | undefined, frame: Frame, reading: Reading): InvalidLine {
  if (action === undefined) return invalid('is no known action');
  const { action: _action, requestId: _requestId, ...payload } = frame;
  const all = [...problemsOf(action, payload), ...(reading.allowUnknown ? [] : unknownFields(action, payload))];
  const problems: Problem[] = all.map(({ at, message }) => ({ at, message }));
  const [first] = problems;
  const what = problems.length === 1 ? `${first?.at ?? ''} ${first?.message ?? ''}` : `${problems.length} problems`;
  return invalid(`${what}; nothing was sent`, { problems });
}

/** Returns a sentence about an unknown action; undefined for a known one. */
export function unknownAction(name: string): string | undefined {
  const names: readonly string[] = actionNames();
  if (names.includes(name)) return undefined;
  const suggestion = closest(name, names);
  return `'${cutText(name)}' is no action${suggestion === undefined ? '' : ` (did you mean ${suggestion}?)`}`;
}
