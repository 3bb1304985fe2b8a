import { NamedStore, type EntityStore } from '../../store/entities.ts';
import type { Database, ReadValue, SqlRow, Statement, Value } from './sqlite.ts';
import type { EntityTable } from './tables.ts';

/** A table by its name and columns. */
type TableShape = Pick<EntityTable<never>, 'name' | 'columns'>;

/** Returns the SQL that creates a table. */
export function createSql({ name, columns }: TableShape): string {
  const parts = Object.entries(columns).map(([column, type]) => `${column} ${type}`);
  return `CREATE TABLE ${name} (${parts.join(', ')}) STRICT;`;
}

/** The highest id that each table ever had, so that ids are not reused after a restart. */
export const sequenceTable = {
  name: 'sequence',
  columns: { name: 'TEXT PRIMARY KEY NOT NULL', last_id: 'INTEGER NOT NULL' },
};

/** A store, and the table that keeps it. */
export interface KeptStore {
  readonly createSql: string;
  /** Fills the store. Throws where a row is invalid. */
  load(database: Database): void;
  /** Starts recording changes. */
  noteChanges(): void;
  /**
   * Returns a function that writes the changes since the last call, to run within a transaction; undefined where there
   * are none.
   */
  takeWrite(database: Database): (() => void) | undefined;
}

/** Binds a store to its table. */
export function keptStore<E extends { readonly id: number | string }>(
  store: EntityStore<E>,
  table: EntityTable<E>,
): KeptStore {
  const { name } = table;
  let statements: Statements | undefined;
  return {
    createSql: createSql(table),
    load: (database) => {
      for (const row of rowsOf(database, table)) store.add(table.fromRow(row));
      const last = rowsOf(database, sequenceTable).find((row) => row['name'] === name);
      if (store instanceof NamedStore) store.skipTo(Number(last?.['last_id'] ?? 0));
    },
    noteChanges: () => store.noteChanges(),
    takeWrite: (database) => {
      const changed = store.takeChanges();
      if (changed === undefined) return undefined;
      const { save, remove, count } = (statements ??= statementsOf(database, table));
      return () => {
        for (const id of changed) {
          const entity = store.find(id);
          if (entity === undefined) remove.run(id);
          else save.run(...table.toRow(entity));
        }
        if (store instanceof NamedStore) count.run(name, store.lastId);
      };
    },
  };
}

/**
 * Returns the rows of a table. Texts are read as bytes, because the binding aborts the process over a text that is not
 * UTF-8, as damaged files have. Throws a TypeError for such a text.
 */
function rowsOf(database: Database, { name, columns }: TableShape): SqlRow[] {
  const bytes = Object.keys(columns).map(
    (column) => `CASE typeof(${column}) WHEN 'text' THEN CAST(${column} AS BLOB) ELSE ${column} END AS ${column}`,
  );
  const rows = database.prepare(`SELECT ${bytes.join(', ')} FROM ${name} ORDER BY rowid`).all();
  return rows.map((row) => Object.fromEntries(Object.entries(row).map(([column, value]) => [column, textOf(value)])));
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function textOf(value: ReadValue): Value {
  return value instanceof ArrayBuffer ? utf8.decode(value) : value;
}

interface Statements {
  readonly save: Statement;
  readonly remove: Statement;
  readonly count: Statement;
}

function statementsOf(database: Database, { name, columns }: TableShape): Statements {
  return {
    save: database.prepare(saveSql(name, columns)),
    remove: database.prepare(`DELETE FROM ${name} WHERE id = ?`),
    count: database.prepare(saveSql(sequenceTable.name, sequenceTable.columns)),
  };
}

/** Returns SQL that inserts a row, or replaces the row with the same key, which is the first column. */
function saveSql(table: string, columns: Readonly<Record<string, string>>): string {
  const [key = '', ...others] = Object.keys(columns);
  const marks = [key, ...others].map(() => '?').join(', ');
  const changes = others.map((name) => `${name} = excluded.${name}`).join(', ');
  return `INSERT INTO ${table} (${[key, ...others].join(', ')}) VALUES (${marks}) ON CONFLICT (${key}) DO UPDATE SET ${changes}`;
}
