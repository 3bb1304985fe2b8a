import { Failure, messageOf } from '../../../errors.ts';
import { own } from '../../../protocol/own.ts';

/** The value of a column. */
export type Value = string | number | null;

/** A column as it is read: texts as bytes. */
export type ReadValue = number | ArrayBuffer | null;

/** A row, by the names of its columns. */
export type SqlRow = Readonly<Record<string, Value>>;

/** The methods used of a prepared statement. */
export interface Statement {
  run(...values: readonly Value[]): unknown;
  all(...values: readonly Value[]): Readonly<Record<string, ReadValue>>[];
}

/** The methods used of an open SQLite file. They throw errors of SQLite. */
export interface Database {
  exec(sql: string): unknown;
  prepare(sql: string): Statement;
  close(): unknown;
}

/** Opens a file by its absolute path or `file:` URL. */
export type OpenDatabase = (place: string) => Database;

/**
 * Loads SQLite from the package `libsql`, whose native code npm installs for the usual platforms. Loaded only where
 * data is kept. Throws a usage Failure where it is missing.
 */
export async function loadSqlite(): Promise<OpenDatabase> {
  try {
    const { default: Database } = await import('libsql');
    return (place) => new Database(place) as unknown as Database;
  } catch (cause) {
    const isMissing = (cause as { code?: string }).code?.endsWith('MODULE_NOT_FOUND') === true;
    const trouble = isMissing ? 'is not installed' : `cannot be loaded (${messageOf(cause)})`;
    throw new Failure('usage', `data cannot be kept: SQLite ${trouble} on ${process.platform} ${process.arch}`, {
      hint: 'Install the package libsql beside this one (npm install libsql), or keep everything in memory.',
      cause,
    });
  }
}

/** Descriptions of SQLite errors, by the start of their code; the first that matches counts. */
const reasons: readonly (readonly [string, string])[] = [
  ['SQLITE_BUSY', 'another server or program uses it'],
  ['SQLITE_LOCKED', 'another server or program uses it'],
  ['SQLITE_NOTADB', 'it is not a SQLite file'],
  ['SQLITE_CORRUPT', 'it is damaged'],
  ['SQLITE_READONLY', 'it is read-only'],
  ['SQLITE_PERM', 'permission to open it is denied'],
  ['SQLITE_CANTOPEN', 'it or a file beside it cannot be opened'],
  ['SQLITE_FULL', 'the disk is full'],
  ['SQLITE_IOERR', 'it cannot be read or written'],
];

/** Advice for some of them. */
const hints: Readonly<Record<string, string>> = {
  SQLITE_BUSY: 'Stop the other server, or choose another file.',
  SQLITE_FULL: 'Make room and start again.',
};

/** Returns a description of a SQLite error; undefined for any other error. */
export function sqliteReason(error: unknown): { readonly what: string; readonly hint?: string } | undefined {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const found = reasons.find(([start]) => code.startsWith(start));
  if (found === undefined) return undefined;
  const [start, words] = found;
  const isPlain = start !== 'SQLITE_IOERR' && start !== 'SQLITE_CANTOPEN';
  const hint = own(hints, start);
  return { what: isPlain ? words : `${words} (${code})`, ...(hint === undefined ? {} : { hint }) };
}
