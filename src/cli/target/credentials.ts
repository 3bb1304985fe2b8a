import { readFileSync } from 'node:fs';
import { Failure } from '../../errors.ts';
import { lineIn, readOwnFile, replaceFile } from '../terminal/files.ts';
import type { Io } from '../terminal/io.ts';
import type { Credentials } from '../../client/index.ts';
import { tokenIn, type TokenText } from '../flags/secretText.ts';
import type { FlagContext } from '../flags/sharedValues.ts';
import { cutText } from '../terminal/safeText.ts';

/** Credentials, and what gave them: a flag, a variable or a file. */
export interface FoundCredentials extends Credentials {
  readonly at: string;
}

/** Reads `--token` and `--token-file`, which hold for whatever server is chosen. */
export async function flagCredentials({ io, values }: FlagContext): Promise<FoundCredentials | undefined> {
  if (values.token !== undefined && values.tokenFile !== undefined) {
    throw new Failure('usage', '--token and --token-file name two tokens', { hint: 'Give one of them.' });
  }
  if (values.tokenFile !== undefined) return tokenFile(values.tokenFile, '--token-file', io);
  if (values.token === undefined) return undefined;
  const isStdin = values.token === '-';
  const text = isStdin ? await io.readStdin() : values.token;
  const { token, refreshToken } = tokenOf(text, isStdin ? 'the token on stdin' : '--token');
  if (!isStdin)
    io.danger('--token on the command line is visible in process lists; use --token-file or DEVICEHIVE_TOKEN');
  return { accessToken: token, ...(refreshToken === undefined ? {} : { refreshToken }), at: '--token' };
}

/** The token in a text; `what` names where it comes from. Throws a usage `Failure`. */
function tokenOf(text: string, what: string, name?: 'accessToken' | 'refreshToken'): TokenText {
  try {
    return tokenIn(text, name);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    throw new Failure('usage', `${what} ${error.message}`, { hint: error.hint });
  }
}

/** Reads credentials from the environment: a token, a token file, a refresh token, or login and password file. */
export async function environmentCredentials(io: Io): Promise<FoundCredentials | undefined> {
  const { DEVICEHIVE_TOKEN: token, DEVICEHIVE_TOKEN_FILE: file, DEVICEHIVE_LOGIN: login } = io.env;
  const refresh = refreshFromEnvironment(io);
  if (token !== undefined && token.trim() !== '') {
    const { token: accessToken, refreshToken } = tokenOf(token, 'DEVICEHIVE_TOKEN');
    const beside = refreshToken === undefined ? {} : { refreshToken };
    return { ...beside, ...refresh, accessToken, at: 'DEVICEHIVE_TOKEN' };
  }
  if (file !== undefined && file !== '') return { ...refresh, ...tokenFile(file, 'DEVICEHIVE_TOKEN_FILE', io) };
  if (refresh.refreshToken !== undefined) return { ...refresh, at: 'DEVICEHIVE_REFRESH_TOKEN' };
  if (login === undefined || login === '') return undefined;
  return { login, password: await passwordFromEnvironment(io), at: 'DEVICEHIVE_LOGIN' };
}

/**
 * A refresh token from the environment goes only to the server that a flag or the environment names, as every secret
 * from there.
 */
export function refreshFromEnvironment(io: Io): { refreshToken?: string } {
  const text = io.env['DEVICEHIVE_REFRESH_TOKEN'];
  if (text === undefined || text.trim() === '') return {};
  return { refreshToken: tokenOf(text, 'DEVICEHIVE_REFRESH_TOKEN', 'refreshToken').token };
}

async function passwordFromEnvironment(io: Io): Promise<string> {
  const file = io.env['DEVICEHIVE_PASSWORD_FILE'];
  if (file === undefined || file === '') {
    throw new Failure('usage', 'DEVICEHIVE_LOGIN is set, but DEVICEHIVE_PASSWORD_FILE is not', {
      hint: 'Name a file that holds the password.',
    });
  }
  const text = file === '-' ? await io.readStdin() : readOwnFile(file, 'DEVICEHIVE_PASSWORD_FILE');
  return lineIn(text);
}

/**
 * A token alone, or JSON with `accessToken` and maybe `refreshToken`; new tokens are written back whole or not at all.
 */
function tokenFile(file: string, at: string, io: Io): FoundCredentials {
  const text = readOwnFile(file, at).trim();
  const { token, refreshToken, document } = tokenOf(text, `${at}: '${cutText(file, 200)}'`);
  return {
    at,
    accessToken: token,
    ...(refreshToken === undefined ? {} : { refreshToken }),
    onTokens: (tokens) => {
      if (!isUnchanged(file, text)) return;
      const content =
        document === undefined ? `${tokens.accessToken}\n` : `${JSON.stringify({ ...document, ...tokens })}\n`;
      const problem = replaceFile(file, content);
      if (problem !== undefined) io.note(`the new token could not be written to '${file}': ${problem}`);
    },
  };
}

/** Another process may have logged in meanwhile: its tokens are newer. */
function isUnchanged(file: string, text: string): boolean {
  try {
    return readFileSync(file, 'utf8').trim() === text;
  } catch {
    return false;
  }
}
