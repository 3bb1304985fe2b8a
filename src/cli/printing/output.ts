import type { Frame } from '../../protocol/frames.ts';
import { Failure, messageOf } from '../../errors.ts';
import type { Io } from '../terminal/io.ts';
import { cutText } from '../terminal/safeText.ts';
import { defaulted, type FlagContext, type SharedValues } from '../flags/sharedValues.ts';

/** How results are printed. */
export type Format = 'text' | 'json' | 'ndjson' | 'yaml' | 'csv';

const formats: readonly string[] = ['text', 'json', 'ndjson', 'yaml', 'csv'];

/** A part of a value, chosen by a JMESPath expression. */
export type Query = (value: unknown) => unknown;

/** How this command prints its results; made before anything is sent, so that a bad `--query` costs nothing. */
export interface Output {
  readonly format: Format;
  readonly query: Query | undefined;
  readonly envelope: boolean;
}

/** The context of what prints results. */
export interface PrintContext<Values = SharedValues> extends FlagContext<Values> {
  readonly output: Output;
}

/** Reads the output flags. Throws a usage `Failure`. */
export async function outputOf(context: FlagContext): Promise<Output> {
  const { values } = context;
  if (values.queryRequired === true && values.query === undefined)
    throw new Failure('usage', '--query-required needs --query', { hint: 'Such as --query command.id.' });
  return {
    format: formatOf(context),
    query: values.query === undefined ? undefined : await queryOf(values.query),
    envelope: values.envelope === true,
  };
}

/** Adds to a context how it prints. Throws a usage `Failure`. */
export async function withOutput<Values extends SharedValues>(
  given: FlagContext<Values>,
): Promise<PrintContext<Values>> {
  return { ...given, output: await outputOf(given) };
}

function formatOf({ io, values }: FlagContext): Format {
  if (values.json === true) return jsonFormat(values.output);
  const given = defaulted('output', values.output, io);
  if (given === undefined) return io.stdoutIsTerminal ? 'text' : 'json';
  if (!formats.includes(given.text)) {
    throw new Failure('usage', `${given.at} must be one of ${formats.join(', ')}, not '${given.text}'`, {
      hint: 'Correct it there.',
    });
  }
  return given.text as Format;
}

function jsonFormat(output: string | undefined): Format {
  if (output === undefined || output === 'json') return 'json';
  throw new Failure('usage', `--json and --output ${output} ask for two formats`, { hint: 'Give one of them.' });
}

async function queryOf(expression: string): Promise<Query> {
  const { jmespathOf } = await import('./jmespath.ts');
  const search = await jmespathOf(expression, '--query', 'Such as --query command.id or --query "devices[].id".');
  return (value) => {
    try {
      return search(value);
    } catch (error) {
      const why = error instanceof RangeError ? 'it holds too much, or is nested too deep' : messageOf(error);
      throw new Failure('usage', `--query '${cutText(expression)}' does not fit the reply: ${why}`, {
        hint: 'Look at the whole reply first.',
      });
    }
  };
}

/** Prints one reply or push; `text` is its original text, if known. */
export async function printResult(value: Frame, context: PrintContext, text?: string): Promise<void> {
  const { io, values, output } = context;
  const chosen = output.query === undefined ? value : own(output.query(value));
  const isNothing = chosen === null || chosen === undefined;
  if (values.queryRequired === true && (isNothing || isEmptyList(chosen))) io.object(notMatched(values.query ?? ''));
  else if (isNothing) io.note(`--query '${values.query ?? ''}' matched nothing`);
  if (isNothing) return;
  if (output.query !== undefined && typeof chosen === 'string') return io.out(`${await forTerminal(chosen, io)}\n`);
  const asItCame = chosen === value && text !== undefined && !/[\r\n]/.test(text) ? text : undefined;
  io.out(await rendered(chosen, asItCame, context));
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

/** Returns the failure for `--query-required` without a match. */
function notMatched(query: string): Failure {
  return new Failure('assertion', `--query '${cutText(query)}' matched nothing`, {
    hint: 'The request itself succeeded; without --query it prints the whole reply.',
  });
}

/**
 * Returns a value in the chosen format. Throws a usage `Failure` if it is nested too deeply for that; the hint offers
 * the original text.
 */
async function rendered(value: unknown, asItCame: string | undefined, context: PrintContext): Promise<string> {
  try {
    return await render(value, asItCame, context);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new Failure('usage', `the reply is nested too deeply to be shown as ${context.output.format}`, {
      hint: 'Use --json, which shows it as it came.',
      cause: error,
    });
  }
}

/** JMESPath also reads inherited properties; those are not part of the reply. */
function own(value: unknown): unknown {
  return typeof value === 'function' || value === Object.prototype ? null : value;
}

async function render(value: unknown, asItCame: string | undefined, context: PrintContext): Promise<string> {
  const { io } = context;
  const { format } = context.output;
  if (format === 'json') return forTerminal(`${asItCame ?? JSON.stringify(value)}\n`, io);
  if (format === 'ndjson')
    return forTerminal(
      itemsOf(value)
        .map((item) => `${JSON.stringify(item)}\n`)
        .join(''),
      io,
    );
  if (format === 'csv') {
    const { csvText } = await import('./csv.ts');
    return forTerminal(csvText(itemsOf(value)), io);
  }
  if (format === 'yaml') {
    const { stringify } = await import('yaml');
    return forTerminal(stringify(value), io);
  }
  const { prettyText } = await import('./pretty.ts');
  return prettyText(value, context);
}

/** Returns the items of the list in a reply, or of a list itself; any other value is its only item. */
function itemsOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (typeof value !== 'object' || value === null) return [value];
  const lists = Object.values(value).filter((part) => Array.isArray(part)) as unknown[][];
  return lists.length === 1 && 'status' in value ? (lists[0] ?? []) : [value];
}

/** Makes text from a server safe for a terminal. */
async function forTerminal(text: string, io: Io): Promise<string> {
  if (!io.stdoutIsTerminal) return text;
  const { safeText } = await import('../terminal/safeText.ts');
  return safeText(text);
}
