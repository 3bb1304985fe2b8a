import { rmSync, statSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import type { Database, OpenDatabase } from './sqlite.ts';

/** Marks a SQLite file as one of ours: `DvHv`. */
export const applicationId = 0x44764876;

/** The layout of the tables that this version writes; a newer one is not understood. */
export const formatVersion = 1;

/** What a file is before anything is done to it: without any table yet, one of ours, or what makes it none. */
export type Inspection = { readonly kind: 'empty' | 'ours' } | { readonly kind: 'wrong'; readonly what: string };

/**
 * Looks whether a SQLite file, with what a crash may have left beside it, is whole and one of ours. It is opened for
 * reading only, and left as it was. Throws errors of SQLite.
 */
export function inspect(file: string, open: OpenDatabase): Inspection {
  const before = companions(file);
  let database: Database | undefined;
  let inspection: Inspection | undefined;
  try {
    database = open(`${pathToFileURL(file).href}?mode=ro`);
    inspection = judged(database);
    return inspection;
  } finally {
    database?.close();
    removeNew(before, companions(file), inspection?.kind === 'wrong');
  }
}

function judged(database: Database): Inspection {
  const holds = conditions(database);
  if (holds('(SELECT count(*) FROM sqlite_schema) = 0')) return { kind: 'empty' };
  if (!holds(`(SELECT application_id FROM pragma_application_id) = ${applicationId}`)) {
    return { kind: 'wrong', what: 'it is the SQLite file of another program' };
  }
  if (!holds(`(SELECT user_version FROM pragma_user_version) <= ${formatVersion}`)) {
    return { kind: 'wrong', what: `a newer version of this program wrote it (known is format ${formatVersion})` };
  }
  if (!holds(`(SELECT group_concat(quick_check) FROM pragma_quick_check) = 'ok'`)) {
    return { kind: 'wrong', what: 'it is damaged' };
  }
  return { kind: 'ours' };
}

/**
 * Answers questions about a file without prepared statements, which would keep it open, and locked, until they are
 * collected: a check of a table in memory fails where a condition does not hold.
 */
function conditions(database: Database): (condition: string) => boolean {
  database.exec('CREATE TEMP TABLE verdict (holds CHECK (holds))');
  return (condition) => {
    try {
      database.exec(`INSERT INTO verdict SELECT ${condition}`);
      return true;
    } catch (error) {
      if (String((error as { code?: unknown }).code).startsWith('SQLITE_CONSTRAINT')) return false;
      throw error;
    }
  };
}

/** Files that SQLite may put beside a file that it reads, and their sizes where they are there. */
interface Companions {
  readonly wal: { readonly place: string; readonly size: number | undefined };
  readonly shm: { readonly place: string; readonly size: number | undefined };
}

function companions(file: string): Companions {
  const sized = (place: string) => ({ place, size: statSync(place, { throwIfNoEntry: false })?.size });
  return { wal: sized(`${file}-wal`), shm: sized(`${file}-shm`) };
}

/**
 * What was not there before goes again. Servers of ours do without shared memory, but an empty log may be that of one
 * which begins at this moment: it goes only where the file is none of ours.
 */
function removeNew(before: Companions, after: Companions, isWrong: boolean): void {
  if (before.shm.size === undefined) rmSync(after.shm.place, { force: true });
  if (before.wal.size === undefined && after.wal.size === 0 && isWrong) rmSync(after.wal.place, { force: true });
}
