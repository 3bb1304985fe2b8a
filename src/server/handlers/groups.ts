import { currentUser } from '../rights/access.ts';
import { principalOf, type Caller, type Nothing } from '../rights/caller.ts';
import type { Fields } from '../reading/fields.ts';
import type { Hive } from '../hive.ts';
import type { Long } from '../reading/integers.ts';
import { refuse, stumble } from '../outcome.ts';
import { counts, includes, isNone, type Ids, type Principal } from '../rights/principal.ts';
import type { Device } from '../store/devices.ts';
import type { Group, GroupStore } from '../store/groups.ts';
import type { Assignments, User } from '../store/users.ts';
import { groupView, memberView } from '../views.ts';
import { listed, readListing, readNameFilter } from './listing.ts';
import { refuseNul, refuseViolations, required, sized } from './validation.ts';

/** The differences between networks and device types; their handlers share everything else. */
export interface GroupKind {
  /** The name in the texts of the real server. */
  readonly noun: string;
  readonly plural: string;
  /** The field of a request that holds such a group. */
  readonly field: 'network' | 'deviceType';
  readonly idField: 'networkId' | 'deviceTypeId';
  /** The field of a user that holds the assigned ones. */
  readonly assignments: Assignments;
  store(hive: Hive): GroupStore;
  /** Returns those that the token reaches. */
  reachOf(principal: Principal): Ids;
  /** Returns those that a client may see in the database. */
  assignedTo(user: User): Ids;
}

/** Networks, as a kind of group (PROTOCOL.md 4.26 to 4.30). */
export const networks: GroupKind = {
  noun: 'Network',
  plural: 'Networks',
  field: 'network',
  idField: 'networkId',
  assignments: 'networks',
  store: (hive) => hive.networks,
  reachOf: (principal) => principal.networks,
  assignedTo: (user) => user.networks,
};

/** Device types, as a kind of group (PROTOCOL.md 4.26 to 4.30). */
export const deviceTypes: GroupKind = {
  noun: 'Device type',
  plural: 'Device types',
  field: 'deviceType',
  idField: 'deviceTypeId',
  assignments: 'deviceTypes',
  store: (hive) => hive.deviceTypes,
  reachOf: (principal) => principal.deviceTypes,
  assignedTo: (user) => (user.allDeviceTypesAvailable ? 'all' : user.deviceTypes),
};

/**
 * True if the caller sees the group in the database: administrators see all, clients those assigned to them
 * (PROTOCOL.md 3.5).
 */
export function isAssignedGroup(caller: Caller, kind: GroupKind, id: Long): boolean {
  if (principalOf(caller).isAdministrator) return true;
  const user = currentUser(caller);
  return user !== undefined && includes(kind.assignedTo(user), id);
}

/** Returns all groups that a list may show to this caller (PROTOCOL.md 4.26). */
export function listedGroups(caller: Caller, kind: GroupKind): Group[] {
  const reach = kind.reachOf(principalOf(caller));
  const groups = kind.store(caller.hive).all();
  return groups.filter(({ id }) => includes(reach, id) && isAssignedGroup(caller, kind, id));
}

/** Lists groups as network/list and devicetype/list do (PROTOCOL.md 4.26). */
export function listGroups(request: Fields, caller: Caller, kind: GroupKind): ReturnType<typeof groupView>[] {
  const listing = readListing(request, ['id', 'name']);
  const isWanted = readNameFilter(request);
  if (isNone(kind.reachOf(principalOf(caller)))) return [];
  const found = listedGroups(caller, kind).filter(isWanted);
  return listed(caller.hive.unordered(found), listing, { id: ({ id }) => id, name: ({ name }) => name }).map(groupView);
}

/** Returns the group that the request's id field names, if the caller may see it. Throws a Refusal 400 or 404. */
export function requestedGroup(request: Fields, caller: Caller, kind: GroupKind): Group {
  const id = requiredGroupId(request, kind);
  const group = existingGroup(caller.hive, kind, id);
  return isAssignedGroup(caller, kind, id) ? group : groupNotFound(kind, id);
}

/** Returns the id field of the request. Throws a Refusal 400 where it is absent. */
export function requiredGroupId(request: Fields, kind: GroupKind): Long {
  return request.long(kind.idField) ?? refuse(400, `${kind.noun} id is wrong or empty`);
}

/** Returns a group that exists. Throws a Refusal 404. */
export function existingGroup(hive: Hive, kind: GroupKind, id: Long): Group {
  return kind.store(hive).find(id) ?? groupNotFound(kind, id);
}

function groupNotFound(kind: GroupKind, id: Long): never {
  return refuse(404, `${kind.noun} with id = ${id} not found`);
}

/**
 * Returns a group with those of its devices that `isShown` admits; they come first, as on the real server (PROTOCOL.md
 * 4.27).
 */
export function groupWithDevices(group: Group, hive: Hive, kind: GroupKind, isShown: (device: Device) => boolean) {
  const devices = devicesOf(group, hive, kind).filter(isShown);
  return { devices: devices.map(memberView), ...groupView(group) };
}

/** Creates a group and returns its id (PROTOCOL.md 4.28). Throws a Refusal. */
export function insertGroup(request: Fields, caller: Caller, kind: GroupKind): { readonly id: number } {
  const fields = request.object(kind.field) ?? refuse(400, `${kind.noun} is required`);
  const id = fields.long('id');
  const name = fields.text('name');
  const description = fields.text('description');
  refuseViolations([required('name', name), ...lengthsOf(name, description)]);
  if (id !== undefined) return refuse(400, 'Invalid request parameters. Id cannot be specified.');
  const groups = kind.store(caller.hive);
  if (groups.byName(name ?? '') !== undefined) {
    return refuse(403, `${kind.noun} cannot be created. ${kind.noun} with such name already exists`);
  }
  refuseNul(name, description);
  return { id: groups.insert({ name: name ?? '', description: description ?? null }).id };
}

/** Changes the fields of a group that the request has (PROTOCOL.md 4.29). Throws a Refusal. */
export function updateGroup(request: Fields, caller: Caller, kind: GroupKind): Nothing {
  const fields = request.object(kind.field);
  const name = fields?.text('name');
  const description = fields?.text('description');
  const id = requiredGroupId(request, kind);
  const groups = kind.store(caller.hive);
  const group = existingGroup(caller.hive, kind, id);
  if (fields === undefined) return stumble(null, `${kind.noun} is required`);
  refuseViolations(lengthsOf(name, description));
  const namesake = name === undefined ? undefined : groups.byName(name);
  if (namesake !== undefined && namesake !== group) {
    return stumble('could not execute statement', `${kind.noun} with such name already exists`, 403);
  }
  refuseNul(name, description);
  groups.update(group, { name: name ?? group.name, description: description ?? group.description });
  return {};
}

function lengthsOf(name: string | undefined, description: string | undefined) {
  const nameRule = 'Field cannot be empty. The length of name should not be more than 128 symbols.';
  return [
    sized('name', name, [1, 128], nameRule),
    sized('description', description, [0, 128], 'The length of description should not be more than 128 symbols.'),
  ];
}

/** Deletes a group, and with `force` its devices (PROTOCOL.md 4.30). Throws a Refusal. */
export function deleteGroup(request: Fields, caller: Caller, kind: GroupKind): Nothing {
  const { hive } = caller;
  const id = request.long(kind.idField);
  const isForced = request.boolean('force') === true;
  if (id === undefined) return stumble(null, `${kind.noun} id is wrong or empty`);
  const group = existingGroup(hive, kind, id);
  const devices = devicesOf(group, hive, kind);
  if (devices.length > 0 && !isForced) {
    const ids = devices.map((device) => device.id).join(', ');
    const where = `within this ${kind.noun.toLowerCase()}`;
    return refuse(400, `There are the following devices ${where}: ${ids}. Please review and delete them first.`);
  }
  for (const device of devices) deleteDevice(hive, device);
  kind.store(hive).delete(group);
  for (const user of hive.users.all()) hive.users.unassign(user, kind.assignments, group.id);
  return {};
}

/** Deletes a device and, silently, the subscriptions to it; its commands stay until they expire (PROTOCOL.md 4.25). */
export function deleteDevice(hive: Hive, device: Device): void {
  hive.devices.delete(device);
  hive.subscriptions.dropDevice(device.id);
}

/**
 * Returns the groups that count for this caller. A token without a list is not limited here, unlike in lists
 * (PROTOCOL.md 4.26).
 */
export function countedGroups(caller: Caller, kind: GroupKind): Group[] {
  const reach = kind.reachOf(principalOf(caller));
  const groups = kind.store(caller.hive).all();
  return groups.filter(({ id }) => counts(reach, id) && isAssignedGroup(caller, kind, id));
}

/** Counts the groups that the request's filter admits (PROTOCOL.md 4.26). */
export function countGroups(request: Fields, groups: readonly Group[]): { readonly count: number } {
  return { count: groups.filter(readNameFilter(request)).length };
}

function devicesOf(group: Group, hive: Hive, kind: GroupKind): Device[] {
  return hive.devices.all().filter((device) => device[kind.idField] === group.id);
}
