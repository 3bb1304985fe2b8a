import { Chalk, type ChalkInstance } from 'chalk';
import { colorLevel } from '../../../printing/color.ts';
import { cutText, safeLine } from '../../../terminal/safeText.ts';
import type { CommonValues } from '../../../target/serverName.ts';
import type { Summary, StepTally, ToldDifference } from './summary.ts';
import type { FlagContext } from '../../../flags/sharedValues.ts';
import { largest } from '../../../../protocol/notation/extent.ts';

/** The most differences that a terminal shows. */
const mostShown = 20;
/** The most characters shown of a frame. */
const frameLength = 400;

/** Returns a verification as a table of actions, with each difference below it. */
export function summaryText(summary: Summary, context: FlagContext<CommonValues>): string {
  const { io } = context;
  const chalk = new Chalk({ level: colorLevel(context, io.stdoutIsTerminal) });
  const { differences, missing, left } = summary;
  const more = differences.length - mostShown;
  return [
    ...table(summary, chalk),
    ...differences.slice(0, mostShown).flatMap((difference) => ['', ...differenceLines(difference, chalk)]),
    ...(more > 0 ? ['', `and ${more} more: --json tells them all`] : []),
    ...(missing.length > 0 ? [''] : []),
    ...missing.map(({ needs, steps }) => chalk.yellow(`skipped ${steps}: this needs ${safeLine(needs)}`)),
    ...left.map((what) => chalk.red(`not removed: ${safeLine(what)}`)),
    '',
    verdictLine(summary, chalk),
    '',
  ].join('\n');
}

const columns = ['steps', 'agree', 'differ', 'skipped'] as const;

function table({ actions, ...total }: Summary, chalk: ChalkInstance): string[] {
  const width = largest(actions.map(({ action }) => action.length));
  const row = (name: string, tally: StepTally) =>
    name.padEnd(width) + columns.map((column) => cell(column, tally[column], chalk)).join('');
  return [
    chalk.bold(`${'action'.padEnd(width)}${columns.map((column) => column.padStart(9)).join('')}`),
    ...actions.map((tally) => row(tally.action, tally)),
    chalk.bold(row('total', total)),
  ];
}

function cell(column: (typeof columns)[number], count: number, chalk: ChalkInstance): string {
  const text = String(count).padStart(9);
  if (count === 0) return chalk.dim(text);
  if (column === 'differ') return chalk.red(text);
  return column === 'skipped' ? chalk.yellow(text) : text;
}

function differenceLines(difference: ToldDifference, chalk: ChalkInstance): string[] {
  const { scenario, step, note, connection, action, sent, expected, received, at } = difference;
  const name = [`step ${step} of ${scenario}`, ...(note === '' ? [] : [note]), `connection ${connection}`].join(', ');
  const field = (label: string, value: unknown) => `  ${chalk.dim(label.padEnd(9))} ${shown(value)}`;
  return [
    `${chalk.red('differs')} ${chalk.bold(action)} (${name})`,
    ...(sent === null ? [] : [field('sent', sent)]),
    field('expected', expected ?? 'silence'),
    field('received', received ?? 'no reply in time'),
    ...(at.length === 0 ? [] : [field('in', at.join(', '))]),
  ];
}

function shown(value: unknown): string {
  return cutText(typeof value === 'string' ? value : JSON.stringify(value), frameLength);
}

function verdictLine({ outcome, steps, agree, differ, skipped }: Summary, chalk: ChalkInstance): string {
  const played = steps - skipped;
  if (outcome === 'lost') return chalk.red(`the server was lost on the way; ${agree} of ${played} steps agreed`);
  if (differ > 0) return chalk.red(`${differ} of ${played} steps differ from DeviceHive 4.1.0`);
  return chalk.green(`all ${played} steps agree with DeviceHive 4.1.0`);
}
