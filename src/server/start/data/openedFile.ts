import { rmSync, statSync } from 'node:fs';
import { inspect } from './inspection.ts';
import { dataFailure, placeFor } from './filePlace.ts';
import { sqliteReason, type Database, type OpenDatabase } from './sqlite.ts';

/** A data file that is open and locked by this process. */
export interface OpenedFile {
  readonly database: Database;
  /** The real path, without links. */
  readonly place: string;
  /** True if it has no tables yet. */
  readonly isNew: boolean;
  /** Deletes the file if it was created here; call this while it is locked. */
  readonly discard: () => void;
}

/**
 * Opens or creates a data file and locks it until it is closed. Throws a usage Failure where that is impossible; an
 * existing file is left unchanged.
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

/** Keeps the lock; fails now if the file is read-only or another server has replaced it. */
function locked(file: string, place: string, openDatabase: OpenDatabase): Database {
  const { ino } = statSync(place);
  const database = openDatabase(place);
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; ROLLBACK');
    if (statSync(place, { throwIfNoEntry: false })?.ino === ino) return database;
    throw dataFailure(file, { what: 'another server has replaced it meanwhile', hint: 'Try again.' });
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Returns an error of SQLite as a Failure; any other error is a bug and is returned as it is. */
export function failureOf(file: string, error: unknown): unknown {
  const reason = sqliteReason(error);
  return reason === undefined ? error : dataFailure(file, reason, error);
}
