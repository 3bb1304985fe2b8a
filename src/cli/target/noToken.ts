import { Failure } from '../../errors.ts';
import { isSameServer } from '../../protocol/serverPlaces.ts';
import type { Io } from '../terminal/io.ts';
import { otherServer } from './environmentSecrets.ts';
import { localServers } from './localServer.ts';
import type { UrlTarget } from './serverName.ts';

/** The failure where a server needs a token and none was found; it says why one of the environment was not used. */
export function noToken({ url, from, context }: UrlTarget, io: Io): Failure {
  const isNamed = from === 'flag' || from === 'environment';
  const variables = isNamed ? ', set DEVICEHIVE_TOKEN, or DEVICEHIVE_LOGIN with DEVICEHIVE_PASSWORD_FILE' : '';
  const place = context === undefined ? `--url ${url}` : `--context ${context}`;
  const isLocal = localServers(io).some(({ server }) => isSameServer(server.url, url));
  const local = isLocal ? 'It runs on this machine: where no server is named, commands find it with its token. ' : '';
  const login = `Log in with: devicehive auth login ${place}; or give a token with --token-file`;
  const hint = `${local}${login}${variables}.${withheld(url, from, io)}`;
  return new Failure('auth', `no access token for ${url}; nothing was sent`, { hint });
}

/** Secrets of the environment that stayed at home, and why. */
function withheld(url: string, from: UrlTarget['from'], io: Io): string {
  const secret = secretVariables.find((name) => io.env[name]);
  if (secret === undefined || from === 'environment') return '';
  if (from !== 'flag') return ` ${secret} is set, but goes only to a server that a flag or the environment names.`;
  const other = otherServer(url, io);
  return other === undefined
    ? ''
    : ` ${secret} is set, but belongs to the server that ${other} names, which is another.`;
}

const secretVariables = ['DEVICEHIVE_TOKEN', 'DEVICEHIVE_TOKEN_FILE', 'DEVICEHIVE_REFRESH_TOKEN', 'DEVICEHIVE_LOGIN'];
