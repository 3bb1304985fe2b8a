import { stripVTControlCharacters } from 'node:util';
import { Chalk, type ChalkInstance } from 'chalk';
import { terminalWidth } from '../terminal/io.ts';
import { safeLine, safeText } from '../terminal/safeText.ts';
import type { FlagContext } from '../flags/sharedValues.ts';
import { colorLevel } from './color.ts';
import { isFrame } from '../../protocol/frames.ts';
import { isMessages, messageLines } from './messageTable.ts';
import { isRows, tableLines, type TableRow } from './table.ts';
import { largest } from '../../protocol/notation/extent.ts';

/** How a value is written. */
interface ValueStyle {
  readonly chalk: ChalkInstance;
  /** Columns of the terminal; undefined without one, and then there are no tables. */
  readonly width: number | undefined;
  readonly measure: (text: string) => number;
}

/**
 * Returns a whole value as readable text: one field a line, nested objects indented, on a terminal lists of objects as
 * tables. Texts are made safe for a terminal.
 */
export async function prettyText(value: unknown, context: FlagContext): Promise<string> {
  const { io } = context;
  const chalk = new Chalk({ level: colorLevel(context, io.stdoutIsTerminal) });
  const width = terminalWidth(io);
  const measure = width === undefined ? lengthOf : await measureFor(value);
  const shown = width === undefined ? value : contentOf(value);
  const empty = shown === value || width === undefined ? undefined : emptyList(shown);
  if (empty !== undefined) return `${chalk.dim(empty)}\n`;
  return `${lines(shown, '', { chalk, width, measure }).join('\n')}\n`;
}

/** Drops the envelope of a successful reply if it is shown as a table; other parts of the reply stay. */
function contentOf(value: unknown): unknown {
  if (!isFrame(value) || value['status'] !== 'success') return value;
  const { action: _action, requestId: _requestId, status: _status, ...content } = value;
  const isOnlyPart = Object.keys(content).length === 1;
  if (isOnlyPart && emptyList(content) !== undefined) return content;
  const lists = Object.values(content).filter((part) => Array.isArray(part) && isRows(part));
  if (lists.length !== 1) return value;
  return isOnlyPart ? lists[0] : content;
}

/** Returns the text for an empty list, such as `no device types`; undefined for anything else. */
function emptyList(content: unknown): string | undefined {
  const [[name, list] = ['', undefined]] = isFrame(content) ? Object.entries(content) : [];
  const isEmpty = Array.isArray(list) && list.length === 0;
  return isEmpty ? `no ${safeLine(name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`))}` : undefined;
}

/**
 * Returns a function for the columns of a text: its length if the value is ASCII; beyond that, characters may take two
 * columns or none.
 */
async function measureFor(value: unknown): Promise<ValueStyle['measure']> {
  if (/^[\0-\x7f]*$/.test(JSON.stringify(value))) return lengthOf;
  const { default: stringWidth } = await import('string-width');
  return stringWidth;
}

function lengthOf(text: string): number {
  return text.length;
}

function lines(value: unknown, indent: string, manner: ValueStyle): string[] {
  const { chalk } = manner;
  if (Array.isArray(value)) return listLines(value, indent, manner);
  if (typeof value !== 'object' || value === null) return [indent + scalar(value, chalk)];
  const entries = Object.entries(value);
  const width = largest(
    entries.map(([name, part]) => (isInline(part) ? name.length : 0)),
    0,
  );
  return entries.flatMap(([name, part]) => {
    const label = chalk.cyan(safeText(name));
    if (isInline(part)) {
      const begin = `${indent}${label}${' '.repeat(Math.max(0, width - name.length) + 2)}`;
      return besideOrBelow(begin, `${indent}  `, field(name, part, chalk), manner);
    }
    return [`${indent}${label}`, ...lines(part, `${indent}  `, manner)];
  });
}

/** Puts a value on a line below its name if it fits there, but not beside the name. */
function besideOrBelow(begin: string, indent: string, text: string, { width, measure }: ValueStyle): string[] {
  const [behind, below] = [begin, indent].map((before) => measure(stripVTControlCharacters(`${before}${text}`)));
  const isBelow = width !== undefined && (behind ?? 0) > width && (below ?? 0) <= width;
  return isBelow ? [begin.trimEnd(), `${indent}${text}`] : [`${begin}${text}`];
}

function listLines(list: readonly unknown[], indent: string, manner: ValueStyle): string[] {
  const table = isRows(list) ? tableOf(list, indent, manner) : undefined;
  if (table !== undefined) return table;
  return list.flatMap((item) => {
    const [first = '', ...rest] = lines(item, `${indent}  `, manner);
    return [`${indent}${manner.chalk.dim('-')} ${first.slice(indent.length + 2)}`, ...rest];
  });
}

function tableOf(rows: readonly TableRow[], indent: string, manner: ValueStyle): string[] | undefined {
  const { chalk, width, measure } = manner;
  if (width === undefined) return undefined;
  const plain = new Chalk({ level: 0 });
  const draw = isMessages(rows) ? messageLines : tableLines;
  const table = draw(rows, {
    width: width - indent.length,
    measure,
    cell: (name, value) => ({ plain: inline(name, value, plain), shown: inline(name, value, chalk) }),
    heading: (name) => ({ plain: safeText(name), shown: chalk.cyan(safeText(name)) }),
    fields: (fields, more) => lines(fields, more, manner),
    remark: (text) => chalk.dim(text),
  });
  return table?.map((line) => `${indent}${line}`);
}

/** A value on one line. */
function inline(name: string, value: unknown, chalk: ChalkInstance): string {
  return isInline(value) ? field(name, value, chalk) : safeText(JSON.stringify(value));
}

function isInline(value: unknown): boolean {
  return typeof value !== 'object' || value === null || Object.keys(value).length === 0;
}

function field(name: string, value: unknown, chalk: ChalkInstance): string {
  if (name === 'status' && value === 'success') return chalk.green('success');
  if (name === 'status' && value === 'error') return chalk.red('error');
  return scalar(value, chalk);
}

function scalar(value: unknown, chalk: ChalkInstance): string {
  if (value === null) return chalk.dim('null');
  if (typeof value === 'string') return value === '' ? chalk.dim('""') : safeText(value).replaceAll('\n', '\\n');
  if (typeof value === 'object') return chalk.dim(Array.isArray(value) ? '[]' : '{}');
  return chalk.yellow(JSON.stringify(value));
}
