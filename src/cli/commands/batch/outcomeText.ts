import { Chalk } from 'chalk';
import { colorLevel } from '../../printing/color.ts';
import type { FlagContext } from '../../flags/sharedValues.ts';
import { terminalWidth } from '../../terminal/io.ts';
import { safeLine } from '../../terminal/safeText.ts';
import { wrapped } from '../../terminal/wrapping.ts';
import type { OutcomeError, OutcomeName } from './outcome.ts';

/** A line of outcomes as programs read it. */
interface OutcomeRecord {
  readonly line: number;
  readonly outcome: OutcomeName;
  readonly reply?: { readonly action?: unknown };
  readonly error?: OutcomeError;
}

/** Makes lines of outcomes readable for people: `ok 1 device/save`, `refused 3 …`. */
export function outcomeTexts(context: FlagContext): (lines: string) => string {
  const chalk = new Chalk({ level: colorLevel(context, context.io.stdoutIsTerminal) });
  const columns = terminalWidth(context.io) ?? Infinity;
  const paint = (name: OutcomeName) => (name === 'ok' ? chalk.green : name === 'skipped' ? chalk.yellow : chalk.red);
  return (lines) =>
    lines.replace(/[^\n]+/g, (text) => {
      const record = JSON.parse(text) as OutcomeRecord;
      const { outcome, line } = record;
      const shown = wrapped(safeLine(`${outcome} ${line} ${whatOf(record)}`), columns);
      return `${paint(outcome)(outcome)}${shown.slice(outcome.length)}`;
    });
}

/** Returns the action that was done, or the reason why not. */
function whatOf({ reply, error }: OutcomeRecord): string {
  if (error === undefined) return String(reply?.action);
  const { message, problems = [] } = error;
  return problems.length < 2
    ? message
    : `${message}: ${problems.map(({ at, message }) => `${at} ${message}`).join('; ')}`;
}
