import type { Connection, Credentials } from '../../client/index.ts';
import { Failure } from '../../errors.ts';
import type { Frame, Reply } from '../../protocol/frames.ts';
import { readToken } from '../../protocol/tokens.ts';
import { clientPermissionIds, permissionIds } from '../../server/permissions.ts';
import { noToken } from '../conversation.ts';
import type { Io } from '../io.ts';
import { outputOf, printResult } from '../output.ts';
import { targetOf, type CommonValues, type UrlTarget } from '../settings.ts';
import { connectAs } from './authConnection.ts';
import { expiryOf } from './authLogin.ts';

/** `devicehive auth status`: tries the token in force, refreshing it where that is due, and tells what it is worth. */
export async function authStatus(values: CommonValues, io: Io): Promise<void> {
  const output = await outputOf(values, io);
  const target = await targetOf(values, io);
  // The command has no --embedded flag, so this is always a server with a URL.
  if (target.kind === 'embedded') throw new Error('auth status was given an embedded server');
  if (target.credentials === undefined) throw noToken(target);
  let current: Credentials = target.credentials;
  const { onTokens } = target.credentials;
  const credentials: Credentials = {
    ...target.credentials,
    onTokens: (tokens) => {
      current = { ...current, ...tokens };
      return onTokens?.(tokens);
    },
  };
  const connection = await connectAs(target.url, credentials, values, io, target.from !== 'local');
  try {
    const user = await currentUser(connection);
    await printResult(statusOf(target, current, user), output, values, io);
  } finally {
    await connection.close();
  }
}

type User = Reply<'user/getCurrent'>['current'];

/** Who the token acts for; null where it does not permit the question. */
async function currentUser(connection: Connection): Promise<User | null> {
  try {
    return (await connection.request('user/getCurrent', {})).reply.current;
  } catch (error) {
    if (error instanceof Failure && error.code === 403) return null;
    throw error;
  }
}

function statusOf({ url, from, context }: UrlTarget, credentials: Credentials, user: User | null): Frame {
  const { accessToken, refreshToken, login, password } = credentials;
  const claims = accessToken === undefined ? undefined : readToken(accessToken);
  return {
    url,
    from,
    context: context ?? null,
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

/** Everything is `*`; an empty list is what a client may, and a missing one nothing (protocol.md 3.4). */
function permissionNames(ids: readonly number[] | null | undefined): readonly string[] {
  if (ids === null || ids === undefined) return [];
  if (ids.includes(0)) return ['*'];
  const names = new Map<number, string>(Object.entries(permissionIds).map(([name, id]) => [id, name]));
  const held = ids.length === 0 ? clientPermissionIds : ids;
  return held.flatMap((id) => names.get(id) ?? []);
}
