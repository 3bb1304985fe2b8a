import { Failure } from '../../errors.ts';
import { isNearEnd } from '../../protocol/tokens.ts';
import { connectAs, foundUrl, remembering, wayTo } from './connecting.ts';
import type { CommonValues, UrlTarget } from './serverName.ts';
import type { FlagContext } from '../flags/sharedValues.ts';

/** Where another process finds its server, and with what to come in. */
export interface Access {
  readonly url: string;
  readonly accessToken: string | undefined;
  readonly refreshToken: string | undefined;
}

/**
 * Tokens to hand on: those at hand, or, where only a login or a refresh token is, or the access token is at its end,
 * fresh ones.
 */
export async function accessTo(target: UrlTarget, context: FlagContext<CommonValues>): Promise<Access> {
  const { io } = context;
  const { credentials } = target;
  const url = await foundIfThere(target, context);
  if (credentials === undefined) {
    io.note(`there is no token for ${url}; the command goes without`);
    return { url, accessToken: undefined, refreshToken: undefined };
  }
  const { accessToken, refreshToken } = credentials;
  if (accessToken !== undefined && (refreshToken === undefined || !isNearEnd(accessToken, Date.now())))
    return { url, accessToken, refreshToken };
  const remembered = remembering(credentials);
  await (await connectAs(url, remembered.credentials, context, wayTo(target))).close();
  const current = remembered.current();
  return { url, accessToken: current.accessToken, refreshToken: current.refreshToken };
}

/** The other process may be the one that starts the server: where that cannot be found, its URL goes on as it is. */
async function foundIfThere(target: UrlTarget, context: FlagContext<CommonValues>): Promise<string> {
  const { io } = context;
  try {
    return await foundUrl(target, context);
  } catch (error) {
    if (!(error instanceof Failure) || error.kind !== 'connect') throw error;
    io.note(`${error.message}; the command gets ${target.url} as it is`);
    return target.url;
  }
}

/** Variables that say who one is, at whatever server: the program must not send them to this one. */
const replaced: ReadonlySet<string> = new Set([
  'DEVICEHIVE_CONTEXT',
  'DEVICEHIVE_TOKEN',
  'DEVICEHIVE_TOKEN_FILE',
  'DEVICEHIVE_REFRESH_TOKEN',
  'DEVICEHIVE_LOGIN',
  'DEVICEHIVE_PASSWORD_FILE',
]);

/** Returns the environment of a program that is to find this server, and its tokens, as `devicehive` does. */
export function withServer(
  env: Readonly<Record<string, string | undefined>>,
  { url, accessToken, refreshToken }: Access,
): NodeJS.ProcessEnv {
  const inherited = Object.fromEntries(Object.entries(env).filter(([name]) => !replaced.has(name)));
  return {
    ...inherited,
    DEVICEHIVE_URL: url,
    ...(accessToken === undefined ? {} : { DEVICEHIVE_TOKEN: accessToken }),
    ...(refreshToken === undefined ? {} : { DEVICEHIVE_REFRESH_TOKEN: refreshToken }),
  };
}
