import type { Frame } from '../../protocol/frames.ts';
import type { AskServer } from './replies.ts';
import { MissedDevices, stillMissing } from './missedDevices.ts';
import { guardedPages, type PagedList } from './pages.ts';
import { PageSize } from './pageSize.ts';
import { SeenItems } from './seenItems.ts';

/**
 * Yields all devices, networks, device types or users of a list, page by page, sorted by name or id unless `payload`
 * says otherwise. Of devices, those that pages miss are looked for (PROTOCOL.md 7 Q45). Throws a `Failure`: `partial`,
 * at the end, where some are still missing; `refused` where pages have no end.
 */
export async function* allEntities(
  ask: AskServer,
  action: string,
  payload: Frame,
): AsyncGenerator<readonly unknown[], void> {
  const { skip = 0 } = payload;
  const list = pagedList(ask, action, payload);
  const [size, seen, skipped] = [new PageSize(), new SeenItems(), Number(skip)];
  const counted = yield* guardedPages(list, size, seen, skipped);
  const left = (counted ?? 0) - skipped;
  if (action !== 'device/list' || seen.size >= left) return;
  if (skipped > 0) throw stillMissing(seen.size, left);
  yield* new MissedDevices(list, seen, size.heaviest).found(left);
}

/** Pages need an order: by id, which devices cannot be sorted by. */
export function pagedList(ask: AskServer, action: string, payload: Frame): PagedList {
  const field = action === 'device/list' ? 'name' : 'id';
  const { sortField = field, sortOrder = 'ASC', skip: _skip, take: _take, ...filter } = payload;
  return { ask, action, filter, order: { sortField, sortOrder } };
}
