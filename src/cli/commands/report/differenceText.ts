import { Chalk, type ChalkInstance } from 'chalk';
import { spokenCount, spokenOutcome, spokenValue, type Bundle, type MetricChange } from '../../../simulate/index.ts';
import type { FlagContext } from '../../flags/sharedValues.ts';
import { colorLevel } from '../../printing/color.ts';
import type { CommonValues } from '../../target/serverName.ts';
import { terminalWidth } from '../../terminal/io.ts';
import { safeLine } from '../../terminal/safeText.ts';
import { wrapped } from '../../terminal/wrapping.ts';
import { beside, columns } from '../results/columns.ts';

/** Two results to compare. */
export interface ComparedResults {
  readonly before: Bundle;
  readonly after: Bundle;
  readonly changes: readonly MetricChange[];
}

/**
 * Returns text: how both runs ended, the changes with the worst first, and the number of figures that did not change.
 */
export function differenceText(
  { before, after, changes }: ComparedResults,
  context: FlagContext<CommonValues>,
): string {
  if (changes.length === 0) return 'there is nothing to compare\n';
  const chalk = new Chalk({ level: colorLevel(context, context.io.stdoutIsTerminal) });
  const width = terminalWidth(context.io) ?? Infinity;
  const changed = changes.filter(({ became }) => became !== 'same');
  const same = changes.length - changed.length;
  const lines = [
    endLine('before', before, width, chalk),
    endLine('after', after, width, chalk),
    verdict(changed),
    ...(changed.length === 0 ? [] : ['', ...table(changed, width, chalk), '']),
    ...(same === 0 ? [] : [`${spokenCount(same)} unchanged`]),
  ];
  return `${lines.join('\n')}\n`;
}

/** Returns a line on how a run ended, and why: `after   FAILED  lost 3, limit 0`. */
function endLine(which: 'before' | 'after', bundle: Bundle, width: number, chalk: ChalkInstance): string {
  const { word, reasons } = spokenOutcome(bundle);
  const paint = { OK: chalk.green, FAILED: chalk.red, STOPPED: chalk.yellow, PART: chalk.yellow }[word];
  const begin = `${which.padEnd('before'.length)}  ${word}`;
  const text = wrapped(`${begin}  ${safeLine(reasons.join('; '))}`, width);
  return `${chalk.dim(which.padEnd('before'.length))}  ${paint(word)}${text.slice(begin.length)}`;
}

function verdict(changed: readonly MetricChange[]): string {
  const counts = (['worse', 'better', 'other'] as const).flatMap((became) => {
    const count = changed.filter((change) => change.became === became).length;
    return count === 0 ? [] : [`${spokenCount(count)} ${became === 'other' ? 'changed' : became}`];
  });
  return counts.length === 0 ? 'nothing changed' : counts.join(', ');
}

const paints = { worse: 'red', better: 'green', other: 'reset', same: 'reset' } as const;

/** Returns a table of changes; a narrow terminal gets no titles, a very narrow one two lines for each change. */
function table(changed: readonly MetricChange[], width: number, chalk: ChalkInstance): string[] {
  const rows = changed.map((change) => [
    change.metric,
    spoken(change.before, change.unit),
    spoken(change.after, change.unit),
    grown(change),
    change.became === 'other' ? '' : change.became,
  ]);
  const lines = columns([['', 'before', 'after', 'change', ''], ...rows]);
  if (lines.some((line) => line.length >= width)) return stacked(changed, chalk);
  const titles = ['', ...changed.map(({ title }) => title)];
  const titled = beside(lines, titles);
  const fits = titled.every((line) => line.length < width);
  return (fits ? titled : lines).map((line, index) => {
    const became = changed[index - 1]?.became;
    return became === undefined ? chalk.dim(line) : chalk[paints[became]](line);
  });
}

function stacked(changed: readonly MetricChange[], chalk: ChalkInstance): string[] {
  return changed.flatMap((change) => {
    const { metric, before, after, unit, became } = change;
    const numbers = `  ${spoken(before, unit)} → ${spoken(after, unit)}  ${grown(change)}`.trimEnd();
    return [became === 'other' ? metric : `${metric}  ${became}`, numbers].map((line) => chalk[paints[became]](line));
  });
}

function grown({ change, before, after }: MetricChange): string {
  if (change !== null) return `${change >= 0 ? '+' : ''}${(change * 100).toFixed(1)} %`;
  return before === 0 && after !== null ? 'appeared' : '';
}

function spoken(value: number | null, unit: MetricChange['unit']): string {
  return value === null ? '–' : spokenValue(value, unit);
}
