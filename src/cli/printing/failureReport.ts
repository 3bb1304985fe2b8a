import { type Failure, type FailureKind } from '../../errors.ts';
import { exitCodes } from './exitCodes.ts';
import { withoutUrlSecrets } from '../../protocol/urlSecrets.ts';
import { safeLine, safeText } from '../terminal/safeText.ts';
import { own } from '../../protocol/own.ts';

/** The place to report bugs. */
const issues = 'https://github.com/devicehive/devicehive-cli/issues';

/** Returns the exit code of a failure; after a signal 128 plus its number. */
export function exitCodeOf({ kind }: Failure, signal: unknown): number {
  return (kind === 'interrupted' ? own(signalCodes, String(signal)) : undefined) ?? exitCodes[kind];
}

const signalCodes: Readonly<Record<string, number>> = { SIGHUP: 129, SIGTERM: 143 };

/** Returns a failure as text for people: what was attempted, what went wrong, each problem on a line, what to do. */
export function failureText(failure: Failure, command: string): string {
  const problems = failure.problems ?? [];
  const list =
    problems.length > 1 ? problems.map(({ at, message }) => `\n  ${safeLine(`${at} ${message}`)}`).join('') : '';
  const hint = failure.hint === undefined ? '' : `\n${hintText(failure.kind, failure.hint)}`;
  const isOwn = `devicehive ${failure.action?.replace('/', ' ') ?? ''}` === command;
  const twice = `${failure.action ?? ''}: `;
  const message = isOwn && failure.message.startsWith(twice) ? failure.message.slice(twice.length) : failure.message;
  return withoutUrlSecrets(`${safeLine(`${command}: ${message}`)}${list}${hint}\n`);
}

/**
 * Keeps the lines of usage hints, which may be a whole help; others are cut to one safe line, as a server's words may
 * be in them.
 */
function hintText(kind: FailureKind, hint: string): string {
  return kind === 'usage' ? safeText(hint) : safeLine(hint);
}

/** A failure as the one line of JSON that `--json` promises. */
export function failureJson(failure: Failure, exit: number, warnings: readonly string[]): string {
  const { kind, code, message, hint, action, requestId, reply, problems } = failure;
  const optional = { action, requestId, reply, problems, warnings: warnings.length === 0 ? undefined : warnings };
  const told = { message: withoutUrlSecrets(message), hint: withoutUrlSecrets(hint ?? defaultHints[kind]) };
  return jsonLine({ kind, code, exit, ...told, ...optional });
}

/** Returns the text of a bug: its stack, and where to report it. */
export function bugText(error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return safeText(`devicehive: this is a bug in devicehive, please report it: ${issues}\n${indented(stack)}\n`);
}

/** Returns a stack with every line but the first indented, those of the error's message included. */
export function indented(stack: string): string {
  return stack.replace(/\r?\n(?! )/g, '\n    ');
}

/** A bug as one line of JSON. */
export function bugJson(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const stack = error instanceof Error ? error.stack : undefined;
  return jsonLine({
    kind: 'internal',
    code: null,
    exit: exitCodes.internal,
    message,
    hint: `Please report it: ${issues}`,
    stack,
  });
}

/** Escapes characters that a terminal must not get; JSON allows that, because they occur in strings only. */
function jsonLine(error: Readonly<Record<string, unknown>>): string {
  return `${safeText(JSON.stringify({ error }))}\n`;
}

const defaultHints: Readonly<Record<FailureKind, string>> = {
  usage: 'See --help.',
  invalid: 'Correct the value; nothing was sent.',
  auth: 'Give a valid access token.',
  connect: 'Check the URL and that the server runs.',
  refused: 'The server refused the request; its reply says why.',
  timeout: 'Allow more time, or check the server.',
  pending: 'The device did not answer in time.',
  assertion: 'What was expected did not happen.',
  partial: 'Some lines were not ok; their outcomes say why.',
  generator: 'The load generator was too slow; the result is not to be trusted.',
  interrupted: 'Stopped by a signal.',
};
