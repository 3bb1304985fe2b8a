import { mkdirSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { Failure } from '../../../errors.ts';
import { fileReason, writeWhole } from '../../terminal/files.ts';
import type { Io } from '../../terminal/io.ts';

/** Where this user's contexts and credentials are kept. */
export function configFolder(io: Io): string {
  const { DEVICEHIVE_CONFIG_DIR: own, XDG_CONFIG_HOME: xdg, APPDATA: appData } = io.env;
  if (own !== undefined && own !== '') return resolve(io.cwd, own);
  if (process.platform === 'win32' && appData !== undefined && appData !== '') return join(appData, 'devicehive');
  // The XDG specification wants relative paths ignored.
  if (xdg !== undefined && isAbsolute(xdg)) return join(xdg, 'devicehive');
  return join(homeFolder(), '.config', 'devicehive');
}

/** A user without an account, as containers have, has no home: nothing is found there, and writing says what to do. */
function homeFolder(): string {
  try {
    return homedir();
  } catch {
    return '/nonexistent';
  }
}

/** True if reading failed because nothing exists there. */
export function isMissing(error: unknown): boolean {
  const { code } = error as { code?: string };
  return code === 'ENOENT' || code === 'ENOTDIR';
}

/** Makes the folder, for this user only, where it is missing. Throws a usage `Failure` where it cannot be made. */
export function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw cannotWrite(folder, error);
  }
}

/** Throws a usage `Failure` if others may read or write the path. Not on Windows, which keeps a profile to its user. */
export function refuseWide(path: string, mode: number, right: '600' | '700'): void {
  if (process.platform === 'win32' || (mode & 0o077) === 0) return;
  throw new Failure(
    'usage',
    `${path} holds secrets, but others may reach it: its mode is ${(mode & 0o777).toString(8)}`,
    {
      hint: `Make it private: chmod ${right} '${path}'. If others could read it, log in again as well.`,
    },
  );
}

/** Returns the mode of a file or folder; undefined if it does not exist. */
export function modeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.mode;
}

/** Replaces a file whole, with mode 0600, flushed to the disk. Throws a usage `Failure`. */
export function keepFile(file: string, content: string): void {
  try {
    writeWhole(file, content, 0o600, true);
  } catch (error) {
    throw cannotWrite(file, error);
  }
}

/** Returns the failure for a file below the configuration folder that could not be written. */
export function cannotWrite(path: string, error: unknown): Failure {
  return new Failure('usage', `cannot write ${path}: ${fileReason(error)}`, {
    hint: 'Make the place writable, or name another one with DEVICEHIVE_CONFIG_DIR.',
    cause: error,
  });
}
