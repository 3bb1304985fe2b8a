import type { Credentials } from '../../client/index.ts';
import type { Reply } from '../../protocol/frames.ts';
import { readToken } from '../../protocol/tokens.ts';
import { permissionNames } from './tokenRights.ts';

/** The facts about a token, without the token. */
export interface TokenFacts {
  readonly user: { readonly id: number | null; readonly login: string | null; readonly role: string | null };
  readonly tokenKind: 'access' | 'refresh' | null;
  readonly expiresAt: string | null;
  readonly permissions: readonly string[] | null;
  readonly networks: readonly string[] | null;
  readonly deviceTypes: readonly string[] | null;
  readonly refreshable: boolean;
  readonly refreshableUntil: string | null;
}

/** Returns the facts that the tokens hold, and the server's about their user. */
export function tokenFacts(credentials: Credentials, user: Reply<'user/getCurrent'>['current'] | null): TokenFacts {
  const { accessToken, refreshToken, login, password } = credentials;
  const claims = accessToken === undefined ? undefined : readToken(accessToken);
  return {
    user:
      user === null
        ? { id: claims?.userId ?? null, login: null, role: null }
        : { id: user.id, login: user.login, role: user.role === 0 ? 'administrator' : 'client' },
    tokenKind: claims?.kind ?? null,
    expiresAt: expiryOf(accessToken),
    permissions: claims === undefined ? null : permissionNames(claims.actions),
    networks: claims === undefined ? null : (claims.networks ?? []),
    deviceTypes: claims === undefined ? null : (claims.deviceTypes ?? null),
    refreshable: refreshToken !== undefined || (login !== undefined && password !== undefined),
    refreshableUntil: expiryOf(refreshToken),
  };
}

/** When a token expires, as ISO 8601; null where it does not say. */
export function expiryOf(token: string | undefined): string | null {
  const expiresAtMs = token === undefined ? undefined : readToken(token)?.expiresAtMs;
  const date = new Date(expiresAtMs ?? NaN);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}
