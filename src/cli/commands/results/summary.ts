import { Chalk, type ChalkInstance } from 'chalk';
import {
  accountNames,
  disconnectsOf,
  hopNames,
  hopTitles,
  remarksOf,
  spokenActual,
  spokenCount,
  spokenDevices,
  spokenMs,
  spokenOutcome,
  spokenRate,
  type Bundle,
} from '../../../simulate/index.ts';
import { colorLevel } from '../../printing/color.ts';
import { beside, columns } from './columns.ts';
import { printResult, type PrintContext } from '../../printing/output.ts';
import { terminalWidth } from '../../terminal/io.ts';
import { safeLine } from '../../terminal/safeText.ts';
import { wrapped } from '../../terminal/wrapping.ts';
import type { CommonValues } from '../../target/serverName.ts';
import { own } from '../../../protocol/own.ts';
import type { FlagContext } from '../../flags/sharedValues.ts';

/** Returns a result as text for a terminal; how it ended and why comes first. */
export function resultText(bundle: Bundle, context: FlagContext<CommonValues>): string {
  const { io } = context;
  const chalk = new Chalk({ level: colorLevel(context, io.stdoutIsTerminal) });
  const width = terminalWidth(io) ?? Infinity;
  const parts = [
    verdictLines(bundle, chalk, width),
    assertionLines(bundle, chalk, width),
    headLines(bundle, chalk, width),
    hopLines(bundle, chalk, width),
    ledgerLines(bundle, chalk, width),
    errorLines(bundle, chalk, width),
  ];
  return `${parts
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function verdictLines(bundle: Bundle, chalk: ChalkInstance, width: number): string[] {
  const { word, reasons } = spokenOutcome(bundle);
  const paint = { OK: chalk.green, FAILED: chalk.red, STOPPED: chalk.yellow, PART: chalk.yellow }[word];
  const lines = reasons.flatMap((reason, index) => {
    const mark = (index === 0 ? word : '').padEnd(word.length);
    const text = wrapped(`${mark}  ${safeLine(reason)}`, width, index === 0 ? word.length + 2 : 0);
    return paint(index === 0 ? `${chalk.bold(word)}${text.slice(word.length)}` : text);
  });
  return [...lines, ...remarksOf(bundle).map((remark) => wrapped(remark, width))];
}

function headLines(bundle: Bundle, chalk: ChalkInstance, width: number): string[] {
  const { devices, durationMs, counters, shards, shardCount, planName, url } = bundle;
  const sent = counters['sent'] ?? 0;
  const rate = durationMs === 0 ? '' : `, ${spokenRate((sent / durationMs) * 1000)}`;
  const spoken = spokenDevices(devices);
  const part = shards.length === shardCount ? '' : `, shards ${shards.join(', ')} of ${shardCount} only`;
  const lost = ['disconnects', 'reconnects', 'repeated', 'unanswered'].flatMap((name) => {
    const count = own(counters, name) ?? 0;
    const planned = name === 'disconnects' ? disconnectsOf(counters).planned : 0;
    const which = planned === 0 ? '' : ` (${spokenCount(planned)} as planned)`;
    return count === 0 ? [] : [`${name} ${spokenCount(count)}${which}`];
  });
  return [
    wrapped(safeLine(planName === undefined ? url : `${planName} on ${url}`), width),
    wrapped(
      `${spoken}, ${spokenMs(durationMs)}, ${spokenCount(sent)} sent${rate}, seed ${bundle.seed}${part}`,
      width,
    ).replace(spoken, chalk.bold(spoken)),
    ...(lost.length === 0 ? [] : [wrapped(lost.join(', '), width)]),
  ];
}

/** Figures of hops, by the names that assertions use; narrow terminals leave some out. */
const hopColumns = [
  ['count', 'p50', 'p90', 'p99', 'max'],
  ['count', 'p50', 'p99', 'max'],
  ['p50', 'p99'],
] as const;

function hopLines({ hops }: Bundle, chalk: ChalkInstance, width: number): string[] {
  const names = hopNames.filter((name) => (hops[name]?.count ?? 0) > 0);
  if (names.length === 0) return [];
  const tables = hopColumns.map((figures) => {
    const rows = names.map((name) => {
      const hop = hops[name] as Bundle['hops'][string];
      return [
        name,
        ...figures.map((figure) => (figure === 'count' ? spokenCount(hop.count) : spokenMs(hop[`${figure}Ms`]))),
      ];
    });
    return columns([['', ...figures], ...rows], width);
  });
  const titles = ['', ...names.map((name) => hopTitles[name])];
  const fits = (lines: readonly string[]) => lines.every((line) => line.length < width);
  const titled = tables.map((lines) => beside(lines, titles)).find(fits);
  return dimmedHead(titled ?? tables.find(fits) ?? tables.at(-1) ?? [], chalk);
}

function ledgerLines({ ledger }: Bundle, chalk: ChalkInstance, width: number): string[] {
  const rows = accountNames
    .filter((name) => ledger[name].expected + ledger[name].received > 0)
    .map((name) => {
      const { expected, received, lost, unsent = 0, duplicated, reordered } = ledger[name];
      return [name, ...[expected, received, lost, unsent, duplicated, reordered].map(spokenCount)];
    });
  if (rows.length === 0) return [];
  const heads = ['', 'expected', 'received', 'lost', 'unsent', 'duplicated', 'reordered'];
  const lines = columns([heads, ...rows]);
  if (lines.every((line) => line.length < width)) return dimmedHead(lines, chalk);
  // a terminal without room for a table gets a sentence for each row
  return rows.map(([name = '', ...counts]) => {
    const parts = counts.map((count, index) => `${count} ${heads[index + 1] ?? ''}`);
    return wrapped(`${name}: ${parts.join(', ')}`, width);
  });
}

/** The most different errors that a summary shows. */
const mostErrors = 10;

function errorLines({ errors }: Bundle, chalk: ChalkInstance, width: number): string[] {
  const lines = errors.slice(0, mostErrors).map(({ kind, code, text, count }) => {
    const name = code === null ? kind : `${kind} ${code}`;
    const times = `${spokenCount(count)} ×`;
    return wrapped(`${times} ${safeLine(`${name}: ${text}`)}`, width).replace(times, chalk.red(times));
  });
  return errors.length <= mostErrors ? lines : [...lines, `and ${errors.length - mostErrors} other kinds`];
}

function assertionLines({ assertions }: Bundle, chalk: ChalkInstance, width: number): string[] {
  return assertions.map((assertion) => {
    const { text, ok } = assertion;
    const actual = spokenActual(assertion);
    const value = actual === '' ? '' : ` (${actual})`;
    const [mark, paint] =
      ok === null ? ['not asked', chalk.dim] : ok ? ['holds', chalk.green] : ['does not hold', chalk.red];
    return `${paint(mark)}${wrapped(`${mark}  ${safeLine(text)}${value}`, width).slice(mark.length)}`;
  });
}

/** Dims the first line, the head of a table. */
function dimmedHead(lines: readonly string[], chalk: ChalkInstance): string[] {
  return lines.map((line, index) => (index === 0 ? chalk.dim(line) : line));
}

/** Prints a result: as its summary in text, else as data. */
export async function printBundle(bundle: Bundle, context: PrintContext<CommonValues>): Promise<void> {
  const { io, output } = context;
  if (output.format === 'text' && output.query === undefined) io.out(resultText(bundle, context));
  else await printResult(bundle, context);
}
