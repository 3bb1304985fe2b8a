import { isFrame, type Frame } from '../../protocol/frames.ts';
import { own } from '../../protocol/own.ts';

/** How to order a whole list that is fetched in parts. */
export interface ItemOrder {
  readonly isNewestFirst: boolean;
  /** True if items can be ordered only when all have come. */
  readonly isOfAll: boolean;
  /** How many items to leave out at the beginning; 0 for lists that the server pages. */
  readonly skip: number;
  arrange(items: readonly unknown[]): readonly unknown[];
}

/**
 * Returns how to order a list here: commands and notifications are sorted here (PROTOCOL.md 7), entities by the server.
 */
export function itemOrder(action: string, payload: Frame): ItemOrder {
  const { sortField, sortOrder, skip = 0 } = payload;
  const plain = { isNewestFirst: false, isOfAll: false, skip: 0, arrange: asTheyAre };
  if (action === 'device/list')
    return { ...plain, arrange: (items) => together(items, sortField === 'network' ? 'networkId' : 'name') };
  if (!/^(command|notification)\//.test(action)) return plain;
  const isDescending = sortField !== undefined && sortOrder !== 'ASC';
  if (typeof sortField !== 'string' || sortField === 'timestamp')
    return { ...plain, isNewestFirst: isDescending, skip: Number(skip) };
  const arrange: ItemOrder['arrange'] = (items) => sortedBy(items, sortField, isDescending);
  return { ...plain, isOfAll: true, skip: Number(skip), arrange };
}

function asTheyAre(items: readonly unknown[]): readonly unknown[] {
  return items;
}

/** Groups items with equal values of the sorted field: late ones came at the end. */
function together(items: readonly unknown[], field: string): readonly unknown[] {
  const groups = new Map<unknown, unknown[]>();
  for (const item of items) {
    const value = valueOf(item, field);
    const group = groups.get(value);
    if (group === undefined) groups.set(value, [item]);
    else group.push(item);
  }
  return [...groups.values()].flat();
}

/** Sorts as the server would: items without a value come last. */
function sortedBy(items: readonly unknown[], field: string, isDescending: boolean): readonly unknown[] {
  const direction = isDescending ? -1 : 1;
  return items.toSorted((one, other) => {
    const [left, right] = [valueOf(one, field), valueOf(other, field)];
    if (left === right) return 0;
    if (typeof left !== 'string' || typeof right !== 'string') return typeof left === 'string' ? -1 : 1;
    return left < right ? -direction : direction;
  });
}

function valueOf(item: unknown, field: string): unknown {
  return isFrame(item) ? own(item, field) : undefined;
}
