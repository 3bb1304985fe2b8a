import { Chalk, type ChalkInstance } from 'chalk';
import { colorLevel } from '../../printing/color.ts';
import { safeLine } from '../../terminal/safeText.ts';
import type { CommonValues } from '../../target/settings.ts';
import type { DoctorFinding, DoctorReport } from './findings.ts';
import type { FlagContext } from '../../flags/sharedValues.ts';

/** Returns the findings, a line each with hints below, then every setting and its origin. */
export function reportText({ findings, settings }: DoctorReport, context: FlagContext<CommonValues>): string {
  const { io } = context;
  const chalk = new Chalk({ level: colorLevel(context, io.stdoutIsTerminal) });
  const width = Math.max(0, ...settings.map(({ name }) => name.length));
  const lines = settings.map(({ name, value, from, at }) => {
    const source =
      at === null ? '' : chalk.dim(`  ${from === 'local' ? 'a server that runs here: ' : ''}${safeLine(at)}`);
    return `  ${chalk.cyan(name.padEnd(width))}  ${value === null ? chalk.dim('none') : safeLine(value)}${source}`;
  });
  return [...findings.flatMap((finding) => findingLines(finding, chalk)), '', 'settings', ...lines, ''].join('\n');
}

function findingLines({ level, message, hint }: DoctorFinding, chalk: ChalkInstance): string[] {
  const paint = { ok: chalk.green, note: chalk.yellow, problem: chalk.red }[level];
  const line = `${paint(level.padEnd('problem'.length))}  ${safeLine(message)}`;
  return hint === null ? [line] : [line, ...hint.split('\n').map((text) => `         ${chalk.dim(safeLine(text))}`)];
}
