import { Chalk, type ChalkInstance } from 'chalk';
import type { Io } from './io.ts';
import { safeText } from './safeText.ts';
import type { CommonValues } from './settings.ts';
import { colorLevel } from './color.ts';

/** A value as readable text, complete, one field a line; nested objects are indented, texts are made safe. */
export function prettyText(value: unknown, values: CommonValues, io: Io): string {
  const chalk = new Chalk({ level: colorLevel(values, io, io.stdoutIsTerminal) });
  return `${lines(value, '', chalk).join('\n')}\n`;
}

function lines(value: unknown, indent: string, chalk: ChalkInstance): string[] {
  if (Array.isArray(value)) return listLines(value, indent, chalk);
  if (typeof value !== 'object' || value === null) return [indent + scalar(value, chalk)];
  const entries = Object.entries(value);
  const width = Math.max(0, ...entries.filter(([, part]) => isInline(part)).map(([name]) => name.length));
  return entries.flatMap(([name, part]) => {
    const label = chalk.cyan(safeText(name));
    if (isInline(part))
      return [`${indent}${label}${' '.repeat(Math.max(0, width - name.length) + 2)}${field(name, part, chalk)}`];
    return [`${indent}${label}`, ...lines(part, `${indent}  `, chalk)];
  });
}

function listLines(list: readonly unknown[], indent: string, chalk: ChalkInstance): string[] {
  return list.flatMap((item) => {
    const [first = '', ...rest] = lines(item, `${indent}  `, chalk);
    return [`${indent}${chalk.dim('-')} ${first.slice(indent.length + 2)}`, ...rest];
  });
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
