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
import { refuseViolations, required, sized } from './validation.ts';

/** What sets networks and device types apart; all else they have in common. */
export interface GroupKind {
  /** As the texts of the real server call it. */
  readonly noun: string;
  readonly plural: string;
  /** The field of a request that holds one. */
  readonly field: 'network' | 'deviceType';
  readonly idField: 'networkId' | 'deviceTypeId';
  /** The field of a user that holds those assigned to it. */
  readonly assignments: Assignments;
  store(hive: Hive): GroupStore;
  /** Those that the token reaches. */
  reachOf(principal: Principal): Ids;
  /** Those that a client may see in the database. */
  assignedTo(user: User): Ids;
}

/** Networks, as the handlers of groups see them (PROTOCOL.md 4.26 to 4.30). */
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

/** Device types, as the handlers of groups see them (PROTOCOL.md 4.26 to 4.30). */
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
 * Whether a caller sees the group in the database: administrators see all, clients what is assigned to them
 * (PROTOCOL.md 3.5).
 */
export function isAssignedGroup(caller: Caller, kind: GroupKind, id: Long): boolean {
  if (principalOf(caller).isAdministrator) return true;
  const user = currentUser(caller);
  return user !== undefined && includes(kind.assignedTo(user), id);
}

/** All groups that a list may show to this caller (PROTOCOL.md 4.26). */
export function listedGroups(caller: Caller, kind: GroupKind): Group[] {
  const reach = kind.reachOf(principalOf(caller));
  const groups = kind.store(caller.hive).all();
  return groups.filter(({ id }) => includes(reach, id) && isAssignedGroup(caller, kind, id));
}

/** PROTOCOL.md 4.26 */
export function listGroups(request: Fields, caller: Caller, kind: GroupKind): ReturnType<typeof groupView>[] {
  const listing = readListing(request, ['id', 'name']);
  const isWanted = readNameFilter(request);
  if (isNone(kind.reachOf(principalOf(caller)))) return [];
  const found = listedGroups(caller, kind).filter(isWanted);
  return listed(caller.hive.unordered(found), listing, { id: ({ id }) => id, name: ({ name }) => name }).map(groupView);
}

/** A group by the id field of the request. Refuses with 400 or 404. */
export function requestedGroup(request: Fields, caller: Caller, kind: GroupKind): Group {
  const id = requiredGroupId(request, kind);
  const group = existingGroup(caller.hive, kind, id);
  return isAssignedGroup(caller, kind, id) ? group : groupNotFound(kind, id);
}

/** The id field of the request. Refuses with 400 where it is absent. */
export function requiredGroupId(request: Fields, kind: GroupKind): Long {
  return request.long(kind.idField) ?? refuse(400, `${kind.noun} id is wrong or empty`);
}

/** A group that exists. Refuses with 404. */
export function existingGroup(hive: Hive, kind: GroupKind, id: Long): Group {
  return kind.store(hive).find(id) ?? groupNotFound(kind, id);
}

function groupNotFound(kind: GroupKind, id: Long): never {
  return refuse(404, `${kind.noun} with id = ${id} not found`);
}

/**
 * A group with its devices, those of them that `isShown` lets pass, in front as the real server has them (PROTOCOL.md
 * 4.27).
 */
export function groupWithDevices(group: Group, hive: Hive, kind: GroupKind, isShown: (device: Device) => boolean) {
  const devices = devicesOf(group, hive, kind).filter(isShown);
  return { devices: devices.map(memberView), ...groupView(group) };
}

/** PROTOCOL.md 4.28 */
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
  return { id: groups.insert({ name: name ?? '', description: description ?? null }).id };
}

/** PROTOCOL.md 4.29 */
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
  groups.update(group, { name: name ?? group.name, description: description ?? group.description });
  return {};
}

function lengthsOf(name: string | undefined, description: string | undefined) {
  const nameRule = 'Field cannot be empty. The length of name should not be more than 128 symbols.';
  return [
    sized('name', name, 1, 128, nameRule),
    sized('description', description, 0, 128, 'The length of description should not be more than 128 symbols.'),
  ];
}

/** PROTOCOL.md 4.30 */
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

/** Deletes a device and, unnoticed, the subscriptions to it; its commands stay for their time (PROTOCOL.md 4.25). */
export function deleteDevice(hive: Hive, device: Device): void {
  hive.devices.delete(device);
  hive.subscriptions.dropDevice(device.id);
}

/**
 * All groups that are counted for this caller; unlike the list that is not none for a token that lacks them
 * (PROTOCOL.md 4.26).
 */
export function countedGroups(caller: Caller, kind: GroupKind): Group[] {
  const reach = kind.reachOf(principalOf(caller));
  const groups = kind.store(caller.hive).all();
  return groups.filter(({ id }) => counts(reach, id) && isAssignedGroup(caller, kind, id));
}

/** Counts what the filter lets pass (PROTOCOL.md 4.26). */
export function countGroups(request: Fields, groups: readonly Group[]): { readonly count: number } {
  return { count: groups.filter(readNameFilter(request)).length };
}

function devicesOf(group: Group, hive: Hive, kind: GroupKind): Device[] {
  return hive.devices.all().filter((device) => device[kind.idField] === group.id);
}
