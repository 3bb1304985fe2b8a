import { hashedPassword } from '../../rights/passwords.ts';
import type { Device } from '../../store/devices.ts';
import { active, administratorRole, lockedOut, type User } from '../../store/users.ts';
import type { Seed, Soil } from './problems.ts';
import { groupOf, jsonOf } from './values.ts';

type SeedEntry<Name extends keyof Seed> = NonNullable<Seed[Name]> extends readonly (infer Item)[] ? Item : never;

/** Adds networks or device types, by name. */
export function addGroups(
  soil: Soil,
  kind: 'networks' | 'deviceTypes',
  entries: readonly SeedEntry<'networks'>[],
): void {
  const store = soil.hive[kind];
  eachOnce(soil, { list: kind, entries, key: 'name' }, ({ name, description }) => {
    const known = store.byName(name);
    if (known === undefined) store.insert({ name, description: description ?? null });
    else if (soil.isFresh) store.update(known, { description: description ?? known.description });
  });
}

/**
 * Adds devices, by id. A device whose network or type is wrong is added too, so that references to it are not reported
 * as further problems.
 */
export function addDevices(soil: Soil, entries: readonly SeedEntry<'devices'>[]): void {
  const { devices } = soil.hive;
  eachOnce(soil, { list: 'devices', entries, key: 'id' }, (entry, index) => {
    const { id, name = id, isBlocked = false } = entry;
    const networkId = groupOf(soil, 'networks', entry.network, 'devices', index, 'network')?.id ?? 0;
    const deviceTypeId = groupOf(soil, 'deviceTypes', entry.deviceType, 'devices', index, 'deviceType')?.id ?? 0;
    const data = jsonOf(entry.data, soil, 'devices', index, 'data');
    const device: Device = { id, name, data, networkId, deviceTypeId, isBlocked };
    if (devices.find(id) === undefined || soil.isFresh) devices.add(device);
  });
}

const roles: Readonly<Record<string, number>> = { administrator: administratorRole, client: 1 };
const statuses: Readonly<Record<string, number>> = { active, locked: lockedOut, disabled: 2 };

/** Adds users, by login. */
export function addUsers(soil: Soil, entries: readonly SeedEntry<'users'>[]): void {
  const { users } = soil.hive;
  eachOnce(soil, { list: 'users', entries, key: 'login' }, (entry, index) => {
    const known = users.byLogin(entry.login);
    const change = userChange(soil, entry, index);
    if (known !== undefined && soil.isFresh) users.update(known, change);
    if (known !== undefined) return;
    if (change.password === undefined)
      return soil.problems.tell('is required for a new user', 'users', index, 'password');
    users.insert({ ...newUser, login: entry.login, ...change, password: change.password });
  });
}

const newUser = {
  role: 1,
  status: active,
  lastLogin: null,
  data: null,
  introReviewed: false,
  allDeviceTypesAvailable: true,
  loginAttempts: 0,
  networks: new Set<number>(),
  deviceTypes: new Set<number>(),
} as const;

/** Returns the fields of a user that an entry sets. */
function userChange(soil: Soil, entry: SeedEntry<'users'>, index: number): Partial<Omit<User, 'id'>> {
  const ids = (kind: 'networks' | 'deviceTypes', names: readonly (string | number)[]) => {
    const found = names.map((name, at) => groupOf(soil, kind, name, 'users', index, kind, at)?.id);
    return new Set(found.filter((id) => id !== undefined));
  };
  const { password, role, status, data, introReviewed, networks, deviceTypes } = entry;
  return {
    ...(password === undefined ? {} : { password: hashedPassword(password) }),
    ...(role === undefined ? {} : { role: roles[role] ?? Number(role) }),
    ...(status === undefined ? {} : { status: statuses[status] ?? Number(status) }),
    ...(data === undefined ? {} : { data: jsonOf(data, soil, 'users', index, 'data') }),
    ...(introReviewed === undefined ? {} : { introReviewed }),
    ...(networks === undefined ? {} : { networks: ids('networks', networks) }),
    ...(deviceTypes === undefined
      ? {}
      : { allDeviceTypesAvailable: false, deviceTypes: ids('deviceTypes', deviceTypes) }),
  };
}

/** Sets configuration properties, by name. */
export function addConfiguration({ hive, isFresh, problems }: Soil, values: NonNullable<Seed['configuration']>): void {
  for (const [name, value] of Object.entries(values)) {
    if (name.length < 1 || name.length > 32)
      problems.tell('must have a name of 1 to 32 characters', 'configuration', name);
    if (hasNul(name) || hasNul(value)) problems.tell(nulTrouble, 'configuration', name);
    if (isFresh || hive.configuration.byName(name) === undefined) hive.configuration.put(name, String(value));
  }
}

const nulTrouble = 'must not contain U+0000';

function hasNul(value: unknown): boolean {
  return typeof value === 'string' && value.includes('\0');
}

/** Calls `act` for each entry; reports an entry whose key occurred before as a problem instead. */
function eachOnce<Key extends string, E extends Readonly<Record<Key, string>>>(
  { problems }: Soil,
  { list, entries, key }: { readonly list: keyof Seed; readonly entries: readonly E[]; readonly key: Key },
  act: (entry: E, index: number) => void,
): void {
  const seen = new Set<string>();
  for (const [index, entry] of entries.entries()) {
    if (seen.has(entry[key])) problems.tell(`occurs twice: ${entry[key]}`, list, index, key);
    else act(entry, index);
    for (const [name, value] of Object.entries(entry)) if (hasNul(value)) problems.tell(nulTrouble, list, index, name);
    seen.add(entry[key]);
  }
}
