import { actionNames, schemaOf, type ActionName } from '../../../protocol/schema.ts';
import { nouns } from '../../flags/commandWords.ts';
import { nounMeant, verbsMeant } from '../../flags/synonyms.ts';
import type { PromptChoice } from '../../terminal/prompts/prompter.ts';
import type { AnswerTrail } from '../../terminal/prompts/answerTrail.ts';
import { toolNames, toolTitles, type ToolName } from './tools.ts';
import { isSubscription, wordsOfAction } from './draft.ts';

/** An entry of the menu: an action, another command, another server, or leaving. */
export type MenuItem =
  | { readonly kind: 'action'; readonly action: ActionName }
  | { readonly kind: 'tool'; readonly tool: ToolName }
  | { readonly kind: 'server' | 'quit' };

/** A menu choice that the person went back from, with the answers to its questions. */
export interface LeftChoice {
  readonly item: MenuItem;
  readonly trail: AnswerTrail;
}

interface MenuEntry {
  readonly words: string;
  readonly title: string;
  /** Other words that find it. */
  readonly also?: string;
  readonly item: MenuItem;
}

/** Longer words push their title to the right. */
const wordsWidth = 24;

/** Returns the entries of the menu, in the order of help. */
function entries(): MenuEntry[] {
  const order = [...Object.keys(nouns), 'authenticate'];
  const placeOf = (action: ActionName) =>
    wordsOfAction(action) === undefined ? order.length : order.indexOf(action.split('/')[0] ?? '');
  const requests = actionNames().sort((one, other) => placeOf(one) - placeOf(other));
  return [
    ...requests.map(entryOf),
    ...toolNames.map((tool): MenuEntry => ({ words: tool, title: toolTitles[tool], item: { kind: 'tool', tool } })),
    {
      words: 'another server',
      title: 'Choose the server anew',
      also: 'auth login context url',
      item: { kind: 'server' },
    },
    { words: 'quit', title: 'Leave', also: 'exit leave', item: { kind: 'quit' } },
  ];
}

/** Returns the entry of an action. Subscribing is offered as watching; unsubscribing only by `request`. */
function entryOf(action: ActionName): MenuEntry {
  const also = isSubscription(action) ? action.replace('/', ' ') : undefined;
  return {
    words: (wordsOfAction(action) ?? ['request', action]).join(' '),
    title: schemaOf(action).title ?? '',
    ...(also === undefined ? {} : { also }),
    item: { kind: 'action', action },
  };
}

/** Returns a search for entries by noun, verb or title, by words of other tools, and by similar words. */
export async function actionSearch(): Promise<(typed: string) => PromptChoice<MenuItem>[]> {
  const { default: fuzzysort } = await import('fuzzysort');
  const all = entries();
  const textOf = ({ words, title, also = '' }: MenuEntry) => `${words} ${also} ${title}`;
  return (typed) => {
    const parts = typed
      .toLowerCase()
      .split(/[\s/]+/)
      .filter((part) => part !== '');
    const ranked = all
      .map((entry) => ({ entry, rank: rankOf(entry, parts) }))
      .filter(({ rank }) => rank < notFound)
      .sort((one, other) => one.rank - other.rank)
      .map(({ entry }) => entry);
    const near = fuzzysort.go(parts.join(' '), all, { key: textOf, threshold: leastLikeness }).map(({ obj }) => obj);
    return [...new Set([...ranked, ...near])].map(choiceOf);
  };
}

/** True if both stand for the same entry. */
export function isSameItem(one: MenuItem, other: MenuItem): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** Returns a search that proposes one entry first while nothing is typed. */
export function leftFirst(
  find: (typed: string) => PromptChoice<MenuItem>[],
  item: MenuItem | undefined,
): (typed: string) => PromptChoice<MenuItem>[] {
  if (item === undefined) return find;
  return (typed) => {
    const found = find(typed);
    const first = typed === '' ? found.filter(({ value }) => isSameItem(value, item)) : [];
    return [...first, ...found.filter((choice) => !first.includes(choice))];
  };
}

/** How like a text must be to what was typed, from 0 to 1. */
const leastLikeness = 0.3;

function choiceOf({ words, title, item }: MenuEntry): PromptChoice<MenuItem> {
  return { name: `${words.padEnd(wordsWidth)}  ${title}`, short: words, value: item };
}

const notFound = 5;

/** Returns how well an entry fits the typed text: lower is better. */
function rankOf({ words, title, also = '' }: MenuEntry, parts: readonly string[]): number {
  const typed = parts.join(' ');
  if (typed === '') return 0;
  const names = [words, also].map((text) => text.replace('/', ' '));
  if (names.includes(typed)) return 0;
  if (names.some((name) => name.startsWith(typed))) return 1;
  const holds = (text: string) => parts.every((part) => text.toLowerCase().includes(part));
  if (holds(words)) return 2;
  const meant = meaningRank(words.split(' '), parts);
  if (meant !== undefined) return 3 + meant;
  return holds(`${words} ${also} ${title}`) ? 4 : notFound;
}

/** Returns how near a command is to words of other tools, from 0 to less than 1; undefined if they do not mean it. */
function meaningRank([noun = '', verb = '']: readonly string[], parts: readonly string[]): number | undefined {
  const word = parts.find((part) => verbsMeant(part).includes(verb));
  if (word === undefined) return undefined;
  const others = parts.filter((part) => part !== word);
  if (!others.every((part) => noun.includes(part))) return undefined;
  const isItsNoun = others.length > 0 ? others.includes(noun) : nounMeant(word) === noun;
  return (isItsNoun ? 0 : 0.5) + verbsMeant(word).indexOf(verb) / 100;
}
