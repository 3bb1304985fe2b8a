import { Failure } from '../../errors.ts';
import type { Frame } from '../../protocol/frames.ts';
import { itemsOf, type AskServer } from './replies.ts';
import type { PageSize } from './pageSize.ts';
import type { SeenItems } from './seenItems.ts';

/** A list longer than this, of a server that does not count, never ends. */
const mostUncounted = 2_000_000;

/** So many pages in a row may begin beyond what the server counts: items come and go meanwhile. */
const mostBeyond = 3;

/** A list: the fields that choose its items, and those that give them an order. */
export interface PagedList {
  readonly ask: AskServer;
  readonly action: string;
  readonly filter: Frame;
  readonly order: Frame;
}

/** One page of a list, and how many items come before it. */
export interface Page {
  readonly items: readonly unknown[];
  readonly start: number;
  readonly isLast: boolean;
}

/** Asks for page after page, as large as the bus bears, until one is not full. */
export async function* pagesOf(
  { ask, action, filter, order }: PagedList,
  size: PageSize,
  skip = 0,
): AsyncGenerator<Page, void> {
  for (let start = skip; ;) {
    const { take } = size;
    const items = await itemsOf(ask, action, { ...filter, ...order, take, skip: start });
    size.learn(items);
    yield { items, start, isLast: items.length < take };
    if (items.length < take) return;
    start += items.length;
  }
}

/**
 * How many items the server counts under a filter; undefined where it does not say. Throws a `Failure` where there is
 * no answer.
 */
export async function countOf({ ask, action }: PagedList, filter: Frame): Promise<number | undefined> {
  try {
    const { count } = await ask(action.replace('/list', '/count'), filter);
    return typeof count === 'number' ? count : undefined;
  } catch (error) {
    if (error instanceof Failure && error.reply !== undefined) return undefined;
    throw error;
  }
}

/**
 * Yields every item once, as pages bring them; returns how many the server counted at first, undefined where one page
 * was all or it does not say. Throws a `Failure` where pages repeat, or go on beyond what the server counts.
 */
export async function* guardedPages(
  listing: PagedList,
  size: PageSize,
  seen: SeenItems,
  skip = 0,
): AsyncGenerator<readonly unknown[], number | undefined> {
  let [end, beyond] = [0, 0];
  let counted: number | undefined;
  for await (const { items, start, isLast } of pagesOf(listing, size, skip)) {
    const fresh = seen.fresh(items);
    if (fresh.length > 0) yield fresh;
    if (isLast) return counted;
    if (seen.isRepeating) throw endless(listing, 'its pages bring the same items again and again');
    if (start + items.length > end) {
      const count = await countOf(listing, listing.filter);
      counted ??= count;
      end = count ?? mostUncounted;
    }
    beyond = start >= end ? beyond + 1 : 0;
    if (beyond === mostBeyond) throw endless(listing, `it counts ${end} items, and its pages go on beyond them`);
  }
  return counted;
}

function endless({ action }: PagedList, why: string): Failure {
  return new Failure('refused', `${action}: the pages of the server have no end: ${why}`, {
    action,
    hint: 'The server does not list as DeviceHive 4 does. What came so far may be wrong.',
  });
}
