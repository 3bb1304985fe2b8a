import type { Connection } from '../client/index.ts';
import type { Frame } from '../protocol/frames.ts';
import { isAction, schemaOf } from '../protocol/schema.ts';
import type { Outcome, Prepared } from './send.ts';

const pageSize = 1000;

/** Fetches a list page by page until a page is not full; the reply is the last one with all items. Items that moved between pages are told once. */
export async function fetchAll(connection: Connection, { action, payload }: Prepared): Promise<Outcome> {
  const items: unknown[] = [];
  const seen = new Set<unknown>();
  for (let skip = Number(payload['skip'] ?? 0); ; skip += pageSize) {
    const page = await connection.request(action, { ...stable(action), ...payload, take: pageSize, skip });
    const [name, list] = listIn(page.reply);
    for (const item of list) {
      const id = (item as Frame)['id'];
      if (!seen.has(id)) items.push(item);
      seen.add(id);
    }
    if (list.length < pageSize)
      return { request: page.request, reply: { ...page.reply, [name]: items }, replyMs: page.replyMs };
  }
}

/** Paging needs an order; the first field that the action can sort by gives one. */
function stable(action: string): Frame {
  const field = isAction(action) ? schemaOf(action).properties?.['sortField']?.enum?.[0] : undefined;
  return field === undefined ? {} : { sortField: field, sortOrder: 'ASC' };
}

function listIn(reply: Frame): [string, readonly unknown[]] {
  const found = Object.entries(reply).find(([, part]) => Array.isArray(part));
  return found === undefined ? ['', []] : [found[0], found[1] as readonly unknown[]];
}
