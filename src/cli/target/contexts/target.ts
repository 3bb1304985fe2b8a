import { environmentCredentials, type FoundCredentials } from '../credentials.ts';
import type { Io } from '../../terminal/io.ts';
import { normalUrl } from '../serverUrl.ts';
import { mayUseEnvironment, type NamedServer, type UrlTarget } from '../serverName.ts';
import { contextNamed, contextsOf, currentContext, readContexts, type SavedContext } from './contextList.ts';
import { credentialsOf } from './storedCredentials.ts';

/**
 * The server of the context that is named, else of the one in use; undefined where neither is. Throws a usage
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
 * Flags come before the environment, and the environment before what is kept, so a context that a flag names brings its
 * own token before that of the environment; the environment's goes nowhere but where a flag or the environment says.
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
 * Returns the tokens for a command that names only a URL: those of the one context that clearly means this server, and
 * the URL at which that context found it.
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
