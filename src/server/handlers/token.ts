import { type Caller, type Handler, principalOf } from '../rights/caller.ts';
import { denied } from '../rights/access.ts';
import { Fields, isList } from '../reading/fields.ts';
import type { Hive } from '../hive.ts';
import { SpelledNumber, type Json } from '../reading/jsonValues.ts';
import { malformed, malformedText, Refusal, refuse, stumble } from '../outcome.ts';
import { isPassword } from '../rights/passwords.ts';
import { clientPermissionIds, anyPermissionId, noPermissionId, permissionId } from '../rights/permissions.ts';
import { active, administratorRole, type User } from '../store/users.ts';
import { accessLifetimeMs, accessToken, refreshLifetimeMs, refreshToken, type Claims } from '../rights/tokens.ts';
import { refuseViolations, required } from './validation.ts';

/** The claims of a token without expiry and kind. */
type Rights = Pick<Claims, 'u' | 'a' | 'n' | 'dt'>;

/** Logs a user in with login and password and returns tokens (PROTOCOL.md 4.5). */
const login: Handler<'token'> = (request, { hive }) => {
  const name = request.castText('login') ?? '';
  const password = request.castText('password') ?? '';
  if (name.trim() === '' || password === '') {
    return refuse(400, 'Invalid or empty authorization request parameters');
  }
  const user = hive.users.byLogin(name) ?? refuse(401, `User with login = ${name} not found or bad password`);
  if (user.status !== active) return refuse(401, 'User is locked or disabled');
  if (!isPassword(user.password, password)) {
    hive.users.noteFailedLogin(user, hive.configuration);
    return refuse(401, 'Invalid credentials');
  }
  hive.users.noteLogin(user, hive.configuration, hive.clock.now());
  return tokensFor(user, hive);
};

export { login as token };

/** Returns the tokens of a login (PROTOCOL.md 3.3). */
export function tokensFor(user: User, hive: Hive): { accessToken: string; refreshToken: string } {
  const nowMs = hive.clock.now();
  return issue(hive, rightsOf(user), nowMs + accessLifetimeMs, nowMs + refreshLifetimeMs);
}

/** Returns tokens of a user that outlive any server. */
export function lastingTokensFor(user: User, hive: Hive): { accessToken: string; refreshToken: string } {
  return issue(hive, rightsOf(user), endOfTimeMs, endOfTimeMs);
}

/** The end of the year 9999, in ms since 1970; other programs may not read dates with more digits. */
const endOfTimeMs = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/** Creates tokens for a user with given rights (PROTOCOL.md 4.6). */
export const create: Handler<'token/create'> = (request, caller) => {
  const { hive } = caller;
  const payload = payloadOf(request);
  refuseStaleSession(caller);
  const { userId, expiration, refreshExpiration, ...rights } = readPayload(payload);
  refuseViolations([required('userId', userId, 'must not be null')]);
  const user = hive.users.find(userId ?? 0) ?? refuse(404, `User with id = ${userId} not found`);
  if (user.status !== active) return refuse(403, 'User is locked or disabled');
  const claims = { u: user.id, ...rights };
  if (hive.isExposed) refuseEscalation(claims, caller);
  const nowMs = hive.clock.now();
  const accessExpiry = expiration ?? nowMs + accessLifetimeMs;
  return issue(hive, claims, accessExpiry, refreshExpiration ?? expiration ?? nowMs + refreshLifetimeMs);
};

/** Returns a new access token for a refresh token (PROTOCOL.md 4.7). */
export const refresh: Handler<'token/refresh'> = (request, { hive }) => {
  if (request.raw('refreshToken') === undefined) return refuse(400, 'Missing or invalid payload in request');
  const token = request.castText('refreshToken') ?? '';
  if (token === '') return stumble(null, 'Missing or invalid payload in request');
  const claims = hive.tokens.read(token) ?? unusable();
  if (claims.t !== refreshToken) return refuse(401, 'Invalid token type');
  const nowMs = hive.clock.now();
  if (claims.e < nowMs) return refuse(401, 'Token has expired');
  const user = hive.users.find(claims.u);
  if (user?.status !== active) return unusable();
  hive.users.noteLogin(user, hive.configuration, nowMs);
  return { accessToken: hive.tokens.issue({ ...claims, e: nowMs + accessLifetimeMs, t: accessToken }) };
};

function unusable(): never {
  return stumble('Invalid response status', 'Invalid credentials', 401);
}

function rightsOf(user: User): Rights {
  if (user.role === administratorRole) return { u: user.id, a: [anyPermissionId], n: ['*'], dt: ['*'] };
  const dt = user.allDeviceTypesAvailable ? ['*'] : [...user.deviceTypes].map(String);
  return { u: user.id, a: clientPermissionIds, n: [...user.networks].map(String), dt };
}

function issue(hive: Hive, rights: Rights, accessExpiry: number, refreshExpiry: number) {
  return {
    accessToken: hive.tokens.issue({ ...rights, e: accessExpiry, t: accessToken }),
    refreshToken: hive.tokens.issue({ ...rights, e: refreshExpiry, t: refreshToken }),
  };
}

function payloadOf(request: Fields): Fields {
  if (request.raw('payload') === undefined) return stumble(null, 'Missing or invalid payload in request');
  return request.object('payload') ?? malformed();
}

/**
 * Refuses where the session's token has expired or its user is no longer active: the real server asks its auth service
 * with that token (PROTOCOL.md 3.6).
 */
function refuseStaleSession({ hive, token }: Caller): void {
  const claims = hive.tokens.read(token ?? refuse(401, 'Unauthorized'));
  const isExpired = claims === undefined || claims.e < hive.clock.now();
  if (isExpired) stumble(null, 'Token expired', 401);
  if (hive.users.find(claims.u)?.status !== active) stumble(null, 'Invalid credentials', 401);
}

/** Reads as strictly as the auth service does; anything unreadable is a 400 with its own text (PROTOCOL.md 2.6). */
function readPayload(payload: Fields) {
  try {
    return {
      userId: payload.exactLong('userId'),
      n: idTexts(payload.raw('networkIds')),
      dt: idTexts(payload.raw('deviceTypeIds')),
      expiration: payload.timestamp('expiration'),
      refreshExpiration: payload.timestamp('refreshExpiration'),
      a: permissionIdsOf(payload.raw('actions')),
    };
  } catch (error) {
    if (error instanceof Refusal && error.message === malformedText) return refuse(400, 'Invalid request parameters');
    throw error;
  }
}

function idTexts(value: Json | undefined): string[] | null {
  if (value === undefined || value === null) return null;
  return [...new Set(new Fields({ value }).texts('value'))];
}

/**
 * Returns the ids of permissions given by name or id. Unknown ones are dropped; without a list nothing is permitted
 * (PROTOCOL.md 4.6).
 */
function permissionIdsOf(value: Json | undefined): number[] {
  if (value === undefined || value === null) return [noPermissionId];
  if (!isList(value)) return malformed();
  const ids = value.map((item) => permissionId(nameOrId(item)));
  return [...new Set(ids.filter((id) => id !== undefined))];
}

function nameOrId(item: Json): string | number {
  if (typeof item === 'string' || Number.isInteger(item)) return item as string | number;
  if (item instanceof SpelledNumber && /^-?\d+$/.test(item.text)) return Number(item.text);
  return refuse(400, 'Actions list should contain only Strings or Integers');
}

/**
 * Refuses a client's token with more rights than the client has, which the real server does not check (PROTOCOL.md 7,
 * Q33).
 */
function refuseEscalation({ u, a, n, dt }: Rights, caller: Caller): void {
  const principal = principalOf(caller);
  if (principal.isAdministrator) return;
  const isWithin = (ids: readonly string[] | null, own: 'all' | ReadonlySet<number>) =>
    own === 'all' || (ids ?? []).every((id) => own.has(Number(id)));
  const mayGive = (id: number) => id !== anyPermissionId && (principal.permissions & (1 << id)) !== 0;
  const isOwn = u === principal.userId && isWithin(n, principal.networks) && isWithin(dt, principal.deviceTypes);
  const wanted = a?.length === 0 ? clientPermissionIds : (a ?? []).filter((id) => id !== noPermissionId);
  if (!isOwn || !wanted.every(mayGive)) denied();
}
