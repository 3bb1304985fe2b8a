/** The permissions, and the action ids by which tokens name them (PROTOCOL.md 3.2). */
export const permissionIds = {
  GetNetwork: 2,
  GetDevice: 3,
  GetDeviceNotification: 4,
  GetDeviceCommand: 5,
  RegisterDevice: 6,
  CreateDeviceCommand: 7,
  UpdateDeviceCommand: 8,
  CreateDeviceNotification: 9,
  GetCurrentUser: 10,
  UpdateCurrentUser: 11,
  ManageUser: 12,
  ManageConfiguration: 13,
  ManageNetwork: 14,
  ManageToken: 15,
  ManagePlugin: 16,
  GetDeviceType: 17,
  ManageDeviceType: 18,
} as const;

/** The name of a permission. */
export type Permission = keyof typeof permissionIds;

/** A set of permissions: a bit mask with bit `1 << id` for each. */
export type PermissionSet = number;

/** The action id that permits everything (PROTOCOL.md 3.2). */
export const anyPermissionId = 0;
/** The action id that permits nothing (PROTOCOL.md 3.2). */
export const noPermissionId = 1;
/** The highest action id (PROTOCOL.md 3.2). */
export const maxPermissionId = 18;

/** The action ids in the login token of a client (PROTOCOL.md 3.2). */
export const clientPermissionIds: readonly number[] = [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 15, 16, 17];

/** Returns the set of the permissions with these ids. */
export function setOfIds(ids: readonly number[]): PermissionSet {
  return ids.reduce((set, id) => set | (1 << id), 0);
}

/** Returns the set of these permissions. */
export function setOf(...names: readonly Permission[]): PermissionSet {
  return setOfIds(names.map((name) => permissionIds[name]));
}

/**
 * Returns the permissions that the `a` claim of a token grants: 0 everything, an empty list the permissions of a
 * client, null nothing (PROTOCOL.md 3.4).
 */
export function permitted(ids: readonly number[] | null): PermissionSet {
  if (ids === null) return 0;
  if (ids.includes(anyPermissionId)) return setOfIds(Object.values(permissionIds));
  return setOfIds(ids.length === 0 ? clientPermissionIds : ids.filter((id) => id !== noPermissionId));
}

/**
 * Returns the action id for a permission's name, in any letter case, or for a number; undefined where it is unknown
 * (PROTOCOL.md 4.6).
 */
export function permissionId(nameOrId: string | number): number | undefined {
  if (typeof nameOrId === 'number') return nameOrId >= 0 && nameOrId <= maxPermissionId ? nameOrId : undefined;
  if (nameOrId === '*') return anyPermissionId;
  const wanted = nameOrId.toLowerCase();
  return Object.entries(permissionIds).find(([name]) => name.toLowerCase() === wanted)?.[1];
}
