import { CommanderError, type Option } from 'commander';
import { Failure } from '../../../errors.ts';
import type { CommandTree } from '../toolCommand.ts';
import type { Io } from '../../terminal/io.ts';
import { isPlainWord } from '../../terminal/shellWords.ts';
import { cutText } from '../../terminal/safeText.ts';
import { cursorPlace, type CursorPlace } from './cursor.ts';
import { QuietIo } from '../../terminal/quietIo.ts';
import { argumentValues, optionValues, type Values } from './values.ts';

/** The time limit for everything, the server's answer included, in ms. */
const patienceMs = 1000;

/** Hints that the completion scripts understand; they are added up. */
const directives = { noSpace: 2, noFiles: 4, keepOrder: 32 } as const;

/**
 * Returns completions of the last word in the scripts' format: a line for each value, with a tab and its meaning; then
 * `:` and the sum of directives. Any failure gives no values.
 */
export async function complete(words: readonly string[], tree: CommandTree, io: Io): Promise<string> {
  const quiet = new QuietIo(io, AbortSignal.any([io.signal, AbortSignal.timeout(patienceMs)]));
  try {
    return rendered(await valuesFor(words, tree, quiet), valuePart(words.at(-1) ?? ''));
  } catch (error) {
    if (error instanceof Failure || error instanceof CommanderError) return rendered({ items: [] }, '');
    throw error;
  }
}

async function valuesFor(given: readonly string[], tree: CommandTree, io: Io): Promise<Values> {
  const isHelp = given[0] === 'help' && given.length > 1 && given[1]?.startsWith('-') === false;
  if (isHelp && given.length === 2) return helpWords(tree);
  const asked = isHelp ? given.slice(1) : given;
  const words = joined(asked).map(unquoted);
  const current = words.at(-1) ?? '';
  const flag = flagPart(current);
  const before = [...words.slice(0, -1), ...(flag === undefined ? [] : [flag])];
  return valuesAt(cursorPlace(before, flag === undefined ? current : '', tree), before, valuePart(current), io);
}

/** Returns the words that may follow `help`: topics, nouns and commands. */
async function helpWords(tree: CommandTree): Promise<Values> {
  const { topics } = await import('../help/help.ts');
  const commands = tree
    .branch([])
    .commands.map((command) => ({ value: command.name(), meaning: command.description() }));
  return { items: [...topics.map(({ name, summary }) => ({ value: name, meaning: summary })), ...commands] };
}

async function valuesAt(place: CursorPlace, before: readonly string[], current: string, io: Io): Promise<Values> {
  switch (place.kind) {
    case 'command':
      return { items: place.commands.map((command) => ({ value: command.name(), meaning: command.description() })) };
    case 'flag':
      return { items: place.options.map((option) => ({ value: nameOf(option), meaning: option.description })) };
    case 'value':
      return optionValues(place.option, { words: before.slice(0, -1), leaf: place.leaf, current }, io);
    case 'argument':
      return argumentValues(place.argument, io);
    case 'free':
      return { items: [] };
  }
}

function nameOf({ long, short }: Option): string {
  return long ?? short ?? '';
}

/** Returns `--output` of `--output=js`; undefined without `=`. */
function flagPart(word: string): string | undefined {
  return /^(--[\w-]+)=/.exec(word)?.[1];
}

/** Returns `js` of `--output=js`, or the whole word. */
function valuePart(word: string): string {
  const flag = flagPart(word);
  return flag === undefined ? word : word.slice(flag.length + 1);
}

/** Joins `--output = js`, which bash may pass as three words. */
function joined(words: readonly string[]): string[] {
  const whole: string[] = [];
  for (const word of words) {
    const isPart = word === '=' || (word !== '' && whole.at(-1)?.endsWith('=') === true);
    whole.push(isPart ? `${whole.pop() ?? ''}${word}` : word);
  }
  return whole;
}

/** Removes the quotes that the scripts pass on. */
function unquoted(word: string): string {
  return word.replace(/^(['"])(.*?)\1?$/s, '$2');
}

/** Formats values for the scripts. Only words that need no quotes in any shell are offered. */
function rendered({ items, files }: Values, current: string): string {
  const fitting = items.filter(({ value }) => value.startsWith(current) && isPlainWord(value));
  const lines = fitting.map(({ value, meaning }) => {
    const told = cutText(meaning.split('\n')[0] ?? '', 80);
    return told === '' ? `${value}\n` : `${value}\t${told}\n`;
  });
  const isOpen = fitting.length > 0 && fitting.every(({ value }) => value.endsWith('/'));
  const directive = files === true ? 0 : directives.noFiles + directives.keepOrder + (isOpen ? directives.noSpace : 0);
  return `${lines.join('')}:${directive}\n`;
}
