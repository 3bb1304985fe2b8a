import { isObject, JsonText, type Json } from '../../reading/jsonValues.ts';
import type { Property } from '../../store/configuration.ts';
import type { Device } from '../../store/devices.ts';
import type { Group } from '../../store/groups.ts';
import type { User } from '../../store/users.ts';
import type { SqlRow, Value } from './sqlite.ts';

/** How a store's entities are kept in a table, one row each. */
export interface EntityTable<E> {
  readonly name: string;
  /** Column definitions by name, `id` first. */
  readonly columns: Readonly<Record<string, string>>;
  /** Returns a row's values in the order of the columns. */
  toRow(entity: E): readonly Value[];
  /** Returns the entity of a row. Throws where `toRow` cannot have written the row. */
  fromRow(row: SqlRow): E;
}

const numberedId = 'INTEGER PRIMARY KEY';
const text = 'TEXT NOT NULL';
const number = 'INTEGER NOT NULL';
/** 0 or 1. */
const flag = number;
/** A JSON object or null. */
const json = 'TEXT';
/** A JSON list of numbers. */
const ids = text;

/** Returns the table of networks or device types. */
export function groupTable(name: string): EntityTable<Group> {
  return {
    name,
    columns: { id: numberedId, name: text, description: 'TEXT' },
    toRow: (group) => [group.id, group.name, group.description],
    fromRow: (row) => ({ id: Number(row['id']), name: String(row['name']), description: textOf(row['description']) }),
  };
}

/** The table of devices. */
export const deviceTable: EntityTable<Device> = {
  name: 'device',
  columns: {
    id: 'TEXT PRIMARY KEY NOT NULL',
    name: text,
    data: json,
    network_id: number,
    device_type_id: number,
    is_blocked: flag,
  },
  toRow: ({ id, name, data, networkId, deviceTypeId, isBlocked }) => {
    return [id, name, data?.text ?? null, networkId, deviceTypeId, Number(isBlocked)];
  },
  fromRow: (row) => ({
    id: String(row['id']),
    name: String(row['name']),
    data: jsonOf(row['data']),
    networkId: Number(row['network_id']),
    deviceTypeId: Number(row['device_type_id']),
    isBlocked: row['is_blocked'] === 1,
  }),
};

/** The table of users, with salted hashes of passwords (PROTOCOL.md 3.7). */
export const userTable: EntityTable<User> = {
  name: 'user',
  columns: {
    id: numberedId,
    login: text,
    password_hash: text,
    password_salt: text,
    role: number,
    status: number,
    last_login: 'INTEGER',
    data: json,
    intro_reviewed: flag,
    all_device_types_available: flag,
    login_attempts: number,
    network_ids: ids,
    device_type_ids: ids,
  },
  toRow: (user) => [
    user.id,
    user.login,
    user.password.hash,
    user.password.salt,
    user.role,
    user.status,
    user.lastLogin,
    user.data?.text ?? null,
    Number(user.introReviewed),
    Number(user.allDeviceTypesAvailable),
    user.loginAttempts,
    JSON.stringify([...user.networks]),
    JSON.stringify([...user.deviceTypes]),
  ],
  fromRow: (row) => ({
    id: Number(row['id']),
    login: String(row['login']),
    password: { hash: String(row['password_hash']), salt: String(row['password_salt']) },
    role: Number(row['role']),
    status: Number(row['status']),
    lastLogin: typeof row['last_login'] === 'number' ? row['last_login'] : null,
    data: jsonOf(row['data']),
    introReviewed: row['intro_reviewed'] === 1,
    allDeviceTypesAvailable: row['all_device_types_available'] === 1,
    loginAttempts: Number(row['login_attempts']),
    networks: idsOf(row['network_ids']),
    deviceTypes: idsOf(row['device_type_ids']),
  }),
};

/** The table of configuration properties. */
export const configurationTable: EntityTable<Property> = {
  name: 'configuration',
  columns: { id: numberedId, name: text, value: text, entity_version: number },
  toRow: ({ id, name, value, entityVersion }) => [id, name, value, entityVersion],
  fromRow: (row) => ({
    id: Number(row['id']),
    name: String(row['name']),
    value: String(row['value']),
    entityVersion: Number(row['entity_version']),
  }),
};

function textOf(value: Value | undefined): string | null {
  return typeof value === 'string' ? value : null;
}

/**
 * Returns JSON as its sender spelled it. Throws where it is not a JSON object, which would break the frames that carry
 * it.
 */
function jsonOf(value: Value | undefined): JsonText | null {
  if (typeof value !== 'string') return null;
  if (!isObject(JSON.parse(value) as Json)) throw new TypeError('data that is no JSON object');
  return new JsonText(value);
}

function idsOf(value: Value | undefined): Set<number> {
  const list: unknown = JSON.parse(String(value));
  if (!Array.isArray(list) || !list.every(Number.isSafeInteger)) throw new TypeError('ids that are no list of numbers');
  return new Set(list as number[]);
}
