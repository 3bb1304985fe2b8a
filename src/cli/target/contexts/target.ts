import { environmentCredentials, type FoundCredentials } from '../credentials.ts';
import type { Io } from '../../terminal/io.ts';
import { normalUrl } from '../serverUrl.ts';
import { mayUseEnvironment, type NamedServer, type UrlTarget } from '../serverName.ts';
import { contextNamed, contextsOf, currentContext, readContexts, type SavedContext } from './contextList.ts';
import { credentialsOf } from './storedCredentials.ts';

/**
 * Returns the server of the named context, else of the one in use; undefined if there is neither. Throws a usage
 * `Failure`.
 */
export async function contextTarget(
  named: NamedServer | undefined,
  own: FoundCredentials | undefined,
  io: Io,
): Promise<UrlTarget | undefined> {
  const list = readContexts(io);
  const context = named === undefined ? currentContext(list) : contextNamed(named.text, list, named.at);
  if (context === undefined) return undefined;
  const from = named?.from ?? 'context';
  const url = normalUrl(context.url, `context '${context.name}'`, io);
  const credentials = own ?? (await contextCredentials(context, from, io));
  return { kind: 'url', url, from, credentials, context: context.name, ...connectionOf(context) };
}

/**
 * Flags win over the environment, and the environment over kept tokens. So a context named by a flag uses its own token
 * first; a token of the environment goes only to a server that a flag or the environment names.
 */
async function contextCredentials(
  context: SavedContext,
  from: UrlTarget['from'],
  io: Io,
): Promise<FoundCredentials | undefined> {
  if (from === 'environment') return (await environmentCredentials(io)) ?? credentialsOf(context, io);
  const kept = credentialsOf(context, io);
  return kept ?? ((await mayUseEnvironment(context.url, from, io)) ? environmentCredentials(io) : undefined);
}

/**
 * Returns the full URL and tokens for a command that names only a URL: those of its only context, or of the context in
 * use if several contexts have this server.
 */
export function credentialsOfUrl(
  url: string,
  io: Io,
): Pick<UrlTarget, 'url' | 'credentials' | 'context' | 'connection'> {
  const list = readContexts(io);
  const [first, ...others] = contextsOf(url, list);
  if (first === undefined || (others.length > 0 && first.name !== list.current)) return { url, credentials: undefined };
  return { url: first.url, credentials: credentialsOf(first, io), context: first.name, ...connectionOf(first) };
}

function connectionOf({ connection }: SavedContext): Pick<UrlTarget, 'connection'> {
  return connection === undefined ? {} : { connection };
}
