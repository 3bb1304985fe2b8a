import type { Frame } from '../../protocol/frames.ts';
import { listsMessages, type AskServer } from './replies.ts';
import { allEntities, pagedList } from './entities.ts';
import { pagesOf, type PagedList } from './pages.ts';
import { PageSize } from './pageSize.ts';
import { SeenItems } from './seenItems.ts';
import { someItems, type SomeItems } from './someItems.ts';
import { allMessages } from './windows.ts';

/**
 * Yields everything that a list of the protocol holds, in replies that the message bus of a server bears (PROTOCOL.md 7
 * Q43): entities by pages, commands and notifications by spans of time, the oldest first unless `isNewestFirst`. Throws
 * a `Failure` at the end where something may be missing.
 */
export function listAll(
  ask: AskServer,
  action: string,
  payload: Frame,
  isNewestFirst = false,
): AsyncGenerator<readonly unknown[], void> {
  if (listsMessages(action)) return allMessages({ ask, action, payload, isNewestFirst });
  return allEntities(ask, action, payload);
}

/**
 * Returns at least `most` items of a list where it has them, in few replies that the bus bears; of commands and
 * notifications any.
 */
export async function listSome(ask: AskServer, action: string, payload: Frame, most: number): Promise<SomeItems> {
  if (listsMessages(action)) return someItems(ask, action, payload, most);
  return someEntities(pagedList(ask, action, payload), most);
}

async function someEntities(list: PagedList, most: number): Promise<SomeItems> {
  const seen = new SeenItems();
  let items: readonly unknown[] = [];
  for await (const page of pagesOf(list, new PageSize(most))) {
    items = items.concat(seen.fresh(page.items));
    if (page.isLast) return { items, isWhole: true };
    if (page.start + page.items.length >= most) break;
  }
  return { items, isWhole: false };
}
