import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Failure } from '../../../errors.ts';
import { LockFile } from '../../terminal/lockFile.ts';
import { cannotWrite } from './folder.ts';

/** A lock is held for milliseconds: an older one was left behind. */
const staleAfterMs = 10_000;
const patienceMs = 20_000;
const longestPauseMs = 20;

/**
 * Does the work while no other process changes the folder. Throws a usage `Failure` where the lock cannot be had, and
 * what the work throws.
 */
export async function withLock<T>(folder: string, work: () => T): Promise<T> {
  const lock = new LockFile(join(folder, '.lock'));
  await take(lock);
  try {
    return work();
  } finally {
    lock.release();
  }
}

async function take(lock: LockFile): Promise<void> {
  const deadline = performance.now() + patienceMs;
  while (!taken(lock)) {
    if (performance.now() > deadline) {
      throw new Failure('usage', `another process keeps ${lock.file} locked`, {
        hint: 'If no devicehive is running, remove that file.',
      });
    }
    lock.dropStale(staleAfterMs);
    await setTimeout(Math.random() * longestPauseMs);
  }
}

function taken(lock: LockFile): boolean {
  try {
    return lock.tryTake();
  } catch (error) {
    throw cannotWrite(lock.file, error);
  }
}
