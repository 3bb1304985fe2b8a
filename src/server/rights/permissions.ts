/** What a token may permit, and the number that stands for it in the token (PROTOCOL.md 3.2). */
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

/** A set of permissions: the bit of each one's id. */
export type PermissionSet = number;

/** Ids that a token may hold: 0 stands for all, 1 for none (PROTOCOL.md 3.2). */
export const anyPermissionId = 0;
/** The action id that permits nothing (PROTOCOL.md 3.2). */
export const noPermissionId = 1;
/** The highest action id there is (PROTOCOL.md 3.2). */
export const maxPermissionId = 18;

/** What the login token of a client carries (PROTOCOL.md 3.2). */
export const clientPermissionIds: readonly number[] = [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 15, 16, 17];

/** The set of these ids. */
export function setOfIds(ids: readonly number[]): PermissionSet {
  return ids.reduce((set, id) => set | (1 << id), 0);
}

/** The set of these names. */
export function setOf(...names: readonly Permission[]): PermissionSet {
  return setOfIds(names.map((name) => permissionIds[name]));
}

/**
 * What the `a` claim of a token permits: 0 is everything known, an empty list what a client may, null nothing
 * (PROTOCOL.md 3.4).
 */
export function permitted(ids: readonly number[] | null): PermissionSet {
  if (ids === null) return 0;
  if (ids.includes(anyPermissionId)) return setOfIds(Object.values(permissionIds));
  return setOfIds(ids.length === 0 ? clientPermissionIds : ids.filter((id) => id !== noPermissionId));
}

/**
 * The id that a name, in any letter case, or a number stands for; undefined where it is not known (PROTOCOL.md 4.6).
 */
export function permissionId(nameOrId: string | number): number | undefined {
  if (typeof nameOrId === 'number') return nameOrId >= 0 && nameOrId <= maxPermissionId ? nameOrId : undefined;
  if (nameOrId === '*') return anyPermissionId;
  const wanted = nameOrId.toLowerCase();
  return Object.entries(permissionIds).find(([name]) => name.toLowerCase() === wanted)?.[1];
}
