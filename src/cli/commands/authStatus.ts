import type { Credentials } from '../../client/index.ts';
import type { Frame } from '../../protocol/frames.ts';
import { readToken } from '../../protocol/tokens.ts';
import { noToken } from '../conversation.ts';
import type { Io } from '../io.ts';
import { outputOf, printResult } from '../output.ts';
import { targetOf, type CommonValues, type UrlTarget } from '../settings.ts';
import { currentUser, permissionNames } from '../tokenRights.ts';
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

function statusOf(
  { url, from, context }: UrlTarget,
  credentials: Credentials,
  user: Awaited<ReturnType<typeof currentUser>>,
): Frame {
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
