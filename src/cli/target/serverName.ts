import { isSet, type FlagContext, type SharedValues } from '../flags/sharedValues.ts';
import { findProject } from '../flags/projectFile.ts';
import type { Io } from '../terminal/io.ts';
import type { ConnectionFlags } from './connectionFlags.ts';
import type { FoundCredentials } from './credentials.ts';

/** The shared flags of a command that talks to a server. */
export interface CommonValues extends SharedValues {
  /** No flag: a server that was chosen before, in place of what flags and surroundings name. */
  readonly chosen?: UrlTarget;
}

/**
 * The origin of a server's name: a flag, a variable, the project file, the user's context in use, or a server that runs
 * on this machine or inside this command.
 */
export type ServerSource = 'flag' | 'environment' | 'project' | 'context' | 'local' | 'embedded';

/** A server that is reached by its URL, and with what rights. */
export interface UrlTarget {
  readonly kind: 'url';
  readonly url: string;
  readonly from: ServerSource;
  readonly credentials: FoundCredentials | undefined;
  /** The context that named the server, or whose tokens are used. */
  readonly context?: string;
  /** How that context says that the server is reached. */
  readonly connection?: ConnectionFlags;
}

/** The server that a command talks to, the credentials for it, and where both were found. */
export type Target = UrlTarget | { readonly kind: 'embedded'; readonly credentials: FoundCredentials | undefined };

/** The name of a server, a URL or a context, and where it was found. */
export interface NamedServer {
  readonly kind: 'url' | 'context';
  readonly text: string;
  readonly from: 'flag' | 'environment' | 'project';
  readonly at: string;
}

/**
 * Returns the server named by a flag, the environment or the project file, in that order; a URL comes before a context.
 */
export function namedServer({ io, values }: FlagContext<CommonValues>): NamedServer | undefined {
  if (values.url !== undefined) return { kind: 'url', text: values.url, from: 'flag', at: '--url' };
  if (values.context !== undefined) return { kind: 'context', text: values.context, from: 'flag', at: '--context' };
  const { DEVICEHIVE_URL: url, DEVICEHIVE_CONTEXT: context } = io.env;
  if (isSet(url)) return { kind: 'url', text: url, from: 'environment', at: 'DEVICEHIVE_URL' };
  if (isSet(context)) return { kind: 'context', text: context, from: 'environment', at: 'DEVICEHIVE_CONTEXT' };
  const project = findProject(io.cwd);
  if (project?.url !== undefined) return { kind: 'url', text: project.url, from: 'project', at: project.file };
  if (project?.context === undefined) return undefined;
  return { kind: 'context', text: project.context, from: 'project', at: `context in ${project.file}` };
}

/**
 * True if secrets of the environment may go to a server: the one that the environment itself names, or, where that
 * names no other, the one that a flag names.
 */
export async function mayUseEnvironment(url: string, from: ServerSource, io: Io): Promise<boolean> {
  if (from !== 'flag') return from === 'environment';
  if (!isSet(io.env['DEVICEHIVE_URL']) && !isSet(io.env['DEVICEHIVE_CONTEXT'])) return true;
  const { otherServer } = await import('./environmentSecrets.ts');
  return otherServer(url, io) === undefined;
}
