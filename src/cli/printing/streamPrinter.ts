import { Failure } from '../../errors.ts';
import type { Frame } from '../../protocol/frames.ts';
import { printResult, type PrintContext } from './output.ts';
import type { FlagContext } from '../flags/sharedValues.ts';

/** Colours for the parts of a line; none where colours are off. */
export type Paint = Readonly<Record<'dim' | 'cyan' | 'yellow' | 'green' | 'red', (text: string) => string>>;

/** Prints one of many. */
export type Print<T> = (item: T) => Promise<void>;

/**
 * Returns a printer for items of a stream: as readable lines, one JSON object a line, or YAML documents; `--query`
 * takes a part of each. `what` names the items in messages. Throws a usage `Failure`.
 */
export async function streamPrinter<T extends Frame>(
  context: PrintContext,
  line: (item: T, paint: Paint) => string,
  what: string,
): Promise<Print<T>> {
  const { io, output } = context;
  refuseForStream(context, what);
  if (output.query === undefined && output.format === 'text') {
    const paint = await painter(context);
    return (item) => Promise.resolve(io.out(`${line(item, paint)}\n`));
  }
  let isFirst = true;
  let hasFailed = false;
  return async (item) => {
    try {
      if (output.format === 'yaml' && !isFirst) io.out('---\n');
      isFirst = false;
      await printResult(item, context);
    } catch (error) {
      // a query that does not fit one item must not end the stream, as it would end a request
      if (!(error instanceof Failure) || error.kind !== 'usage') throw error;
      if (!hasFailed) io.warn(`${error.message}; such ${what} are left out`);
      hasFailed = true;
    }
  };
}

/** Throws a usage `Failure` for flags that are about one reply only. */
function refuseForStream({ values, output }: PrintContext, what: string): void {
  const refuse = (flag: string, about: string) =>
    new Failure('usage', `${flag} is about ${about}`, { hint: `Here are ${what}.` });
  if (output.envelope) throw refuse('--envelope', 'one request and its reply');
  if (output.format === 'csv') throw refuse('--output csv', 'one list');
  if (values.queryRequired === true) throw refuse('--query-required', 'one reply');
}

async function painter(context: FlagContext): Promise<Paint> {
  const { io } = context;
  const [{ Chalk }, { colorLevel }] = await Promise.all([import('chalk'), import('./color.ts')]);
  return new Chalk({ level: colorLevel(context, io.stdoutIsTerminal) });
}
