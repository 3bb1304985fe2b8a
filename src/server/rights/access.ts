import { principalOf, type Caller } from './caller.ts';
import type { Fields } from '../reading/fields.ts';
import type { Hive } from '../hive.ts';
import { refuse } from '../outcome.ts';
import type { PermissionSet } from './permissions.ts';
import { includes, isUnrestricted, type Principal } from './principal.ts';
import type { Device } from '../store/devices.ts';
import type { User } from '../store/users.ts';

/** The field whose value a permission is checked against, if present (PROTOCOL.md 3.5). */
export type CheckedField = 'device' | 'network' | 'deviceType';

/**
 * Checks permission and target of a request, in the order of PROTOCOL.md 3.5. The caller needs one of the permissions
 * in `needs`; none if it is empty. Throws a Refusal 401 or 403.
 */
export function authorise(
  caller: Caller,
  needs: PermissionSet,
  target: CheckedField | undefined,
  request: Fields,
): void {
  if (needs === 0) return;
  const principal = principalOf(caller);
  if ((principal.permissions & needs) === 0) return denied();
  if (target !== undefined && !mayUseTarget(caller.hive, principal, target, request)) denied();
}

/** Refuses with 403 (PROTOCOL.md 4.0, C3). */
export function denied(): never {
  return refuse(403, 'Access is denied');
}

function mayUseTarget(hive: Hive, principal: Principal, target: CheckedField, request: Fields): boolean {
  if (target === 'device') {
    const deviceId = request.text('deviceId');
    return deviceId === undefined || isUnrestricted(principal) || mayUse(hive, principal, hive.devices.find(deviceId));
  }
  const id = request.long(target === 'network' ? 'networkId' : 'deviceTypeId');
  return id === undefined || includes(target === 'network' ? principal.networks : principal.deviceTypes, id);
}

/** True if a device exists and the token reaches it; for a client, its network must be assigned too. */
export function mayUse(hive: Hive, principal: Principal, device: Device | undefined): boolean {
  if (device === undefined || !isAssigned(hive, principal, device)) return false;
  return includes(principal.networks, device.networkId) && includes(principal.deviceTypes, device.deviceTypeId);
}

/** True if the principal is an administrator, or a client to whom the device's network is assigned. */
export function isAssigned(hive: Hive, principal: Principal, device: Device): boolean {
  return principal.isAdministrator || hive.users.find(principal.userId)?.networks.has(device.networkId) === true;
}

/** Returns a device that exists. Throws a Refusal 404. */
export function existingDevice(hive: Hive, deviceId: string): Device {
  return hive.devices.find(deviceId) ?? deviceNotFound(deviceId);
}

/**
 * Returns a device that exists and, for a client, is in an assigned network. Throws a Refusal 404 (PROTOCOL.md 4.0,
 * D404).
 */
export function visibleDevice(caller: Caller, deviceId: string): Device {
  if (caller.seesUnassignedDevices) return readableDevice(caller, deviceId);
  return assignedDevice(caller, deviceId);
}

/**
 * Returns a device for an action that ignores assignments on the real server; an exposed server checks them
 * (PROTOCOL.md 7, Q33). Throws a Refusal 404.
 */
export function readableDevice(caller: Caller, deviceId: string): Device {
  return caller.hive.isExposed ? assignedDevice(caller, deviceId) : existingDevice(caller.hive, deviceId);
}

function assignedDevice(caller: Caller, deviceId: string): Device {
  const device = existingDevice(caller.hive, deviceId);
  return isAssigned(caller.hive, principalOf(caller), device) ? device : deviceNotFound(deviceId);
}

/**
 * Returns a device for an action that checks nothing on the real server; an exposed server checks the token's reach and
 * assignments (PROTOCOL.md 7, Q33). Throws a Refusal 404 or 403.
 */
export function looselyVisibleDevice(caller: Caller, deviceId: string): Device {
  const device = existingDevice(caller.hive, deviceId);
  return caller.hive.isExposed && !mayUse(caller.hive, principalOf(caller), device) ? denied() : device;
}

function deviceNotFound(deviceId: string): never {
  return refuse(404, `Device with such deviceId = ${deviceId} not found`);
}

/** Returns the caller's user, or undefined if it was deleted meanwhile. Throws a Refusal 401 without a principal. */
export function currentUser(caller: Caller): User | undefined {
  return caller.hive.users.find(principalOf(caller).userId);
}
