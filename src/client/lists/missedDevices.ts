import { Failure } from '../../errors.ts';
import type { Frame } from '../../protocol/frames.ts';
import { mostReplyBytes } from '../../protocol/limits.ts';
import { itemsOf, keyOf, type AskServer } from './replies.ts';
import { partsByName, partsByNetwork, type ListPart } from './parts.ts';
import { countOf, guardedPages, pagesOf, type PagedList } from './pages.ts';
import { PageSize } from './pageSize.ts';
import { SeenItems } from './seenItems.ts';

/** After this many counts the missing items are reported. */
const mostCounts = 2000;

/** Orders in which devices with one name may come otherwise; without one they often come as they are stored. */
const otherOrders: readonly Frame[] = [{}, { sortField: 'name', sortOrder: 'DESC' }, { sortField: 'network' }];

/**
 * Finds devices that pages have missed: devices with equal names have no stable order (PROTOCOL.md 7 Q45). While fewer
 * have come than the server counts, it looks into networks, then into names that begin alike, until a part fits one
 * reply.
 */
export class MissedDevices {
  readonly #listing: PagedList;
  readonly #seen: SeenItems;
  readonly #heaviest: number;
  #counts = 0;
  #networkIds: Promise<readonly unknown[]> | undefined;

  /** `heaviest` is the weight of the heaviest device so far, in bytes. */
  constructor(listing: PagedList, seen: SeenItems, heaviest: number) {
    this.#listing = listing;
    this.#seen = seen;
    this.#heaviest = heaviest;
  }

  /** Yields what was missed of so many. Throws a `Failure` of kind `partial` where some devices are still missing. */
  async *found(counted: number): AsyncGenerator<readonly unknown[], void> {
    const { filter } = this.#listing;
    yield* this.#search({ filter, known: this.#seen.all() });
    const count = (await countOf(this.#listing, filter)) ?? counted;
    const goal = Math.min(count, counted);
    if (this.#seen.size < goal) throw stillMissing(this.#seen.size, goal);
  }

  async *#search(part: ListPart): AsyncGenerator<readonly unknown[], void> {
    if (++this.#counts > mostCounts) return;
    const { filter, known } = part;
    const count = (await countOf(this.#listing, filter)) ?? 0;
    if (count <= known.length) return;
    if (count * this.#heaviest <= mostReplyBytes) return yield* this.#atOnce(filter, count);
    const parts = (await this.#partsByNetwork(part)) ?? partsByName(part);
    if (parts.length === 0) yield* this.#inOtherOrders(part, count);
    for (const smaller of parts) yield* this.#search(smaller);
  }

  async *#atOnce(filter: Frame, take: number): AsyncGenerator<readonly unknown[], void> {
    yield this.#seen.fresh(await itemsOf(this.#listing.ask, this.#listing.action, { ...filter, take }));
  }

  async *#inOtherOrders({ filter, known }: ListPart, count: number): AsyncGenerator<readonly unknown[], void> {
    let left = count - known.length;
    for (const order of otherOrders) {
      for await (const { items, start } of pagesOf({ ...this.#listing, filter, order }, new PageSize())) {
        const fresh = this.#seen.fresh(items);
        yield fresh;
        left -= fresh.length;
        if (left <= 0) return;
        if (start >= count) break;
      }
    }
  }

  /** Undefined where the devices lie in one network. */
  async #partsByNetwork(part: ListPart): Promise<readonly ListPart[] | undefined> {
    const { filter } = part;
    if (filter['networkId'] !== undefined || filter['networkName'] !== undefined) return undefined;
    this.#networkIds ??= networkIdsOf(this.#listing.ask);
    return partsByNetwork(part, await this.#networkIds);
  }
}

/** The ids of all networks that the token may list. */
async function networkIdsOf(ask: AskServer): Promise<readonly unknown[]> {
  const listing: PagedList = { ask, action: 'network/list', filter: {}, order: { sortField: 'id', sortOrder: 'ASC' } };
  let ids: readonly unknown[] = [];
  try {
    for await (const networks of guardedPages(listing, new PageSize(), new SeenItems()))
      ids = ids.concat(networks.map(keyOf));
  } catch (error) {
    if (!(error instanceof Failure) || error.reply === undefined) throw error;
  }
  return ids;
}

/** The failure that tells how many devices did not come, whatever was tried. */
export function stillMissing(came: number, counted: number): Failure {
  const [some, all] = [came, counted].map((number) => number.toLocaleString('en'));
  return new Failure('partial', `device/list: ${some} of ${all} devices came: equal names have no stable order`, {
    action: 'device/list',
    hint: 'List them in smaller parts: one network, or names that begin alike.',
  });
}
