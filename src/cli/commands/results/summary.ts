import { Chalk, type ChalkInstance } from 'chalk';
import {
  accountNames,
  hopNames,
  hopTitles,
  spokenActual,
  spokenCount,
  spokenDevices,
  spokenMs,
  spokenRate,
  type Bundle,
} from '../../../simulate/index.ts';
import { colorLevel } from '../../printing/color.ts';
import { columns } from './columns.ts';
import { printResult, type PrintContext } from '../../printing/output.ts';
import { safeLine } from '../../terminal/safeText.ts';
import type { CommonValues } from '../../target/settings.ts';
import { own } from '../../../protocol/own.ts';
import type { FlagContext } from '../../flags/sharedValues.ts';

/** A result as people read it on a terminal. */
export function resultText(bundle: Bundle, context: FlagContext<CommonValues>): string {
  const { io } = context;
  const chalk = new Chalk({ level: colorLevel(context, io.stdoutIsTerminal) });
  const width = io.stdoutIsTerminal ? process.stdout.columns || 80 : undefined;
  const parts = [
    headLines(bundle, chalk),
    hopLines(bundle, chalk, width),
    ledgerLines(bundle, chalk, width),
    errorLines(bundle, chalk),
    assertionLines(bundle, chalk),
  ];
  return `${parts
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function headLines(bundle: Bundle, chalk: ChalkInstance): string[] {
  const { devices, durationMs, counters, shards, shardCount, generator } = bundle;
  const sent = counters['sent'] ?? 0;
  const rate = durationMs === 0 ? '' : `, ${spokenRate((sent / durationMs) * 1000)}`;
  const part = shards.length === shardCount ? '' : `, shards ${shards.join(', ')} of ${shardCount} only`;
  const lost = ['disconnects', 'reconnects', 'repeated', 'unanswered'].flatMap((name) => {
    const count = own(counters, name) ?? 0;
    return count === 0 ? [] : [`${name} ${spokenCount(count)}`];
  });
  return [
    `${chalk.bold(spokenDevices(devices))}, ${spokenMs(durationMs)}, ${spokenCount(sent)} sent${rate}, seed ${bundle.seed}${part}`,
    safeLine(bundle.url),
    ...(lost.length === 0 ? [] : [lost.join(', ')]),
    ...generator.reasons.map((reason) => chalk.yellow(`not to be trusted: ${safeLine(reason)}`)),
  ];
}

function hopLines({ hops }: Bundle, chalk: ChalkInstance, width: number | undefined): string[] {
  const rows = hopNames.flatMap((name) => {
    const hop = hops[name];
    if (hop === undefined || hop.count === 0) return [];
    return [[hopTitles[name], spokenCount(hop.count), ...[hop.p50Ms, hop.p90Ms, hop.p99Ms, hop.maxMs].map(spokenMs)]];
  });
  return rows.length === 0 ? [] : tableLines([['', 'samples', 'p50', 'p90', 'p99', 'max'], ...rows], chalk, width);
}

function ledgerLines({ ledger }: Bundle, chalk: ChalkInstance, width: number | undefined): string[] {
  const rows = accountNames
    .filter((name) => ledger[name].expected + ledger[name].received > 0)
    .map((name) => {
      const { expected, received, lost, unsent = 0, duplicated, reordered } = ledger[name];
      return [name, ...[expected, received, lost, unsent, duplicated, reordered].map(spokenCount)];
    });
  return rows.length === 0
    ? []
    : tableLines([['', 'expected', 'received', 'lost', 'unsent', 'duplicated', 'reordered'], ...rows], chalk, width);
}

/** The most different errors that a summary shows. */
const mostErrors = 10;

function errorLines({ errors }: Bundle, chalk: ChalkInstance): string[] {
  const lines = errors.slice(0, mostErrors).map(({ kind, code, text, count }) => {
    const name = code === null ? kind : `${kind} ${code}`;
    return `${chalk.red(`${spokenCount(count)} ×`)} ${safeLine(`${name}: ${text}`)}`;
  });
  return errors.length <= mostErrors ? lines : [...lines, `and ${errors.length - mostErrors} other kinds`];
}

function assertionLines({ assertions }: Bundle, chalk: ChalkInstance): string[] {
  return assertions.map((assertion) => {
    const { text, ok } = assertion;
    const actual = spokenActual(assertion);
    const value = actual === '' ? '' : ` (${actual})`;
    const mark = ok === null ? chalk.dim('not asked') : ok ? chalk.green('holds') : chalk.red('does not hold');
    return `${mark}  ${safeLine(text)}${value}`;
  });
}

/** A table whose first row is its head. */
function tableLines(rows: readonly (readonly string[])[], chalk: ChalkInstance, width: number | undefined): string[] {
  return columns(rows, width).map((line, index) => (index === 0 ? chalk.dim(line) : line));
}

/** Prints a result as its summary where text is wanted, else as what it is. */
export async function printBundle(bundle: Bundle, context: PrintContext<CommonValues>): Promise<void> {
  const { io, output } = context;
  if (output.format === 'text' && output.query === undefined) io.out(resultText(bundle, context));
  else await printResult(bundle, context);
}
