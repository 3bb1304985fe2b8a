import { isFrame } from '../../protocol/frames.ts';
import { own } from '../../protocol/own.ts';

/** A row of a table: the fields of an object. */
export type TableRow = Readonly<Record<string, unknown>>;

/** How the parts of a table are written. */
export interface TableStyle {
  /** Columns of the terminal, less what the table is indented by. */
  readonly width: number;
  /** How many columns a text takes. */
  readonly measure: (text: string) => number;
  /** A value on one line, as it is measured and as it is shown. */
  readonly cell: (name: string, value: unknown) => { readonly plain: string; readonly shown: string };
  readonly heading: (name: string) => { readonly plain: string; readonly shown: string };
  /** Returns the lines of fields that are shown below their row. */
  readonly fields: (fields: TableRow, indent: string) => readonly string[];
  readonly remark: (text: string) => string;
}

const gap = 2;
/** More columns than this make no table: each column is measured over every row. */
const mostColumns = 200;

/** Indents: of values above the table that all rows share, and of fields below a row. */
const above = '  ';
const under = '    ';

/** Rows that a table can be made of: objects, at least one. */
export function isRows(list: readonly unknown[]): list is readonly TableRow[] {
  return list.length > 0 && list.every((item) => isFrame(item) && Object.keys(item).length > 0);
}

/**
 * Returns the lines of an aligned table that fits the width and holds everything: if it is too wide, values that all
 * rows share move above it, then the longest columns move below their rows. Undefined if fewer than two columns would
 * be left, or the rows have more fields than anybody reads across.
 */
export function tableLines(rows: readonly TableRow[], style: TableStyle): string[] | undefined {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  if (names.length > mostColumns) return undefined;
  const columns = names.map((name) => columnOf(name, rows, style));
  if (isFitting(columns, style)) return drawn(rows, { columns, common: [], moved: [] }, style);
  const common = rows.length < 2 ? [] : columns.filter(({ isCommon }) => isCommon);
  const left = columns.filter((column) => !common.includes(column));
  const moved: Column[] = [];
  while (!isFitting(left, style)) {
    const longest = left.slice(1).reduce<Column | undefined>(longer, undefined);
    if (longest === undefined) break;
    left.splice(left.indexOf(longest), 1);
    moved.push(longest);
  }
  if (left.length < 2) return undefined;
  return drawn(rows, { columns: left, common, moved: columns.filter((column) => moved.includes(column)) }, style);
}

interface Column {
  readonly name: string;
  readonly width: number;
  readonly isNested: boolean;
  /** The same value in every row. */
  readonly isCommon: boolean;
}

function columnOf(name: string, rows: readonly TableRow[], { measure, cell, heading }: TableStyle): Column {
  const present = rows.filter((row) => Object.hasOwn(row, name));
  const widths = present.map((row) => measure(cell(name, own(row, name)).plain));
  return {
    name,
    width: widths.reduce((most, width) => Math.max(most, width), measure(heading(name).plain)),
    isNested: present.some((row) => typeof (own(row, name) ?? undefined) === 'object'),
    isCommon:
      present.length === rows.length && new Set(present.map((row) => JSON.stringify(own(row, name)))).size === 1,
  };
}

/** Objects give way first: their text is the hardest to read in a cell. */
function longer(one: Column | undefined, other: Column): Column {
  if (one === undefined || one.isNested !== other.isNested) return one?.isNested === true ? one : other;
  return other.width > one.width ? other : one;
}

function isFitting(columns: readonly Column[], { width }: TableStyle): boolean {
  return columns.reduce((sum, column) => sum + column.width + gap, -gap) <= width;
}

/** Where the fields of the rows are shown. */
interface TableLayout {
  readonly columns: readonly Column[];
  /** Above the table, once for all rows. */
  readonly common: readonly Column[];
  /** Below each row. */
  readonly moved: readonly Column[];
}

function drawn(rows: readonly TableRow[], { columns, common, moved }: TableLayout, style: TableStyle): string[] {
  const { cell, heading, fields, remark } = style;
  const cells = (row: TableRow) =>
    columns.map(({ name }) => (Object.hasOwn(row, name) ? cell(name, own(row, name)) : { plain: '', shown: '' }));
  const [first = {}] = rows;
  const everywhere = common.length === 0 ? [] : [remark('in every row'), ...fields(only(first, common), above)];
  return [
    ...everywhere,
    aligned(
      columns.map(({ name }) => heading(name)),
      columns,
      style,
    ),
    ...rows.flatMap((row) => [aligned(cells(row), columns, style), ...fields(only(row, moved), under)]),
  ];
}

function only(row: TableRow, columns: readonly Column[]): TableRow {
  return Object.fromEntries(Object.entries(row).filter(([name]) => columns.some((column) => column.name === name)));
}

function aligned(
  cells: readonly { readonly plain: string; readonly shown: string }[],
  columns: readonly Column[],
  { measure }: TableStyle,
): string {
  return cells
    .map(({ plain, shown }, index) =>
      index === cells.length - 1 ? shown : shown + ' '.repeat((columns[index]?.width ?? 0) - measure(plain) + gap),
    )
    .join('')
    .trimEnd();
}
