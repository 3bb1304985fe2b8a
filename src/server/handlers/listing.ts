import type { Fields } from '../reading/fields.ts';
import { like } from '../reading/like.ts';
import { refuse, silent } from '../outcome.ts';

/**
 * How to sort and cut a list of entities. Wrong values surface only when `listed` applies them (PROTOCOL.md 7, Q17).
 */
export interface Listing {
  readonly sortField: string | undefined;
  readonly sortOrder: string;
  readonly take: number;
  readonly skip: number;
}

/** Reads how to sort and cut. Throws a Refusal 400 for a sort field other than `sortFields`, in any letter case. */
export function readListing(request: Fields, sortFields: readonly string[]): Listing {
  const listing = {
    sortField: request.text('sortField'),
    sortOrder: (request.text('sortOrder') ?? 'ASC').toLowerCase(),
    take: request.integer('take') ?? 20,
    skip: request.integer('skip') ?? 0,
  };
  const { sortField } = listing;
  if (sortField !== undefined && !sortFields.includes(sortField.toLowerCase())) {
    return refuse(400, 'Invalid request parameters');
  }
  return listing;
}

/**
 * Sorts and cuts. Leaves the request unanswered where the real server's database fails: another sort order, negative
 * numbers, a sort field that is not a column.
 */
export function listed<T>(
  items: Iterable<T>,
  { sortField, sortOrder, take, skip }: Listing,
  sortKeys: Readonly<Record<string, (item: T) => string | number>>,
): T[] {
  const isKnown = sortField === undefined || Object.hasOwn(sortKeys, sortField);
  if (!isKnown || take < 0 || skip < 0 || (sortOrder !== 'asc' && sortOrder !== 'desc')) {
    return silent(400, 'Invalid request parameters');
  }
  const keyOf = sortField === undefined ? undefined : sortKeys[sortField];
  const sorted = keyOf === undefined ? [...items] : sortedBy(items, keyOf, sortOrder === 'asc');
  return sorted.slice(skip, skip + take);
}

function sortedBy<T>(items: Iterable<T>, keyOf: (item: T) => string | number, isAscending: boolean): T[] {
  const direction = isAscending ? 1 : -1;
  return [...items].sort((one, other) => {
    const [left, right] = [keyOf(one), keyOf(other)];
    return left === right ? 0 : left < right ? -direction : direction;
  });
}

/** Returns a filter by `name` and `namePattern`, which must both match (PROTOCOL.md 4.23, 4.26). */
export function readNameFilter(request: Fields): (item: { readonly name: string }) => boolean {
  const name = request.text('name');
  const pattern = request.text('namePattern');
  const isLike = pattern === undefined ? undefined : like(pattern);
  return (item) => (name === undefined || item.name === name) && isLike?.(item.name) !== false;
}
