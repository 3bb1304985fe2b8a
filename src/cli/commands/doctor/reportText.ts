import { Chalk, type ChalkInstance } from 'chalk';
import { colorLevel } from '../../printing/color.ts';
import { terminalWidth } from '../../terminal/io.ts';
import { safeLine } from '../../terminal/safeText.ts';
import { wrapped } from '../../terminal/wrapping.ts';
import type { CommonValues } from '../../target/serverName.ts';
import type { DoctorFinding, DoctorReport } from './findings.ts';
import type { Setting } from './effectiveSettings.ts';
import type { FlagContext } from '../../flags/sharedValues.ts';
import { largest } from '../../../protocol/notation/extent.ts';

/** The indent of findings with words as wide as the terminal. */
const narrowHang = 2;

/** The width of the levels, with the gap after them. */
const levelWidth = 'problem'.length + 2;

/**
 * Returns the findings, each with its hint below, then every setting and its origin; wrapped to the terminal's width.
 */
export function reportText({ findings, settings }: DoctorReport, context: FlagContext<CommonValues>): string {
  const { io } = context;
  const chalk = new Chalk({ level: colorLevel(context, io.stdoutIsTerminal) });
  const columns = terminalWidth(io) ?? Infinity;
  const width = largest(settings.map(({ name }) => name.length));
  const lines = settings.map((setting) => settingText(setting, width, columns, chalk));
  const found = findings.flatMap((finding) => findingLines(finding, columns, chalk));
  return [...found, '', 'settings', ...lines, ''].join('\n');
}

/** Returns a setting as text; its origin goes on separate lines if there is no room after the value. */
function settingText({ name, value, from, at }: Setting, width: number, columns: number, chalk: ChalkInstance): string {
  const begin = width + 4;
  const shown = value === null ? 'none' : safeLine(value);
  const source = at === null ? '' : `${from === 'local' ? 'a server that runs here: ' : ''}${safeLine(at)}`;
  const isOneLine = begin + shown.length + 2 + source.length <= columns;
  const text = value === null ? `  ${chalk.dim(shown)}` : valueText(shown, begin, columns);
  const origin = isOneLine ? `  ${source}` : `\n${beside(source, begin, columns)}`;
  const title = text.startsWith('\n') ? name : name.padEnd(width);
  return `  ${chalk.cyan(title)}${text}${source === '' ? '' : chalk.dim(origin)}`;
}

/** Returns a value beside its name, or below it if one of its words needs the room. */
function valueText(value: string, begin: number, columns: number): string {
  const text = beside(value, begin, columns);
  return text.startsWith(' '.repeat(begin)) ? `  ${text.trimStart()}` : `\n${text}`;
}

/** Returns text in lines that begin at this column, or farther left if one of its words needs the room. */
function beside(text: string, begin: number, columns: number): string {
  const indent = begin + longestWord(text) <= columns ? begin : 4;
  return wrapped(`${' '.repeat(indent)}${text}`, columns, 0);
}

function longestWord(text: string): number {
  return largest(text.split(' ').map((word) => word.length));
}

function findingLines({ level, message, hint }: DoctorFinding, columns: number, chalk: ChalkInstance): string[] {
  const paint = { ok: chalk.green, note: chalk.yellow, problem: chalk.red }[level];
  const isWide = longestWord(message) + levelWidth > columns;
  const text = wrapped(`${level.padEnd(levelWidth)}${safeLine(message)}`, columns, isWide ? narrowHang : levelWidth);
  const line = `${paint(level)}${text.slice(level.length)}`;
  if (hint === null) return [line];
  const hints = hint.split('\n').map((part) => wrapped(`${' '.repeat(levelWidth)}${safeLine(part)}`, columns, 0));
  return [line, ...hints.flatMap((part) => part.split('\n')).map((part) => chalk.dim(part))];
}
