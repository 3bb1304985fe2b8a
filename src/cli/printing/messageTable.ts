import { isFrame } from '../../protocol/frames.ts';
import { own } from '../../protocol/own.ts';
import { safeLine } from '../terminal/safeText.ts';
import { wrapped } from '../terminal/wrapping.ts';
import type { TableRow, TableStyle } from './table.ts';

const gap = 2;

/** The least columns that a value or a name needs to say anything: as wide as its heading. */
const leastWidth = 'parameters'.length;
const leastNameWidth = 16;

/** A column of a table of messages: how much of a value so many columns show. */
interface MessageColumn {
  readonly heading: string;
  readonly fields: readonly string[];
  readonly cell: (row: TableRow, width: number) => string;
  /** Texts longer than so many columns may be cut where there is no room. */
  readonly least?: number;
}

/** True if all rows are commands, or all are notifications. */
export function isMessages(rows: readonly TableRow[]): boolean {
  const isNamed = (name: string) => rows.every((row) => typeof own(row, name) === 'string');
  return isNamed('timestamp') && (isNamed('command') || isNamed('notification'));
}

/** Returns one line for each command or notification, whatever the width; the last line says what was left out. */
export function messageLines(rows: readonly TableRow[], style: TableStyle): string[] {
  const day = dayOf(rows);
  const columns = fittingColumns(columnsFor(rows, day), rows, style);
  const widths = widthsOf(columns, rows, style);
  const row = (cells: readonly string[]) =>
    cells
      .map((cell, index) => cell + ' '.repeat((widths[index] ?? 0) - style.measure(cell) + gap))
      .join('')
      .trimEnd();
  let cut = 0;
  const lines = rows.map((each) => {
    const cells = columns.map(({ cell }, index) => cell(each, widths[index] ?? 0));
    cut += columns.filter(({ cell }, index) => cells[index] !== cell(each, Infinity)).length;
    return row(cells);
  });
  const heading = row(columns.map(({ heading }) => heading));
  return [
    heading.replace(/\S+/g, (name) => style.heading(name).shown),
    ...lines,
    ...remarks(rows, columns, { day, cut }).flatMap((text) => wrapped(text, style.width).split('\n').map(style.remark)),
  ];
}

/** Returns the day that all rows share, if they do. */
function dayOf(rows: readonly TableRow[]): string | undefined {
  const days = new Set(rows.map(({ timestamp }) => String(timestamp).slice(0, 10)));
  const [day] = days;
  return days.size === 1 ? day : undefined;
}

function columnsFor(rows: readonly TableRow[], day: string | undefined): readonly MessageColumn[] {
  const name = rows.every((row) => typeof own(row, 'command') === 'string') ? 'command' : 'notification';
  const areOfOneDevice = new Set(rows.map(({ deviceId }) => deviceId)).size === 1;
  const time = (row: TableRow) =>
    safeLine(String(row['timestamp'])).replace(day === undefined ? 'T' : /^.*T/, day === undefined ? ' ' : '');
  const all: readonly MessageColumn[] = [
    { heading: 'id', fields: ['id'], cell: textCell('id') },
    { heading: 'time', fields: ['timestamp'], cell: time },
    ...(areOfOneDevice ? [] : [{ heading: 'device', fields: ['deviceId'], cell: textCell('deviceId') }]),
    { heading: 'name', fields: [name], cell: textCell(name), least: leastNameWidth },
    { heading: 'parameters', fields: ['parameters'], cell: jsonCell('parameters'), least: leastWidth },
    { heading: 'status', fields: ['status'], cell: textCell('status') },
    { heading: 'result', fields: ['result'], cell: jsonCell('result'), least: leastWidth },
  ];
  return all.filter(({ fields: [field = ''] }) => rows.some((row) => isGiven(own(row, field))));
}

function isGiven(value: unknown): boolean {
  return value !== null && value !== undefined;
}

function textCell(field: string): MessageColumn['cell'] {
  return (row, width) => {
    const value = own(row, field);
    const text = isGiven(value) ? safeLine(typeof value === 'string' ? value : JSON.stringify(value)) : '';
    return text.length <= width ? text : `${text.slice(0, Math.max(width - 1, 0))}…`;
  };
}

function jsonCell(field: string): MessageColumn['cell'] {
  return (row, width) => (isGiven(own(row, field)) ? fittingJson(own(row, field), width) : '');
}

/** Returns a value as compact JSON; if it is too long, as many whole members as fit, then `…`. */
function fittingJson(value: unknown, width: number): string {
  const text = safeLine(JSON.stringify(value));
  if (text.length <= width) return text;
  if (typeof value !== 'object' || value === null) return '…';
  const [begin, end] = Array.isArray(value) ? ['[', ']'] : ['{', '}'];
  const members = isFrame(value)
    ? Object.entries(value).map(([name, part]) => `${JSON.stringify(name)}:${JSON.stringify(part)}`)
    : (value as readonly unknown[]).map((part) => JSON.stringify(part));
  let shown = begin;
  for (const member of members.map(safeLine)) {
    if (shown.length + member.length + 3 > width) break;
    shown += `${member},`;
  }
  return `${shown}…${end}`;
}

/** Columns to leave out if there is no room, the least important first. */
const dispensable = ['result', 'parameters', 'device', 'time', 'status'];

function fittingColumns(
  columns: readonly MessageColumn[],
  rows: readonly TableRow[],
  style: TableStyle,
): readonly MessageColumn[] {
  let left = columns;
  for (const heading of dispensable) {
    if (sum(left.map((column) => neededWidth(column, rows, style))) <= style.width) break;
    left = left.filter((column) => column.heading !== heading);
  }
  return left;
}

/** Returns the widths of columns: long ones share equally the room that others leave, unless they need less. */
function widthsOf(columns: readonly MessageColumn[], rows: readonly TableRow[], style: TableStyle): readonly number[] {
  const natural = columns.map((column) => naturalWidth(column, rows, style));
  const widths = columns.map((column) => neededWidth(column, rows, style));
  const lackOf = (index: number) => (natural[index] ?? 0) - (widths[index] ?? 0);
  let room = Math.max(style.width - sum(widths), 0);
  const cut = natural
    .map((_, index) => index)
    .filter((index) => lackOf(index) > 0)
    .sort((one, other) => lackOf(one) - lackOf(other));
  for (const [place, index] of cut.entries()) {
    const more = Math.min(lackOf(index), Math.floor(room / (cut.length - place)));
    widths[index] = (widths[index] ?? 0) + more;
    room -= more;
  }
  return widths.map((width) => Math.min(width, style.width));
}

/** The columns without which a column is not worth showing. */
function neededWidth(column: MessageColumn, rows: readonly TableRow[], style: TableStyle): number {
  return Math.min(naturalWidth(column, rows, style), column.least ?? Infinity);
}

function naturalWidth({ heading, cell }: MessageColumn, rows: readonly TableRow[], { measure }: TableStyle): number {
  return rows.reduce((most, row) => Math.max(most, measure(cell(row, Infinity))), heading.length);
}

function sum(widths: readonly number[]): number {
  return widths.reduce((total, width) => total + width + gap, -gap);
}

function remarks(
  rows: readonly TableRow[],
  columns: readonly MessageColumn[],
  { day, cut }: { readonly day: string | undefined; readonly cut: number },
): string[] {
  const shown = new Set(columns.flatMap(({ fields }) => fields));
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const omitted = names.filter((name) => !shown.has(name) && rows.some((row) => isGiven(own(row, name))));
  const parts = [
    ...omitted.map(safeLine),
    ...(cut === 0 ? [] : [`parts of ${cut} ${cut === 1 ? 'value' : 'values'} (…)`]),
  ];
  return [
    ...(day === undefined || !shown.has('timestamp') ? [] : [`times are of ${safeLine(day)}, UTC`]),
    ...(parts.length === 0 ? [] : [`left out: ${parts.join(', ')}; -o yaml shows everything`]),
  ];
}
