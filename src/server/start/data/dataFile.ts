import { messageOf, type Failure } from '../../../errors.ts';
import type { Hive } from '../../hive.ts';
import { applicationId, formatVersion } from './inspection.ts';
import { createSql, keptStore, sequenceTable, type KeptStore } from './keptStore.ts';
import { failureOf, openFile, type OpenedFile } from './opening.ts';
import { dataFailure, isReadByOthers } from './filePlace.ts';
import { loadSqlite, sqliteReason, type Database } from './sqlite.ts';
import { configurationTable, deviceTable, groupTable, userTable } from './tables.ts';

/**
 * Users, networks, device types, devices and configuration in a SQLite file that one server alone uses. What changed
 * within one turn of the event loop is one transaction, on the disk (WAL, synchronous FULL) before anything that was
 * said in that turn leaves: neither a killed process nor a loss of power loses what was acknowledged. Between runs
 * everything is in the one file.
 */
export class DataFile {
  /** Whether there was nothing in it: the hive is to be filled before it begins to be kept. */
  readonly isNew: boolean;
  readonly #file: string;
  readonly #hive: Hive;
  readonly #database: Database;
  readonly #discard: () => void;
  readonly #stores: readonly KeptStore[];
  #state: 'loaded' | 'kept' | 'broken' = 'loaded';
  #onFailure: (failure: Failure) => void = () => undefined;

  private constructor(file: string, hive: Hive, { database, isNew, discard }: OpenedFile) {
    this.#file = file;
    this.#hive = hive;
    this.#database = database;
    this.isNew = isNew;
    this.#discard = discard;
    this.#stores = storesOf(hive);
  }

  /**
   * Opens a file, or makes one that only its owner can read, and fills an empty hive with what is in it. Throws a usage
   * Failure where the file is damaged, newer, another program's, in use or out of reach, and leaves it as it is.
   */
  static async open(file: string, hive: Hive): Promise<DataFile> {
    const opened = openFile(file, await loadSqlite());
    const data = new DataFile(file, hive, opened);
    try {
      data.#load();
    } catch (error) {
      data.close();
      throw dataFailure(file, sqliteReason(error) ?? { what: `it is damaged: ${messageOf(error)}` }, error);
    }
    if (isReadByOthers(opened.place)) hive.log({ level: 'warn', message: openToOthers(file) });
    return data;
  }

  /**
   * Commits what is in the hive, and from now on whatever changes there. Throws a usage Failure where it cannot be
   * written.
   */
  begin(): void {
    try {
      this.#database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; BEGIN');
      if (this.isNew) this.#database.exec(schemaSql(this.#stores));
      for (const write of this.#takeWrites()) write();
      this.#database.exec('COMMIT');
    } catch (error) {
      throw failureOf(this.#file, error);
    }
    this.#state = 'kept';
    this.#hive.keep = () => this.#commit();
  }

  /** Says who is told, once, when the file cannot be written any more. */
  onFailure(listener: (failure: Failure) => void): void {
    this.#onFailure = listener;
  }

  /** Puts everything into the one file, and gives it free for others. */
  close(): void {
    if (this.#state === 'kept') this.#commit();
    this.#try('ROLLBACK');
    // prepared statements keep a closed file locked until they are collected, so the lock is given up by name; in WAL
    // mode it cannot be
    if (this.isNew || this.#hive.keep !== undefined) this.#try('PRAGMA journal_mode = DELETE');
    if (this.isNew && this.#hive.keep === undefined) this.#discard();
    this.#try('PRAGMA locking_mode = NORMAL; SELECT count(*) FROM sqlite_schema');
    this.#database.close();
    this.#state = 'broken';
  }

  /** What cannot be done at the end is left to the next start: all that was committed is in the file, or beside it. */
  #try(sql: string): void {
    try {
      this.#database.exec(sql);
    } catch {
      return;
    }
  }

  #load(): void {
    for (const store of this.#stores) {
      if (!this.isNew) store.load(this.#database);
      store.noteChanges();
    }
  }

  #takeWrites(): (() => void)[] {
    return this.#stores.map((store) => store.takeWrite(this.#database)).filter((write) => write !== undefined);
  }

  #commit(): boolean {
    if (this.#state === 'broken') return false;
    try {
      const writes = this.#takeWrites();
      if (writes.length === 0) return true;
      this.#database.exec('BEGIN');
      for (const write of writes) write();
      this.#database.exec('COMMIT');
      return true;
    } catch (error) {
      this.#state = 'broken';
      const { what } = sqliteReason(error) ?? { what: messageOf(error) };
      const hint = 'All that was acknowledged is in the file. Mend that, then start again.';
      this.#onFailure(dataFailure(this.#file, { what: `${what}; the server stops`, hint }, error));
      return false;
    }
  }
}

function storesOf(hive: Hive): KeptStore[] {
  return [
    keptStore(hive.networks, groupTable('network')),
    keptStore(hive.deviceTypes, groupTable('device_type')),
    keptStore(hive.devices, deviceTable),
    keptStore(hive.users, userTable),
    keptStore(hive.configuration, configurationTable),
  ];
}

function schemaSql(stores: readonly KeptStore[]): string {
  const tables = [...stores.map((store) => store.createSql), createSql(sequenceTable)];
  const marks = `PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${formatVersion};`;
  return `${tables.join('\n')} ${marks}`;
}

function openToOthers(file: string): string {
  return `others can read ${file}, and with it all secrets of this server: chmod 600 ${file}`;
}
