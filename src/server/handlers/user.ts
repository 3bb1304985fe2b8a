import { principalOf, type Caller, type Handler } from '../rights/caller.ts';
import type { Fields } from '../reading/fields.ts';
import type { Hive } from '../hive.ts';
import type { Long } from '../reading/integers.ts';
import { like } from '../reading/like.ts';
import { refuse, stumble } from '../outcome.ts';
import { hashedPassword, isAcceptable } from '../rights/passwords.ts';
import type { User } from '../store/users.ts';
import { groupView, listedUser, publishedUser, submittedUser } from '../views.ts';
import { deviceTypes, existingGroup, networks, requiredGroupId } from './groups.ts';
import { listed, readListing } from './listing.ts';
import {
  loginProblems,
  loginRule,
  loginTaken,
  passwordRefused,
  readUser,
  updateUser,
  type UserFields,
} from './userFields.ts';
import { ranged, refuseViolations, required, sized } from './validation.ts';

/** Lists users (PROTOCOL.md 4.31). */
export const list: Handler<'user/list'> = (request, { hive }) => {
  const isWanted = readFilter(request);
  const listing = readListing(request, ['id', 'login']);
  const found = hive.users.all().filter(isWanted);
  return {
    users: listed(hive.unordered(found), listing, { id: ({ id }) => id, login: ({ login }) => login }).map(listedUser),
  };
};

/** Counts users; the filter is that of `list` (PROTOCOL.md 4.31). */
export const count: Handler<'user/count'> = (request, { hive }) => ({
  count: hive.users.all().filter(readFilter(request)).length,
});

/** Returns a user with networks; clients may only ask for themselves (PROTOCOL.md 4.32). */
export const get: Handler<'user/get'> = (request, caller) => {
  const userId = requiredUserId(request);
  const { isAdministrator, userId: ownId } = principalOf(caller);
  const user = isAdministrator || ownId === userId ? caller.hive.users.find(userId) : undefined;
  return user === undefined ? userNotFound(userId) : { user: publishedUser(user, caller.hive) };
};

/** Returns the caller's user with networks (PROTOCOL.md 4.33). */
export const getCurrent: Handler<'user/getCurrent'> = (_request, caller) => {
  const user = caller.hive.users.find(principalOf(caller).userId);
  return user === undefined ? refuse(409, 'Can not get current user.') : { current: publishedUser(user, caller.hive) };
};

/** Creates a user (PROTOCOL.md 4.34). */
export const insert: Handler<'user/insert'> = (request, { hive }) => {
  const fields = readUser(request) ?? refuse(400, 'User is required');
  refuseInsert(fields);
  const { role = refuse(400, 'User role is invalid or empty'), status = 0, password = '' } = fields;
  const login = (fields.login ?? '').trim();
  if (hive.users.byLogin(login) !== undefined) return loginTaken();
  if (!isAcceptable(password)) return passwordRefused();
  const problems = loginProblems(login);
  if (problems !== '') return refuse(400, problems);
  const { data, introReviewed = false, allDeviceTypesAvailable = true } = fields;
  const details = { login, role, status, data, introReviewed, allDeviceTypesAvailable };
  return { user: submittedUser(hive.users.create({ ...details, password: hashedPassword(password) })) };
};

/** Changes a user (PROTOCOL.md 4.35). */
export const update: Handler<'user/update'> = (request, caller) => {
  const fields = readUser(request) ?? refuse(400, 'User is required');
  const user = existingUser(caller.hive, requiredUserId(request));
  updateUser(user, fields, caller);
  return {};
};

/** Changes the caller's user (PROTOCOL.md 4.35). */
export const updateCurrent: Handler<'user/updateCurrent'> = (request, caller) => {
  const fields = readUser(request) ?? refuse(400, 'User is required');
  updateUser(existingUser(caller.hive, principalOf(caller).userId), fields, caller);
  return {};
};

/** Deletes a user other than the caller (PROTOCOL.md 4.36). */
const remove: Handler<'user/delete'> = (request, caller) => {
  const userId = requiredUserId(request);
  if (userId === principalOf(caller).userId) {
    return refuse(403, 'You can not delete a user or access key that you use to authenticate this request');
  }
  caller.hive.users.delete(existingUser(caller.hive, userId));
  return {};
};

export { remove as delete };

/** Returns a network if it is assigned to the user (PROTOCOL.md 4.37). */
export const getNetwork: Handler<'user/getNetwork'> = (request, { hive }) => {
  const userId = requiredUserId(request);
  const networkId = requiredGroupId(request, networks);
  const user = existingUser(hive, userId);
  const network = user.networks.has(networkId as number) ? hive.networks.find(networkId) : undefined;
  return network === undefined
    ? refuse(404, `Network with id ${networkId} for user with id ${userId} was not found`)
    : { network: { network: groupView(network) } };
};

/** Assigns a network to a user (PROTOCOL.md 4.38). */
export const assignNetwork: Handler<'user/assignNetwork'> = (request, { hive }) => {
  const { user, networkId } = userAndNetwork(request, hive);
  hive.users.assign(user, 'networks', networkId);
  return {};
};

/** Removes the assignment of a network to a user (PROTOCOL.md 4.38). */
export const unassignNetwork: Handler<'user/unassignNetwork'> = (request, { hive }) => {
  const { user, networkId } = userAndNetwork(request, hive);
  hive.users.unassign(user, 'networks', networkId);
  return {};
};

/**
 * Returns a device type if it is assigned to the user, even where the user may use all device types (PROTOCOL.md 4.37).
 */
export const getDeviceType: Handler<'user/getDeviceType'> = (request, { hive }) => {
  const userId = requiredUserId(request);
  const deviceTypeId = requiredGroupId(request, deviceTypes);
  const user = existingUser(hive, userId);
  const deviceType = user.deviceTypes.has(deviceTypeId as number) ? hive.deviceTypes.find(deviceTypeId) : undefined;
  return deviceType === undefined
    ? refuse(404, `Device type with id ${deviceTypeId} for user with id ${userId} not found`)
    : { deviceType: { deviceType: groupView(deviceType) } };
};

/**
 * True if the user may use all device types; only then the list comes over the real server's message bus (PROTOCOL.md
 * 1.4). Throws a Refusal as `getDeviceTypes` does.
 */
export function hasAllDeviceTypes(request: Fields, { hive }: Caller): boolean {
  return existingUser(hive, requiredUserId(request)).allDeviceTypesAvailable;
}

/** Lists the device types that a user may use (PROTOCOL.md 4.39). */
export const getDeviceTypes: Handler<'user/getDeviceTypes'> = (request, { hive }) => {
  const user = existingUser(hive, requiredUserId(request));
  const all = hive.deviceTypes.all();
  const own = user.allDeviceTypesAvailable ? all : all.filter(({ id }) => user.deviceTypes.has(id));
  return { deviceTypes: own.map(groupView) };
};

/** Assigns a device type to a user (PROTOCOL.md 4.39). */
export const assignDeviceType: Handler<'user/assignDeviceType'> = (request, { hive }) => {
  const { user, deviceTypeId } = userAndDeviceType(request, hive);
  hive.users.assign(user, 'deviceTypes', deviceTypeId);
  return {};
};

/** Removes the assignment of a device type to a user (PROTOCOL.md 4.39). */
export const unassignDeviceType: Handler<'user/unassignDeviceType'> = (request, { hive }) => {
  const { user, deviceTypeId } = userAndDeviceType(request, hive);
  hive.users.unassign(user, 'deviceTypes', deviceTypeId);
  return {};
};

/** Lets a user use all device types, and drops the assignments (PROTOCOL.md 4.39). */
export const allowAllDeviceTypes: Handler<'user/allowAllDeviceTypes'> = (request, { hive }) => {
  const user = existingUser(hive, requiredUserId(request));
  hive.users.update(user, { allDeviceTypesAvailable: true, deviceTypes: new Set() });
  return {};
};

/** Limits a user to assigned device types (PROTOCOL.md 4.39). */
export const disallowAllDeviceTypes: Handler<'user/disallowAllDeviceTypes'> = (request, { hive }) => {
  hive.users.update(existingUser(hive, requiredUserId(request)), { allDeviceTypesAvailable: false });
  return {};
};

/** Returns a filter of users; `loginPattern` replaces `login` (PROTOCOL.md 4.31). */
function readFilter(request: Fields): (user: User) => boolean {
  const login = request.text('login');
  const pattern = request.text('loginPattern');
  const role = request.integer('role');
  const status = request.integer('status');
  const isNamed = pattern === undefined ? (text: string) => login === undefined || text === login : like(pattern);
  return (user) =>
    isNamed(user.login) &&
    (role === undefined || user.role === role) &&
    (status === undefined || user.status === status);
}

/**
 * Refuses invalid fields in the order of the real server: values out of range, then the status without a name, then
 * missing fields.
 */
function refuseInsert({ login, role, status, password }: UserFields): void {
  const passwordRule = 'The length of password should not be more than 128 symbols.';
  refuseViolations([
    sized('login', login, [1, 128], loginRule),
    ranged('role', role, 0, 1),
    ranged('status', status, 0, 3),
    sized('password', password, [0, 128], passwordRule),
  ]);
  if (status === 3) stumble(null, 'The value of status should not be more than 2.');
  refuseViolations([required('login', login)]);
}

function requiredUserId(request: Fields): Long {
  return request.long('userId') ?? refuse(400, 'User id is wrong or empty');
}

/** Returns a user who exists. Throws a Refusal 404. */
export function existingUser(hive: Hive, userId: Long): User {
  return hive.users.find(userId) ?? userNotFound(userId);
}

function userNotFound(userId: Long): never {
  return refuse(404, `User with id = ${userId} not found`);
}

function userAndNetwork(request: Fields, hive: Hive): { user: User; networkId: number } {
  const userId = requiredUserId(request);
  const networkId = requiredGroupId(request, networks);
  return { user: existingUser(hive, userId), networkId: existingGroup(hive, networks, networkId).id };
}

function userAndDeviceType(request: Fields, hive: Hive): { user: User; deviceTypeId: number } {
  const userId = requiredUserId(request);
  const deviceTypeId = requiredGroupId(request, deviceTypes);
  const user = existingUser(hive, userId);
  if (user.allDeviceTypesAvailable) {
    return refuse(403, 'Cannot assign device type to user with all device types allowed');
  }
  return { user, deviceTypeId: existingGroup(hive, deviceTypes, deviceTypeId).id };
}
