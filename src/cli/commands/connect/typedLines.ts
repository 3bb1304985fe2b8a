import { createInterface, type Interface } from 'node:readline';
import type { Io } from '../../terminal/io.ts';
import { Failure } from '../../../errors.ts';
import { completedLine } from './lineCompletion.ts';
import type { LineRunner } from './lineRunner.ts';

/**
 * Takes lines from the terminal until Ctrl-D, `.quit`, or the signal: with history and completion, while replies and
 * pushes are shown above what is being typed. Requests do not wait for one another. Throws `interrupted` for Ctrl-C on
 * an empty line; on another it clears the line.
 */
export async function converse(runner: LineRunner, io: Io, signal: AbortSignal): Promise<void> {
  io.note('Type a command such as command list --device d1, a frame as JSON, or .help; Ctrl-D ends.');
  const { stdin, stderr } = process;
  const lines = createInterface({
    input: stdin,
    output: stderr,
    prompt: '> ',
    removeHistoryDuplicates: true,
    completer: (line: string, done: (error: null, found: [string[], string]) => void) =>
      void completedLine(line, runner.session).then((found) => done(null, found)),
  });
  const stopDrawing = drawnAround(lines, io);
  const close = () => lines.close();
  signal.addEventListener('abort', close, { once: true });
  try {
    lines.prompt();
    if (!signal.aborted) await untilLeft(lines, runner);
  } finally {
    signal.removeEventListener('abort', close);
    stopDrawing();
    lines.close();
  }
}

function untilLeft(lines: Interface, runner: LineRunner): Promise<void> {
  return new Promise((resolve, reject) => {
    lines.on('line', (line) => {
      lines.prompt();
      runner.take(line).then((goesOn) => goesOn || lines.close(), reject);
    });
    lines.on('SIGINT', () => {
      if (lines.line === '') reject(left());
      else clear(lines);
    });
    lines.on('close', resolve);
  });
}

function left(): Failure {
  process.stderr.write('\n');
  return new Failure('interrupted', 'left');
}

function clear(lines: Interface): void {
  for (const name of ['e', 'u']) lines.write(null, { ctrl: true, name });
}

/** Draws all output above the line being typed. Returns a function that ends this. */
function drawnAround(lines: Interface, io: Io): () => void {
  const { stdout, stderr } = process;
  const say = io.aside;
  const endMute = io.busy(undefined);
  const write = stdout.write.bind(stdout);
  const above = (text: () => void) => {
    stderr.write('\r\u001b[J');
    text();
    lines.prompt(true);
  };
  io.aside = above;
  if (io.stdoutIsTerminal)
    stdout.write = ((...args: Parameters<typeof write>) => {
      let taken = true;
      above(() => (taken = write(...args)));
      return taken;
    }) as typeof stdout.write;
  return () => {
    endMute();
    stdout.write = write;
    if (say === undefined) delete io.aside;
    else io.aside = say;
  };
}
