import { actionNames, schemaOf, type ActionName } from '../../../protocol/schema.ts';
import { nouns } from '../../flags/commandWords.ts';
import type { PromptChoice } from '../../terminal/prompts/prompter.ts';
import { isSubscription, wordsOfAction } from './draft.ts';

/** An entry of the menu: an action, the current user, another server, or leaving. */
export type MenuItem =
  { readonly kind: 'action'; readonly action: ActionName } | { readonly kind: 'status' | 'server' | 'quit' };

interface MenuEntry {
  readonly words: string;
  readonly title: string;
  /** Other words by which it is found. */
  readonly also?: string;
  readonly item: MenuItem;
}

/** Words longer than this push their title to the right. */
const wordsWidth = 24;

/** The entries of the menu, in the order of help. */
function entries(): MenuEntry[] {
  const order = [...Object.keys(nouns), 'authenticate'];
  const placeOf = (action: ActionName) =>
    wordsOfAction(action) === undefined ? order.length : order.indexOf(action.split('/')[0] ?? '');
  const requests = actionNames().sort((one, other) => placeOf(one) - placeOf(other));
  return [
    ...requests.map(entryOf),
    {
      words: 'auth status',
      title: 'Tell as whom the server is used, and what the token allows',
      item: { kind: 'status' },
    },
    {
      words: 'another server',
      title: 'Choose the server anew',
      also: 'auth login context url',
      item: { kind: 'server' },
    },
    { words: 'quit', title: 'Leave', also: 'exit leave', item: { kind: 'quit' } },
  ];
}

/** A subscription is made by watching; to end one is left to `request`. */
function entryOf(action: ActionName): MenuEntry {
  const also = isSubscription(action) ? action.replace('/', ' ') : undefined;
  return {
    words: (wordsOfAction(action) ?? ['request', action]).join(' '),
    title: schemaOf(action).title ?? '',
    ...(also === undefined ? {} : { also }),
    item: { kind: 'action', action },
  };
}

/** Finds what can be done by noun, verb or title. */
export function actionSearch(): (typed: string) => PromptChoice<MenuItem>[] {
  const all = entries();
  return (typed) => {
    const parts = typed
      .toLowerCase()
      .split(/[\s/]+/)
      .filter((part) => part !== '');
    return all
      .map((entry) => ({ entry, rank: rankOf(entry, parts) }))
      .filter(({ rank }) => rank < notFound)
      .sort((one, other) => one.rank - other.rank)
      .map(({ entry: { words, title, item } }) => ({
        name: `${words.padEnd(wordsWidth)}  ${title}`,
        short: words,
        value: item,
      }));
  };
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
  if (holds(`${words} ${also}`)) return 3;
  return holds(`${words} ${also} ${title}`) ? 4 : notFound;
}
