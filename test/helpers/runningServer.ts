import type { ChildProcess } from 'node:child_process';
import { after, before } from 'node:test';
import { ended, type Ended, type Home, type RunOptions } from './cli.ts';
import type { ExpectedHarms } from './harms.ts';

/** The line that `server start --json` prints. */
export interface Ready {
  readonly url: string;
  readonly login: string;
  readonly password: string;
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly pid: number;
}

/** A `server start` in its own process. */
export interface RunningServer extends AsyncDisposable {
  readonly ready: Ready;
  /** The line on stdout, as printed. */
  readonly line: string;
  readonly child: ChildProcess;
  readonly end: Promise<Ended>;
  stop(signal?: NodeJS.Signals): Promise<Ended>;
}

/**
 * Starts a server and waits for its line on stdout. Rejects with its output if it ends instead. It is strict (refuses
 * what would stop a real server) unless the test expects harm.
 */
export async function startServer(
  home: Home,
  args: readonly string[] = [],
  options: RunOptions = {},
): Promise<RunningServer> {
  const strict = options.harms === undefined && !args.includes('--strict') ? ['--strict'] : [];
  return readyServer(home.start(['server', 'start', '--json', ...strict, ...args], options), options.harms);
}

/** Waits for the line on stdout of a server started with `--json`. Rejects with its output if it ends instead. */
export async function readyServer(child: ChildProcess, harms: ExpectedHarms = {}): Promise<RunningServer> {
  const end = ended(child, harms);
  const line = await Promise.race([firstLine(child), end.then(endedInstead)]);
  const stop = (signal: NodeJS.Signals = 'SIGTERM') => {
    child.kill(signal);
    return end;
  };
  return {
    ready: JSON.parse(line) as Ready,
    line,
    child,
    end,
    stop,
    [Symbol.asyncDispose]: async () => {
      await stop();
    },
  };
}

/**
 * Declares a server for all tests of a file: it starts before the first one, followed by `prepare`, and is removed with
 * its home after the last.
 */
export function serverForAll(
  home: Home,
  prepare: () => void | Promise<void> = () => undefined,
  options: RunOptions = {},
): Pick<RunningServer, 'ready' | 'line'> {
  let server: RunningServer | undefined;
  before(async () => {
    server = await startServer(home, [], options);
    await prepare();
  });
  after(async () => {
    await server?.[Symbol.asyncDispose]();
    home[Symbol.dispose]();
  });
  const running = () => {
    if (server === undefined) throw new Error('the server of these tests does not run yet');
    return server;
  };
  return {
    get ready() {
      return running().ready;
    },
    get line() {
      return running().line;
    },
  };
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes('\n')) resolve(text.slice(0, text.indexOf('\n')));
    });
  });
}

function endedInstead({ code, stderr }: Ended): never {
  throw new Error(`server start ended with ${code}:\n${stderr}`);
}

/** Runs the work for every item, at most `limit` at a time. */
export async function eachOf<Item>(
  items: readonly Item[],
  limit: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const left = items.values();
  const lane = async () => {
    for (const item of left) await work(item);
  };
  await Promise.all(Array.from({ length: limit }, lane));
}
