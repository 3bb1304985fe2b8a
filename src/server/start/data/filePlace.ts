import { closeSync, openSync, realpathSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { Failure } from '../../../errors.ts';
import { own } from '../../../protocol/own.ts';

/** A data file: its real path, and whether it was created just now. */
export interface DataFilePlace {
  readonly place: string;
  readonly isMade: boolean;
}

const reasons: Readonly<Record<string, string>> = {
  ENOTDIR: 'a part of the path is not a folder',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  ENAMETOOLONG: 'the name is too long',
  ELOOP: 'the links on the path form a circle',
};

/**
 * Finds a data file, or creates it empty, readable for its owner only. Throws a usage Failure where that is impossible.
 */
export function placeFor(file: string): DataFilePlace {
  try {
    if (file === '') throw dataFailure(file, { what: 'a name is missing', hint: 'Choose a file.' });
    const path = resolve(file);
    const isMade = statSync(path, { throwIfNoEntry: false }) === undefined && makes(path);
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats === undefined) throw dataFailure(file, { what: 'it is a link that leads nowhere' });
    if (stats.isDirectory()) throw dataFailure(file, { what: 'it is a folder' });
    if (!stats.isFile()) throw dataFailure(file, { what: 'it is not a regular file' });
    return { place: realpathSync(path), isMade };
  } catch (error) {
    if (error instanceof Failure) throw error;
    const { code = '' } = error as { code?: string };
    const reason = code === 'ENOENT' ? `${dirname(resolve(file))} does not exist` : (own(reasons, code) ?? code);
    throw dataFailure(file, { what: reason }, error);
  }
}

/**
 * Creates a file; returns false where something exists at the path after all: a link, or a file that another server is
 * creating.
 */
function makes(path: string): boolean {
  try {
    closeSync(openSync(path, 'wx', 0o600));
    return true;
  } catch (error) {
    if ((error as { code?: string }).code === 'EEXIST') return false;
    throw error;
  }
}

/** True if others than the owner may read a file; it holds hashes of passwords and the secret that signs tokens. */
export function isReadByOthers(place: string): boolean {
  return process.platform !== 'win32' && (statSync(place).mode & 0o077) !== 0;
}

/** Returns a Failure that says why data cannot be kept in a file, and what to do. */
export function dataFailure(
  file: string,
  {
    what,
    hint = 'Choose another file; this one was left as it is.',
  }: { readonly what: string; readonly hint?: string },
  cause?: unknown,
): Failure {
  return new Failure('usage', `cannot keep data in '${file}': ${what}`, { hint, cause });
}
