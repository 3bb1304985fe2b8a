import { Failure } from '../../errors.ts';
import { isDeeperThan } from '../../protocol/depth.ts';
import { isFrame } from '../../protocol/frames.ts';

/** Fields nested deeper than this are written as JSON. */
const mostLevels = 20;
/** Items that share no field have as many columns as fields: the table grows with the square of the list. */
const mostCells = 10_000_000;

type Cell = [name: string, text: string];

/**
 * Returns items as CSV (RFC 4180): a header, then a record for each. Nested fields get dotted names, as `batch` reads
 * them; lists are JSON; null and absent values are empty cells. Items that are not objects have one column, `value`. A
 * field that is an object in some items and null in the others has no column of its own. Throws a `Failure` if the
 * table would be too large.
 */
export function csvText(items: readonly unknown[]): string {
  const opened = new Set<string>();
  const rows = items.map((item) => new Map(isFrame(item) ? cellsOf(item, '', opened) : [['value', textOf(item)]]));
  const names = new Set<string>();
  for (const row of rows) for (const name of row.keys()) names.add(name);
  if (names.size === 0) return '';
  if (names.size * rows.length > mostCells)
    throw new Failure('usage', `${rows.length} items with ${names.size} different fields make no table`, {
      hint: 'Choose fields with --query, or take -o ndjson.',
    });
  const isFilled = (name: string) => rows.some((row) => (row.get(name) ?? '') !== '');
  const columns = [...names].filter((name) => !opened.has(name) || isFilled(name));
  const lines = rows.map((row) => columns.map((name) => quoted(row.get(name) ?? '')));
  return [columns.map(quoted), ...lines].map((cells) => `${cells.join(',')}\n`).join('');
}

/** Returns the cells of an item; adds the names of the objects in it to `opened`. */
function cellsOf(item: Readonly<Record<string, unknown>>, before: string, opened: Set<string>): Cell[] {
  return Object.entries(item).flatMap(([name, value]): Cell[] => {
    const whole = `${before}${name}`;
    const isOpened = isFrame(value) && Object.keys(value).length > 0 && !isDeeperThan(value, mostLevels);
    if (!isOpened) return [[whole, textOf(value)]];
    opened.add(whole);
    return cellsOf(value, `${whole}.`, opened);
  });
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function quoted(text: string): string {
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
