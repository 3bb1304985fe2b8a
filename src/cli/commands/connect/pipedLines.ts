import { Failure } from '../../../errors.ts';
import { Input } from '../../terminal/input.ts';
import { LineSplitter } from '../../terminal/lineSplitter.ts';

/** Longer lines are refused: no server would take them, and memory must not depend on the input. */
const maxLineBytes = 16 * 1024 * 1024;

/** A line of the input, or the reason why it cannot be read. */
export type PipedLine = string | Failure;

/** Yields the lines of stdin as they come; the signal ends them early. */
export async function* pipedLines(signal: AbortSignal): AsyncGenerator<PipedLine, void> {
  const input = await Input.open('-');
  const lines = new LineSplitter(maxLineBytes);
  const ended = new Promise<undefined>((resolve) => {
    const stop = () => resolve(undefined);
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
  });
  try {
    for (let chunk = await next(); chunk !== undefined; chunk = await next()) {
      lines.push(chunk);
      yield* wholeLines();
    }
    lines.end();
    yield* wholeLines();
  } finally {
    input.close();
  }

  function next(): Promise<Buffer | undefined> {
    return Promise.race([input.read(), ended]);
  }

  function* wholeLines(): Generator<PipedLine, void> {
    while (!signal.aborted && lines.next()) {
      const { fault, text, number } = lines;
      yield fault === undefined ? text : new Failure('invalid', `line ${number} is ${fault}; nothing was sent`);
    }
  }
}
