import { closeSync, existsSync, fstatSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Failure, messageOf } from '../../../errors.ts';
import type { Tokens } from '../../../client/index.ts';
import { isFrame, type Frame } from '../../../protocol/frames.ts';
import type { FoundCredentials } from '../credentials.ts';
import { fileReason } from '../../terminal/files.ts';
import type { Io } from '../../terminal/io.ts';
import { cannotWrite, configFolder, isMissing, makeFolder, modeOf, refuseWide, keepFile } from './folder.ts';
import type { SavedContext } from './contextList.ts';
import { withLock } from './lock.ts';
import { own } from '../../../protocol/own.ts';

/**
 * The tokens that `auth login` keeps for a context. The URL binds them: they are not used once the context points
 * elsewhere.
 */
export interface StoredCredentials {
  readonly url: string;
  readonly login: string | undefined;
  readonly accessToken: string | undefined;
  readonly refreshToken: string | undefined;
}

function credentialsFolder(io: Io): string {
  return join(configFolder(io), 'credentials');
}

/** The file of one context's credentials. */
export function credentialsFile(name: string, io: Io): string {
  return join(credentialsFolder(io), `${name}.json`);
}

/**
 * Returns the tokens kept for this context and its URL. Throws a usage `Failure` if others may read the file, or it
 * cannot be read.
 */
export function storedCredentials(context: SavedContext, io: Io): StoredCredentials | undefined {
  const file = credentialsFile(context.name, io);
  const text = readPrivate(file, io);
  if (text === undefined) return undefined;
  const content = parsed(text, file);
  if (content['url'] !== context.url) return undefined;
  const textAt = (name: string) => {
    const text = own(content, name);
    return typeof text === 'string' ? text : undefined;
  };
  return {
    url: context.url,
    login: textAt('login'),
    accessToken: textAt('accessToken'),
    refreshToken: textAt('refreshToken'),
  };
}

/** Returns the tokens kept for this context as credentials of a connection: refreshed tokens are written back. */
export function credentialsOf(context: SavedContext, io: Io): FoundCredentials | undefined {
  const stored = storedCredentials(context, io);
  if (stored?.accessToken === undefined && stored?.refreshToken === undefined) return undefined;
  const { accessToken, refreshToken } = stored;
  return {
    at: credentialsFile(context.name, io),
    ...(accessToken === undefined ? {} : { accessToken }),
    ...(refreshToken === undefined ? {} : { refreshToken }),
    onTokens: (tokens) => keepRefreshed(context, refreshToken, tokens, io),
  };
}

/**
 * Saves a refreshed token, unless somebody logged in or out meanwhile; if it cannot be written, only this run has it.
 */
async function keepRefreshed(
  context: SavedContext,
  refreshedWith: string | undefined,
  tokens: Tokens,
  io: Io,
): Promise<void> {
  try {
    await withLock(credentialsFolder(io), () => {
      const stored = storedCredentials(context, io);
      if (stored?.refreshToken !== refreshedWith) return;
      write(context, { ...stored, ...tokens, url: context.url }, io);
    });
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    io.note(`the refreshed token is not kept: ${error.message}`);
  }
}

/** Refuses a folder that others may reach, before anything is asked for or sent. Throws a usage `Failure`. */
export function refuseOpenFolder(io: Io): void {
  const folder = credentialsFolder(io);
  refuseWide(folder, modeOf(folder) ?? 0, '700');
}

/** Keeps the tokens of a login; says the place on stderr before the first write. Throws a usage `Failure`. */
export async function storeCredentials(context: SavedContext, login: string, tokens: Tokens, io: Io): Promise<void> {
  const file = credentialsFile(context.name, io);
  if (!existsSync(file)) io.note(`tokens are kept in ${file}, for you only`);
  makeFolder(credentialsFolder(io));
  refuseOpenFolder(io);
  await withLock(credentialsFolder(io), () => write(context, { url: context.url, login, ...tokens }, io));
}

function write(context: SavedContext, content: Frame, io: Io): void {
  keepFile(credentialsFile(context.name, io), `${JSON.stringify(content, null, 2)}\n`);
}

/** Removes the tokens kept for a context. Returns whether there were any. Throws a usage `Failure`. */
export async function dropCredentials(name: string, io: Io): Promise<boolean> {
  const file = credentialsFile(name, io);
  if (!existsSync(file)) return false;
  return withLock(credentialsFolder(io), () => {
    try {
      rmSync(file);
      return true;
    } catch (error) {
      if (isMissing(error)) return false;
      throw cannotWrite(file, error);
    }
  });
}

/**
 * Returns the text of a file that only this user may read. The mode is checked on the open file, so that it cannot be
 * swapped in between.
 */
function readPrivate(file: string, io: Io): string | undefined {
  let handle: number;
  try {
    handle = openSync(file, 'r');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw unreadable(file, fileReason(error), error);
  }
  try {
    refuseOpenFolder(io);
    refuseWide(file, fstatSync(handle).mode, '600');
    return readFileSync(handle, 'utf8');
  } finally {
    closeSync(handle);
  }
}

function parsed(text: string, file: string): Frame {
  try {
    const content: unknown = JSON.parse(text);
    if (isFrame(content)) return content;
  } catch (error) {
    // The text itself stays out of the message: it holds secrets.
    throw unreadable(
      file,
      messageOf(error).startsWith('Unexpected end') ? 'it is cut off' : 'it is no JSON',
      undefined,
    );
  }
  throw unreadable(file, 'it is no JSON object', undefined);
}

function unreadable(file: string, reason: string, cause: unknown): Failure {
  return new Failure('usage', `${file} cannot be read: ${reason}`, {
    hint: 'Log in again: devicehive auth login',
    cause,
  });
}
