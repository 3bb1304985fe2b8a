import { messageOf, type Failure } from '../../../errors.ts';
import type { Hive } from '../../hive.ts';
import { applicationId, formatVersion } from './inspection.ts';
import { createSql, keptStore, sequenceTable, type KeptStore } from './keptStore.ts';
import { failureOf, openFile, type OpenedFile } from './openedFile.ts';
import { dataFailure, isReadByOthers } from './filePlace.ts';
import { loadSqlite, sqliteReason, type Database } from './sqlite.ts';
import { configurationTable, deviceTable, groupTable, userTable } from './tables.ts';

/**
 * Keeps users, networks, device types, devices and configuration in a SQLite file, locked for one server. The changes
 * of one turn of the event loop are one transaction, which is on the disk (WAL, synchronous FULL) before replies about
 * them leave: neither a killed process nor a power failure loses anything acknowledged. Between runs everything is in
 * this one file.
 */
export class DataFile {
  /** True if the file held nothing: fill the hive before `begin`. */
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
   * Opens a file, or creates one that only its owner can read, and loads it into an empty hive. Throws a usage Failure
   * where the file is damaged, newer, another program's, in use or inaccessible, and leaves it unchanged.
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
   * Saves the content of the hive, and from now on every change. Throws a usage Failure where the file cannot be
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

  /** Sets the listener to call once when the file can no longer be written. */
  onFailure(listener: (failure: Failure) => void): void {
    this.#onFailure = listener;
  }

  /** Merges everything into the one file and unlocks it. */
  close(): void {
    if (this.#state === 'kept') this.#commit();
    this.#try('ROLLBACK');
    // prepared statements keep a closed file locked until garbage collection, so release the lock explicitly; that
    // fails in WAL mode, so leave it first
    if (this.isNew || this.#hive.keep !== undefined) this.#try('PRAGMA journal_mode = DELETE');
    if (this.isNew && this.#hive.keep === undefined) this.#discard();
    this.#try('PRAGMA locking_mode = NORMAL; SELECT count(*) FROM sqlite_schema');
    this.#database.close();
    this.#state = 'broken';
  }

  /** Ignores errors while closing: everything committed is in the file or beside it, and the next start recovers it. */
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
      const hint = 'Everything that was acknowledged is in the file. Fix the problem, then start the server again.';
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
