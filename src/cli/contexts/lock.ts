import { linkSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Failure } from '../../errors.ts';
import { cannotWrite } from './folder.ts';
import { isAlive } from '../processes.ts';

/** Whoever holds the lock is done within milliseconds: one this old was left behind. */
const staleAfterMs = 10_000;
const patienceMs = 20_000;
const longestPauseMs = 20;

/** Does the work while no other process changes the folder. Throws a usage `Failure` where the lock cannot be had, and what the work throws. */
export async function withLock<T>(folder: string, work: () => T): Promise<T> {
  const file = join(folder, '.lock');
  const mine = `${process.pid} ${hostname()} ${process.hrtime.bigint()}`;
  await take(file, mine);
  try {
    return work();
  } finally {
    if (read(file) === mine) rmSync(file, { force: true });
  }
}

async function take(file: string, mine: string): Promise<void> {
  const deadline = performance.now() + patienceMs;
  while (!tryTake(file, mine)) {
    if (performance.now() > deadline) {
      throw new Failure('usage', `another process keeps ${file} locked`, {
        hint: 'If no devicehive is running, remove that file.',
      });
    }
    dropStale(file);
    await setTimeout(Math.random() * longestPauseMs);
  }
}

function tryTake(file: string, mine: string): boolean {
  try {
    writeFileSync(file, mine, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as { code?: string }).code === 'EEXIST') return false;
    throw cannotWrite(file, error);
  }
}

/** Takes away a lock whose owner is gone. A new owner's that came in between is put back. */
function dropStale(file: string): void {
  const holder = read(file);
  if (holder === undefined || !isStale(file, holder)) return;
  const aside = `${file}.${process.pid}`;
  try {
    renameSync(file, aside);
    if (read(aside) !== holder) linkSync(aside, file);
  } catch {
    // somebody else was quicker
  } finally {
    rmSync(aside, { force: true });
  }
}

function isStale(file: string, holder: string): boolean {
  const [pid, host] = holder.split(' ');
  if (host === hostname() && !isAlive(Number(pid))) return true;
  const changedAtMs = statSync(file, { throwIfNoEntry: false })?.mtimeMs;
  return changedAtMs !== undefined && Date.now() - changedAtMs > staleAfterMs;
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
