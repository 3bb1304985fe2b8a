import { isDeeperThan } from '../../protocol/depth.ts';
import { isFrame } from '../../protocol/frames.ts';

/** Fields that lie deeper are written as JSON. */
const mostLevels = 20;

/**
 * Items as CSV (RFC 4180): a header, then a record for each. Nested fields get names with dots, as `batch` reads them;
 * lists are JSON; null and what is absent are empty cells. Items that are no objects have the one column `value`.
 */
export function csvText(items: readonly unknown[]): string {
  const rows = items.map((item) => new Map(isFrame(item) ? cellsOf(item, '') : [['value', textOf(item)]]));
  const names = new Set<string>();
  for (const row of rows) for (const name of row.keys()) names.add(name);
  if (names.size === 0) return '';
  const columns = [...names];
  const lines = rows.map((row) => columns.map((name) => quoted(row.get(name) ?? '')));
  return [columns.map(quoted), ...lines].map((cells) => `${cells.join(',')}\n`).join('');
}

function cellsOf(item: Readonly<Record<string, unknown>>, before: string): [name: string, text: string][] {
  return Object.entries(item).flatMap(([name, value]): [string, string][] => {
    const whole = `${before}${name}`;
    const isOpened = isFrame(value) && Object.keys(value).length > 0 && !isDeeperThan(value, mostLevels);
    return isOpened ? cellsOf(value, `${whole}.`) : [[whole, textOf(value)]];
  });
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function quoted(text: string): string {
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
