import { closest } from '../../../protocol/notation/closest.ts';
import { cellsOf, isOdd } from '../../../protocol/notation/csvCells.ts';
import { whole } from '../random.ts';
import { row, nonEmptyText } from './argumentTypes.ts';
import type { Generator, CsvFile } from './generator.ts';

/** The generator of values from a CSV file. */
export const csv: Generator = {
  name: 'csv',
  summary:
    'Plays a CSV file row by row, again and again: one column, or the whole row as an object. Numbers, true, false and null are read as such, empty cells are left out.',
  arguments: [
    { name: 'file', type: nonEmptyText, isRequired: true, description: "The file, from the plan's folder." },
    {
      name: 'column',
      type: nonEmptyText,
      description: 'The column, by the name in the first line; the whole row unless given.',
    },
    {
      name: 'start',
      type: row,
      description: 'The row to begin with, from 0, or random for each device; 0 unless given.',
    },
  ],
  positions: 2,
  example: 'csv(weather.csv,temperature)',
  planExample: { file: 'weather.csv', column: 'temperature' },
  compile(given, scope) {
    const { file, column, start = 0 } = given as { file: string; column?: string; start?: number | 'random' };
    const table = scope.table(file);
    if (typeof table === 'string') return scope.problem(`names the file ${file}, which ${table}`);
    const { columns, rows } = table;
    const index = column === undefined ? -1 : columns.indexOf(column);
    if (column !== undefined && index === -1) {
      const likely = closest(column, columns);
      return scope.problem(
        `names the column ${column}, but ${file} has ${columns.join(', ')}${likely === undefined ? '' : ` (did you mean ${likely}?)`}`,
      );
    }
    if (start !== 'random' && start >= rows.length)
      return scope.problem(`begins with row ${start}, but ${file} has ${rows.length} rows, from 0`);
    const values = rows.map((cells) => (column === undefined ? objectOf(columns, cells) : cells[index]));
    const slot = scope.slot();
    return ({ random, memory = [] }) => {
      const at = (memory[slot] as number | undefined) ?? (start === 'random' ? whole(random, values.length) : start);
      memory[slot] = (at + 1) % values.length;
      return values[at];
    };
  },
};

function objectOf(columns: readonly string[], cells: readonly unknown[]): Readonly<Record<string, unknown>> {
  const entries = columns.map((name, index) => [name, cells[index]] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

/**
 * Parses a CSV file (RFC 4180) with names in its first line. Returns its problem, as the end of a sentence that begins
 * with the file, if it is invalid.
 */
export function tableOf(content: string): CsvFile | string {
  const [header = '', ...records] = recordsOf(content.replace(/^\uFEFF/, ''));
  const columns = cellsOf(header)?.map((name) => name.trim());
  if (columns === undefined) return 'has stray quotes in its first line';
  if (columns.some((name) => name === '' || name === '__proto__'))
    return 'has a column without a name in its first line';
  const cells = records.map((record) => cellsOf(record));
  const stray = cells.indexOf(undefined);
  if (stray !== -1) return `has stray quotes in row ${stray}`;
  if (cells.length === 0) return 'has no rows below its first line';
  const texts = cells as string[][];
  return { columns, rows: texts.map((row) => row.map(valueOf)), cells: texts };
}

/** Splits a file into records, which may go over several lines inside quotes. */
function recordsOf(content: string): string[] {
  const records: string[] = [];
  let open: string | undefined;
  for (const line of content.split(/\r?\n/)) {
    const record: string = open === undefined ? line : `${open}\n${line}`;
    open = isOdd(record) ? record : undefined;
    if (open === undefined && record !== '') records.push(record);
  }
  return open === undefined ? records : [...records, open];
}

function valueOf(cell: string): unknown {
  if (cell === '') return undefined;
  return /^(-?\d+(\.\d+)?([eE][+-]?\d+)?|true|false|null)$/.test(cell) && !/^-?0\d/.test(cell)
    ? (JSON.parse(cell) as unknown)
    : cell;
}
