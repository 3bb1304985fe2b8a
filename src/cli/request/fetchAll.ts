import type { Connection } from '../../client/index.ts';
import type { Frame } from '../../protocol/frames.ts';
import { isAction, schemaOf } from '../../protocol/schema.ts';
import type { Outcome, Prepared } from './send.ts';

const pageSize = 1000;

/**
 * Fetches a whole list. Lists of commands and notifications cannot be paged: the server cuts them before it sorts
 * (PROTOCOL.md 4.14), so they are asked for at once.
 */
export async function fetchAll(connection: Connection, prepared: Prepared): Promise<Outcome> {
  return isWhole(prepared) ? atOnce(connection, prepared) : pageByPage(connection, prepared);
}

/** The payload of the first request for a whole list. */
export function firstPage(prepared: Prepared): Frame {
  return isWhole(prepared) ? { ...prepared.payload, take: pageSize } : page(prepared, firstSkip(prepared));
}

function isWhole({ action }: Prepared): boolean {
  return /^(command|notification)\//.test(action);
}

function page({ action, payload }: Prepared, skip: number): Frame {
  return { ...stable(action), ...payload, take: pageSize, skip };
}

function firstSkip({ payload }: Prepared): number {
  return Number(payload['skip'] ?? 0);
}

async function atOnce(connection: Connection, { action, payload }: Prepared): Promise<Outcome> {
  for (let take = pageSize; ; take *= 4) {
    const whole = await connection.request(action, { ...payload, take });
    if (listIn(whole.reply)[1].length < take || take > largestTake) return whole;
  }
}

const largestTake = 1_000_000_000;

/** Page by page until one is not full or brings nothing new; items that moved between pages are told once. */
async function pageByPage(connection: Connection, prepared: Prepared): Promise<Outcome> {
  const items = new Map<unknown, unknown>();
  for (let skip = firstSkip(prepared); ; skip += pageSize) {
    const part = await connection.request(prepared.action, page(prepared, skip));
    const [name, list] = listIn(part.reply);
    if (name === undefined) return part;
    const before = items.size;
    for (const item of list) items.set((item as Frame)['id'] ?? item, item);
    if (list.length < pageSize || items.size === before) {
      return { request: part.request, reply: { ...part.reply, [name]: [...items.values()] }, replyMs: part.replyMs };
    }
  }
}

/** Paging needs an order; the first field that the action can sort by gives one. */
function stable(action: string): Frame {
  const field = isAction(action) ? schemaOf(action).properties?.['sortField']?.enum?.[0] : undefined;
  return field === undefined ? {} : { sortField: field, sortOrder: 'ASC' };
}

/** The list of a reply, with its name; none where a server answers with something else. */
function listIn(reply: Frame): [string | undefined, readonly unknown[]] {
  const found = Object.entries(reply).find(([, part]) => Array.isArray(part));
  return found === undefined ? [undefined, []] : [found[0], found[1] as readonly unknown[]];
}
