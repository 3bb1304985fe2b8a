import { actionNames, type ActionName } from '../../../protocol/schema.ts';
import { actionFor, wordsFor } from '../../flags/commandWords.ts';
import { commandFlags } from '../../flags/fieldOptions.ts';
import type { Flag } from '../../flags/flags.ts';
import { suggestionsFor } from '../../request/suggestions.ts';
import { isPlainWord } from '../../terminal/shellWords.ts';
import type { KeptSession } from './session.ts';
import { sessionWords } from './sessionLine.ts';

/**
 * Returns completions of a line's last word, and that word: nouns, verbs, flags, and values from the schema or the
 * server.
 */
export async function completedLine(line: string, session: KeptSession): Promise<[string[], string]> {
  const words = line.trimStart().split(/\s+/);
  const current = words.at(-1) ?? '';
  const candidates = await candidatesFor(words.slice(0, -1), session);
  return [candidates.filter((each) => each.startsWith(current)).map((each) => `${each} `), current];
}

async function candidatesFor(before: readonly string[], session: KeptSession): Promise<readonly string[]> {
  const words = before[0] === 'devicehive' ? before.slice(1) : before;
  const [noun, verb] = words;
  if (noun === undefined) return [...new Set([...callable().map(([first]) => first), ...Object.keys(sessionWords)])];
  if (noun === '.watch' || noun === '.unwatch') return deviceIds(session);
  const action = actionFor(noun, verb) ?? actionFor(noun, undefined);
  if (action === undefined) return verb === undefined ? verbsOf(noun) : [];
  return valuesOrFlags(action, words, session);
}

/** Returns the words of every command that sends one request. */
function callable(): readonly (readonly [string, string?])[] {
  return actionNames().flatMap((action) => {
    const words = wordsFor(action);
    return words === undefined ? [] : [words as readonly [string, string?]];
  });
}

function verbsOf(noun: string): readonly string[] {
  return callable().flatMap(([first, verb]) => (first === noun && verb !== undefined ? [verb] : []));
}

async function valuesOrFlags(
  action: ActionName,
  words: readonly string[],
  session: KeptSession,
): Promise<readonly string[]> {
  const flags = commandFlags(action);
  const named = (word: string | undefined) => flags.find(({ name }) => `--${name}` === word);
  const flag = named(words.at(-1));
  if (flag === undefined || flag.kind === 'boolean')
    return flags.map(({ name }) => `--${name}`).filter((name) => !words.includes(name));
  if (flag.schema.enum !== undefined) return flag.schema.enum.map(String);
  const given = new Map<Flag, unknown>();
  for (const [index, word] of words.entries()) {
    const known = named(words[index - 1]);
    if (known !== undefined) given.set(known, word);
  }
  return serverValues(flag, given, session);
}

async function serverValues(
  flag: Flag,
  given: ReadonlyMap<Flag, unknown>,
  session: KeptSession,
): Promise<readonly string[]> {
  const ask = async (action: string, payload: Readonly<Record<string, unknown>>) =>
    (await session.request(action, payload, undefined)).reply;
  const found = await suggestionsFor(flag, given, ask);
  return (found?.list ?? []).map(({ value }) => value).filter(isPlainWord);
}

function deviceIds(session: KeptSession): Promise<readonly string[]> {
  const flag = commandFlags('command/insert').find(({ path }) => path.join('.') === 'deviceId');
  return flag === undefined ? Promise.resolve([]) : serverValues(flag, new Map(), session);
}
