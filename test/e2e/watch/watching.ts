import type { ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ended, kill, type Ended, type Home, type RunOptions } from '../../helpers/cli.ts';
import { changedUntil } from '../../helpers/folderChanges.ts';

/** How long a test waits for output that never comes. */
const limitMs = 20_000;

let number = 0;

/** A `watch` that has subscribed, in its own process. */
export interface WatchRun extends AsyncDisposable {
  readonly child: ChildProcess;
  readonly ready: { readonly url: string; readonly subscriptionIds: readonly number[] };
  readonly readyFile: string;
  readonly end: Promise<Ended>;
  /** Returns its output so far. */
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Waits until stdout, or stderr, matches. */
  said(stream: 'stdout' | 'stderr', pattern: RegExp): Promise<void>;
}

/** Starts a watch and waits for its ready file, as a script does. */
export async function startWatch(home: Home, args: readonly string[], options: RunOptions = {}): Promise<WatchRun> {
  const readyFile = join(home.work, `ready-${++number}.json`);
  const child = home.start([...args, '--ready-file', readyFile], options);
  child.stdin?.end();
  const said = { stdout: '', stderr: '' };
  const waiting = new Set<() => void>();
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.on('data', (chunk: Buffer) => {
      said[name] += chunk.toString();
      for (const check of waiting) check();
    });
  }
  const end = ended(child);
  await changedUntil(home.work, () => existsSync(readyFile), end);
  return {
    child,
    ready: JSON.parse(readFileSync(readyFile, 'utf8')) as WatchRun['ready'],
    readyFile,
    end,
    stdout: () => said.stdout,
    stderr: () => said.stderr,
    said: (name, pattern) =>
      matched(
        () => pattern.test(said[name]),
        waiting,
        end,
        () => JSON.stringify(said),
      ),
    [Symbol.asyncDispose]: async () => {
      kill(child);
      await end;
    },
  };
}

function matched(
  isMet: () => boolean,
  waiting: Set<() => void>,
  end: Promise<unknown>,
  shown: () => string,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const limit = setTimeout(() => reject(new Error(`waited in vain: ${shown()}`)), limitMs);
    const check = () => {
      if (!isMet()) return;
      clearTimeout(limit);
      waiting.delete(check);
      resolve();
    };
    waiting.add(check);
    check();
    void end.then(() => {
      clearTimeout(limit);
      if (isMet()) resolve();
      else reject(new Error(`the watch ended: ${shown()}`));
    });
  });
}

/** Parses a stream of JSON lines. */
export function jsonLines(text: string): Record<string, unknown>[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
