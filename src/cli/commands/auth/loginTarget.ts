import { Failure } from '../../../errors.ts';
import {
  contextNamed,
  contextsOf,
  currentContext,
  knownAs,
  readContexts,
  type SavedContext,
  type ContextList,
} from '../../target/contexts/contextList.ts';
import { normalUrl } from '../../target/serverUrl.ts';
import { namedServer, type CommonValues } from '../../target/serverName.ts';
import type { FlagContext } from '../../flags/sharedValues.ts';

/** The context to log in to; it may be new. */
export interface LoginTarget {
  readonly context: SavedContext;
  readonly from: 'flag' | 'environment' | 'project' | 'context';
  /** The flag, variable or file that named it; undefined for the context in use. */
  readonly at: string | undefined;
  /** True if the context exists already. */
  readonly isKnown: boolean;
}

/**
 * Returns where to log in: the named context, else the context of the named server, else the one in use. Throws a usage
 * `Failure`.
 */
export function loginPlace(context: FlagContext<CommonValues>): LoginTarget {
  const { io, values } = context;
  const list = readContexts(io);
  if (values.context !== undefined && values.url !== undefined) {
    const chosen = knownAs({ name: values.context, url: normalUrl(values.url, '--url', io) }, list);
    return {
      context: chosen,
      from: 'flag',
      at: '--url',
      isKnown: list.contexts.some(({ name }) => name === chosen.name),
    };
  }
  const existing = existingPlace(list, context);
  if (existing !== undefined) return existing;
  const named = namedServer(context);
  if (named?.kind === 'url') {
    const url = normalUrl(named.text, named.at);
    return { context: { name: nameFor(url, list), url }, from: named.from, at: named.at, isKnown: false };
  }
  throw new Failure('usage', 'no server is named to log in to', {
    hint: 'Name one: devicehive auth login --url URL. A server that server start runs on this machine needs no login.',
  });
}

/**
 * Returns the context that flags, environment, project file or the user's choice name, if it exists. Throws a usage
 * `Failure`.
 */
export function existingPlace(list: ContextList, context: FlagContext<CommonValues>): LoginTarget | undefined {
  const { io } = context;
  const named = namedServer(context);
  if (named === undefined) {
    const current = currentContext(list);
    return current === undefined ? undefined : { context: current, from: 'context', at: undefined, isKnown: true };
  }
  const { from, at } = named;
  if (named.kind === 'context') return { context: contextNamed(named.text, list, at), from, at, isKnown: true };
  const [first, ...others] = contextsOf(normalUrl(named.text, at, io), list);
  if (first === undefined) return undefined;
  if (others.length === 0 || first.name === list.current) return { context: first, from, at, isKnown: true };
  throw new Failure('usage', `${others.length + 1} contexts stand for this server`, {
    hint: `Choose one with --context: ${[first, ...others].map(({ name }) => name).join(', ')}`,
  });
}

/** Returns a free name for a new context: its server's host, with the port or a number if that is taken. */
function nameFor(url: string, { contexts }: ContextList): string {
  const { hostname, host } = new URL(url);
  const isTaken = (name: string) => contexts.some((context) => context.name.toLowerCase() === name.toLowerCase());
  const names = [hostname, host].map((text) => text.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[^A-Za-z0-9]+/, ''));
  const base = (names.find((name) => !isTaken(name)) ?? names[1] ?? '').slice(0, 60);
  for (let number = 1; ; number++) {
    const name = number === 1 ? base : `${base}-${number}`;
    if (!isTaken(name)) return name;
  }
}
