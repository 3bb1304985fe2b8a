import { rmSync } from 'node:fs';
import { inspect } from './inspection.ts';
import { dataFailure, placeFor } from './place.ts';
import { sqliteReason, type Database, type OpenDatabase } from './sqlite.ts';

/** A file that this process has for itself. */
export interface Opened {
  readonly database: Database;
  /** The file without links on the way. */
  readonly place: string;
  /** Whether no tables are in it yet. */
  readonly isNew: boolean;
  /** Takes the file away again if it was made here. */
  readonly discard: () => void;
}

/** Opens a file of ours, or makes one, and locks it until it is closed. Throws a usage Failure where that cannot be; a file that was there is left as it is. */
export function openFile(file: string, openDatabase: OpenDatabase): Opened {
  const { place, isMade } = placeFor(file);
  const discard = () => {
    if (isMade) rmSync(place, { force: true });
  };
  try {
    const inspection = isMade ? ({ kind: 'empty' } as const) : inspect(place, openDatabase);
    if (inspection.kind === 'wrong') throw dataFailure(file, inspection);
    return { database: locked(openDatabase(place)), place, isNew: inspection.kind === 'empty', discard };
  } catch (error) {
    discard();
    throw failureOf(file, error);
  }
}

/** The lock is kept from here on; a file that may not be written shows it now. */
function locked(database: Database): Database {
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; ROLLBACK');
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** A complaint of SQLite as a Failure; anything else is a bug, and stays what it is. */
export function failureOf(file: string, error: unknown): unknown {
  const reason = sqliteReason(error);
  return reason === undefined ? error : dataFailure(file, reason, error);
}
