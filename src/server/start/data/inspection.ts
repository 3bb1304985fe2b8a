import { rmSync, statSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import type { Database, OpenDatabase } from './sqlite.ts';

/** Marks a SQLite file as one of this program: `DvHv`. */
export const applicationId = 0x44764876;

/** Version of the tables that this program writes; it refuses newer ones. */
export const formatVersion = 1;

/** The state of a file before it is used: without tables, one of ours, or wrong for a reason. */
export type Inspection = { readonly kind: 'empty' | 'ours' } | { readonly kind: 'wrong'; readonly what: string };

/**
 * Checks whether a SQLite file is sound and one of ours, including the log that a crash may have left beside it. Opens
 * it read-only and leaves it unchanged. Throws errors of SQLite.
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
  if (!holds(`(SELECT group_concat(integrity_check) FROM pragma_integrity_check) = 'ok'`)) {
    return { kind: 'wrong', what: 'it is damaged' };
  }
  return { kind: 'ours' };
}

/**
 * Returns a test of SQL conditions that needs no prepared statements, which would keep the file open and locked until
 * garbage collection: a CHECK on a temporary table fails where a condition is false.
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

/** Files that SQLite may create beside the one that it reads, with their sizes if they exist. */
interface Companions {
  readonly wal: { readonly place: string; readonly size: number | undefined };
  readonly shm: { readonly place: string; readonly size: number | undefined };
}

function companions(file: string): Companions {
  const sized = (place: string) => ({ place, size: statSync(place, { throwIfNoEntry: false })?.size });
  return { wal: sized(`${file}-wal`), shm: sized(`${file}-shm`) };
}

/**
 * Removes files that the inspection created. Our servers use no shared memory file, but an empty log may belong to a
 * server that is just starting: it is removed only where the file is not ours.
 */
function removeNew(before: Companions, after: Companions, isWrong: boolean): void {
  if (before.shm.size === undefined) rmSync(after.shm.place, { force: true });
  if (before.wal.size === undefined && after.wal.size === 0 && isWrong) rmSync(after.wal.place, { force: true });
}
