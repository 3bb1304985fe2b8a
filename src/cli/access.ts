import type { Credentials } from '../client/index.ts';
import { readToken } from '../protocol/tokens.ts';
import { connectAs } from './commands/authConnection.ts';
import type { Io } from './io.ts';
import type { CommonValues, UrlTarget } from './settings.ts';

/** Where another process finds its server, and with what to come in. */
export interface Access {
  readonly url: string;
  readonly accessToken: string | undefined;
  readonly refreshToken: string | undefined;
}

/** An access token this near its end is refreshed before somebody else gets it. */
const nearEndMs = 60_000;

/** Tokens to hand on: those at hand, or, where only a login or a refresh token is, or the access token is at its end, fresh ones. */
export async function accessTo({ url, credentials }: UrlTarget, values: CommonValues, io: Io): Promise<Access> {
  if (credentials === undefined) {
    io.note(`there is no token for ${url}; the command goes without`);
    return { url, accessToken: undefined, refreshToken: undefined };
  }
  let { accessToken, refreshToken } = credentials;
  if (accessToken !== undefined && (refreshToken === undefined || !isNearEnd(accessToken)))
    return { url, accessToken, refreshToken };
  const keeping: Credentials = {
    ...credentials,
    onTokens: (tokens) => {
      accessToken = tokens.accessToken;
      refreshToken = tokens.refreshToken ?? refreshToken;
      return credentials.onTokens?.(tokens);
    },
  };
  await (await connectAs(url, keeping, values, io)).close();
  return { url, accessToken, refreshToken };
}

function isNearEnd(token: string): boolean {
  const expiresAtMs = readToken(token)?.expiresAtMs;
  return expiresAtMs !== undefined && expiresAtMs - Date.now() <= nearEndMs;
}
