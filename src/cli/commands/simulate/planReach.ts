import { realpathSync, statSync } from 'node:fs';
import { dangers } from '../../flags/dangers.ts';
import type { Io } from '../../terminal/io.ts';
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';

/** The flag that allows a plan files outside its own folder. */
export interface ReachFlags {
  readonly allowOutside?: boolean;
}

/** The folder in which a plan's files are looked for, and the limits on their use. */
export interface PlanReach {
  readonly folder: string;
  /** Returns why the plan may not run or read a file, as the end of a sentence; undefined where it may. */
  readonly refusal: (path: string) => string | undefined;
}

/**
 * Returns the reach of a plan. Plans run modules and read files, so one that somebody else may have written is limited
 * to its own folder, unless `allowOutside` is set.
 */
export function reachOf(file: string | undefined, io: Io, { allowOutside = false }: ReachFlags): PlanReach {
  const { cwd } = io;
  const folder = file === undefined || file === '-' ? cwd : dirname(resolve(cwd, file));
  const strangers = file === undefined ? undefined : strangersOf(file, cwd);
  if (strangers === undefined) return { folder, refusal: () => undefined };
  const why = `is outside the folder of a plan that ${strangers}; read both, then add --allow-outside`;
  const outside = () => {
    if (!allowOutside) return why;
    io.danger(dangers.outside);
    return undefined;
  };
  return { folder, refusal: (path) => (isWithin(real(folder), real(path)) ? undefined : outside()) };
}

/** Returns who besides this user may have written a plan, or undefined. */
function strangersOf(file: string, cwd: string): string | undefined {
  if (file === '-') return 'came from stdin';
  const stats = statSync(resolve(cwd, file), { throwIfNoEntry: false });
  if (stats === undefined) return undefined;
  if (!stats.isFile()) return 'came from a pipe';
  // Windows has neither owners nor modes of this kind
  if (process.getuid === undefined) return undefined;
  if (stats.uid !== process.getuid()) return 'somebody else owns';
  return (stats.mode & 0o022) === 0 ? undefined : 'others may write';
}

/** Resolves links, which may lead out of a folder; a file that does not exist is judged by its name. */
function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(real(dirname(path)), path.slice(dirname(path).length).replace(/^[/\\]/, ''));
  }
}

function isWithin(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}
