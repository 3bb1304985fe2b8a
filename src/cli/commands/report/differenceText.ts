import { Chalk, type ChalkInstance } from 'chalk';
import { spokenCount, spokenValue, type MetricChange } from '../../../simulate/index.ts';
import type { FlagContext } from '../../flags/sharedValues.ts';
import { colorLevel } from '../../printing/color.ts';
import type { CommonValues } from '../../target/serverName.ts';
import { terminalWidth } from '../../terminal/io.ts';
import { beside, columns } from '../results/columns.ts';

/** Returns the changes between two results as text, the worst first, and how many metrics are unchanged. */
export function differenceText(changes: readonly MetricChange[], context: FlagContext<CommonValues>): string {
  if (changes.length === 0) return 'there is nothing to compare\n';
  const chalk = new Chalk({ level: colorLevel(context, context.io.stdoutIsTerminal) });
  const changed = changes.filter(({ became }) => became !== 'same');
  const same = changes.length - changed.length;
  const lines = [
    verdict(changed),
    ...(changed.length === 0 ? [] : ['', ...table(changed, terminalWidth(context.io), chalk), '']),
    ...(same === 0 ? [] : [`${spokenCount(same)} unchanged`]),
  ];
  return `${lines.join('\n')}\n`;
}

function verdict(changed: readonly MetricChange[]): string {
  const counts = (['worse', 'better', 'other'] as const).flatMap((became) => {
    const count = changed.filter((change) => change.became === became).length;
    return count === 0 ? [] : [`${spokenCount(count)} ${became === 'other' ? 'changed' : became}`];
  });
  return counts.length === 0 ? 'nothing changed' : counts.join(', ');
}

const paints = { worse: 'red', better: 'green', other: 'reset', same: 'reset' } as const;

/** The words beside are left out where a terminal has no room for them. */
function table(changed: readonly MetricChange[], width: number | undefined, chalk: ChalkInstance): string[] {
  const rows = changed.map((change) => [
    change.metric,
    spoken(change.before, change.unit),
    spoken(change.after, change.unit),
    grown(change),
    change.became === 'other' ? '' : change.became,
  ]);
  const lines = columns([['', 'before', 'after', 'change', ''], ...rows], width);
  const titles = ['', ...changed.map(({ title }) => title)];
  const titled = beside(lines, titles);
  const fits = titled.every((line) => width === undefined || line.length < width);
  return (fits ? titled : lines).map((line, index) => {
    const became = changed[index - 1]?.became;
    return became === undefined ? chalk.dim(line) : chalk[paints[became]](line);
  });
}

function grown({ change, before, after }: MetricChange): string {
  if (change !== null) return `${change >= 0 ? '+' : ''}${(change * 100).toFixed(1)} %`;
  return before === 0 && after !== null ? 'appeared' : '';
}

function spoken(value: number | null, unit: MetricChange['unit']): string {
  return value === null ? '–' : spokenValue(value, unit);
}
