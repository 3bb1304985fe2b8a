import { Command, CommanderError } from 'commander';
import { parse } from 'shell-quote';
import { Failure } from '../../../errors.ts';
import type { Frame } from '../../../protocol/frames.ts';
import { closest } from '../../../protocol/notation/closest.ts';
import { actionNames, type ActionName } from '../../../protocol/schema.ts';
import { actionFor, wordsFor } from '../../flags/commandWords.ts';
import { fieldOptions } from '../../flags/fieldOptions.ts';
import type { FlagContext } from '../../flags/sharedValues.ts';
import { parseJsonExactly } from '../../flags/values.ts';
import { readPayload } from '../../request/requestCommand.ts';
import { requestIdOf } from '../../request/requestId.ts';
import { payloadFrame } from '../../request/send.ts';
import type { CommonValues } from '../../target/serverName.ts';
import { cutText } from '../../terminal/safeText.ts';

/** The request or instruction in a line; `requestId` is the caller's own, if given. */
export type SessionLine =
  | { readonly kind: 'request'; readonly action: string; readonly payload: Frame; readonly requestId: unknown }
  | { readonly kind: 'watch'; readonly devices: readonly string[] }
  | { readonly kind: 'unwatch'; readonly devices: readonly string[] }
  | { readonly kind: 'help' }
  | { readonly kind: 'quit' };

/** Words that are about the session itself, and what they do. */
export const sessionWords: Readonly<Record<string, string>> = {
  '.watch': 'show commands, updates and notifications of these devices',
  '.unwatch': 'show them no more; of all devices where none is named',
  '.help': 'show what a line may be',
  '.quit': 'leave, as Ctrl-D does',
};

/**
 * Reads a line: a frame as JSON, a command with its own flags, or a word about the session; undefined for a blank line.
 * Throws a `Failure`: `usage` or `invalid`.
 */
export async function readSessionLine(
  line: string,
  context: FlagContext<CommonValues>,
): Promise<SessionLine | undefined> {
  const text = line.trim();
  if (text === '' || text.startsWith('#')) return undefined;
  if (text.startsWith('{')) return rawFrame(text);
  const words = wordsIn(text);
  const [first = ''] = words;
  return first.startsWith('.') ? wordLine(words) : commandLine(words, context);
}

function rawFrame(text: string): SessionLine {
  const { action, requestId, ...payload } = payloadFrame(parseJsonExactly(text), 'a frame');
  if (typeof action === 'string' && /^\S+$/.test(action)) return { kind: 'request', action, payload, requestId };
  throw new Failure('invalid', 'the frame names no action; nothing was sent', {
    hint: 'Such as {"action": "server/info"}.',
  });
}

/** Splits a line into words as a POSIX shell does; variables stay as they are, and pipes are refused. */
function wordsIn(text: string): string[] {
  return parse(text, (name) => `$${name}`).map((entry) => {
    if (typeof entry === 'string') return entry;
    if ('pattern' in entry) return entry.pattern;
    const what = 'op' in entry ? entry.op : '#';
    throw new Failure('usage', `the line holds ${what}, which only a shell understands; nothing was sent`, {
      hint: 'Put it in quotes.',
    });
  });
}

function wordLine([word = '', ...devices]: readonly string[]): SessionLine {
  if (word === '.watch' && devices.length > 0) return { kind: 'watch', devices };
  if (word === '.unwatch') return { kind: 'unwatch', devices };
  if (word === '.help' || word === '.quit') return { kind: word === '.help' ? 'help' : 'quit' };
  if (word === '.watch') throw new Failure('usage', '.watch names no device', { hint: 'Such as .watch d1.' });
  const words = Object.keys(sessionWords);
  throw new Failure('usage', `'${cutText(word)}' is none of ${words.join(', ')}${meant(word, words)}`, {
    hint: '.help shows what a line may be.',
  });
}

async function commandLine(given: readonly string[], context: FlagContext<CommonValues>): Promise<SessionLine> {
  const words = given[0] === 'devicehive' ? given.slice(1) : given;
  const [noun = '', verb = ''] = words;
  const single = actionFor(noun, undefined);
  const action = actionFor(noun, verb) ?? single;
  if (action === undefined) throw unknownCommand(noun, verb);
  const values = valuesOf(action, words.slice(single === action && actionFor(noun, verb) === undefined ? 1 : 2));
  const payload = await readPayload(action, { ...context, values: { ...values, input: false } });
  return { kind: 'request', action, payload, requestId: requestIdOf(values) };
}

/** Returns the values of one request's flags: its fields and its id. */
function valuesOf(action: ActionName, words: readonly string[]): CommonValues {
  const silent = () => undefined;
  const command = new Command(action).exitOverride().helpOption(false).allowExcessArguments(false);
  command.configureOutput({ writeErr: silent, writeOut: silent });
  for (const option of fieldOptions(action)) command.addOption(option);
  command.option('--request-id <id>');
  try {
    return command.parse(words, { from: 'user' }).opts();
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    const problem = error.message.replace(/^error: /, '').replace(/\s+/g, ' ');
    throw new Failure('usage', `${problem}; nothing was sent`, {
      hint: `Here a line has the flags of its own fields: devicehive ${wordsFor(action)?.join(' ') ?? ''} --help.`,
      cause: error,
    });
  }
}

function unknownCommand(noun: string, verb: string): Failure {
  if (verb === 'watch' || verb === 'subscribe')
    return new Failure('usage', `${noun} ${verb} is .watch here`, { hint: 'Such as .watch d1.' });
  const all = actionNames().flatMap((action) => wordsFor(action)?.join(' ') ?? []);
  const words = cutText(`${noun} ${verb}`.trim());
  return new Failure('usage', `'${words}' sends no request${meant(words, all)}`, {
    hint: 'A line is a command that sends one request, or a frame as JSON; .help shows more.',
  });
}

function meant(word: string, among: readonly string[]): string {
  const suggestion = closest(word, among);
  return suggestion === undefined ? '' : ` (did you mean ${suggestion}?)`;
}
