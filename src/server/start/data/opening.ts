import { rmSync, statSync } from 'node:fs';
import { inspect } from './inspection.ts';
import { dataFailure, placeFor } from './filePlace.ts';
import { sqliteReason, type Database, type OpenDatabase } from './sqlite.ts';

/** A file that this process has for itself. */
export interface OpenedFile {
  readonly database: Database;
  /** The file without links on the way. */
  readonly place: string;
  /** Whether no tables are in it yet. */
  readonly isNew: boolean;
  /** Takes the file away again if it was made here; to be called while it is locked. */
  readonly discard: () => void;
}

/**
 * Opens a file of ours, or makes one, and locks it until it is closed. Throws a usage Failure where that cannot be; a
 * file that was there is left as it is.
 */
export function openFile(file: string, openDatabase: OpenDatabase): OpenedFile {
  const { place, isMade } = placeFor(file);
  try {
    const inspection = isMade ? ({ kind: 'empty' } as const) : inspect(place, openDatabase);
    if (inspection.kind === 'wrong') throw dataFailure(file, inspection);
    const database = locked(file, place, openDatabase);
    const discard = () => {
      if (isMade) rmSync(place, { force: true });
    };
    return { database, place, isNew: inspection.kind === 'empty', discard };
  } catch (error) {
    throw failureOf(file, error);
  }
}

/**
 * The lock is kept from here on; a file that may not be written shows it now, and one that another server has taken
 * away meanwhile.
 */
function locked(file: string, place: string, openDatabase: OpenDatabase): Database {
  const { ino } = statSync(place);
  const database = openDatabase(place);
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; ROLLBACK');
    if (statSync(place, { throwIfNoEntry: false })?.ino === ino) return database;
    throw dataFailure(file, { what: 'another server took it away meanwhile', hint: 'Try again.' });
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
