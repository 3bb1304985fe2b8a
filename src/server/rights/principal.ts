import type { Hive } from '../hive.ts';
import { refuse } from '../outcome.ts';
import { maxPermissionId, permitted, type PermissionSet } from './permissions.ts';
import { active, administratorRole, type User } from '../store/users.ts';
import { refreshToken, type Claims } from './tokens.ts';

/** Networks or device types that a principal may use: all, future ones included, or these. */
export type Ids = 'all' | ReadonlySet<number>;

/**
 * The user on whose behalf a request is made, and its rights; fixed when the token is checked (PROTOCOL.md 3.4, 3.6).
 */
export interface Principal {
  readonly userId: number;
  /** True if the user's role is administrator. */
  readonly isAdministrator: boolean;
  readonly permissions: PermissionSet;
  readonly networks: Ids;
  readonly deviceTypes: Ids;
}

/** Checks an access token and returns its principal (PROTOCOL.md 3.4). Throws a Refusal 401. */
export function authenticate(hive: Hive, token: string): Principal {
  const claims = hive.tokens.read(token) ?? refuse(401, 'Invalid credentials');
  if (claims.t === refreshToken) return refuse(401, 'Invalid credentials');
  if (claims.e < hive.clock.now()) return refuse(401, 'Token expired');
  const user = hive.users.find(claims.u);
  if (user?.status !== active) return refuse(401, 'Invalid credentials');
  return principalOf(user, claims);
}

/** True if the principal may use all networks and all device types (PROTOCOL.md 0). */
export function isUnrestricted(principal: Principal): boolean {
  return principal.networks === 'all' && principal.deviceTypes === 'all';
}

/** True if the ids include this one. */
export function includes(ids: Ids, id: number | bigint): boolean {
  return ids === 'all' || ids.has(id as number);
}

/**
 * The ids of a token without a list. It reaches nothing, as with an empty list, but for counts the real server treats
 * it as no filter (PROTOCOL.md 4.23, 4.26).
 */
export const unlisted: ReadonlySet<number> = new Set();

/** True if an entity with this id is included in counts. */
export function counts(ids: Ids, id: number): boolean {
  return ids === unlisted || includes(ids, id);
}

/**
 * True if the token reaches no network or no device type: lists are empty and subscribing is refused (PROTOCOL.md 3.4).
 */
export function hasNothing({ networks, deviceTypes }: Principal): boolean {
  return isNone(networks) || isNone(deviceTypes);
}

/** True if there is not a single id. */
export function isNone(ids: Ids): boolean {
  return ids !== 'all' && ids.size === 0;
}

function principalOf(user: User, claims: Claims): Principal {
  if (claims.a?.some((id) => id < 0 || id > maxPermissionId)) return refuse(401, 'Invalid credentials');
  return {
    userId: user.id,
    isAdministrator: user.role === administratorRole,
    permissions: permitted(claims.a),
    networks: idsOf(claims.n),
    deviceTypes: user.allDeviceTypesAvailable ? 'all' : idsOf(claims.dt),
  };
}

function idsOf(list: readonly string[] | null): Ids {
  if (list === null) return unlisted;
  if (list.includes('*')) return 'all';
  if (!list.every((id) => /^[+-]?\d+$/.test(id))) return refuse(401, 'Invalid credentials');
  return new Set(list.map(Number));
}
