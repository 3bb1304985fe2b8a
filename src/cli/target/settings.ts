import { Failure } from '../../errors.ts';
import {
  environmentCredentials,
  flagCredentials,
  refreshFromEnvironment,
  type FoundCredentials,
} from './credentials.ts';
import { namesNoPath, webSocketOfRest, withoutWrapping } from '../../protocol/serverPlaces.ts';
import { withoutUrlSecrets } from '../../protocol/urlSecrets.ts';
import { durationMs } from '../terminal/durations.ts';
import { defaulted, isSet, type SharedValues, type FlagContext } from '../flags/sharedValues.ts';
import type { Io } from '../terminal/io.ts';
import type { ConnectionFlags } from './connectionFlags.ts';
import { findLocalServer } from './localServer.ts';
import { findProject } from '../flags/projectFile.ts';
import { readWholeNumber } from '../flags/wholeNumber.ts';
import { cutText } from '../terminal/safeText.ts';

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

/** Whether a server may be behind a proxy: one that this machine runs is not. */
export function isElsewhere({ from }: UrlTarget): boolean {
  return from !== 'local' && from !== 'embedded';
}

/** The server that a command talks to, the credentials for it, and where both were found. */
export type Target = UrlTarget | { readonly kind: 'embedded'; readonly credentials: FoundCredentials | undefined };

/** The message if nothing names a server. */
export const noServer = 'no DeviceHive server is configured, and none runs on this machine';

/**
 * Chooses the server: flags, environment, project file, the user's context, then a server running on this machine.
 * Flags of an embedded one are refused beside another.
 */
export async function targetOf(context: FlagContext<CommonValues>): Promise<Target> {
  const { io, values } = context;
  if (values.chosen !== undefined) return values.chosen;
  const own = await flagCredentials(context);
  const target = (await namedTarget(own, context)) ?? localTarget(own, io);
  if (target !== undefined) return shaped(target, context);
  throw new Failure('usage', noServer, {
    hint: 'Name one with --url or DEVICEHIVE_URL, start one with: devicehive server start, or add --embedded to use one inside this command.',
  });
}

async function shaped(target: Target, context: FlagContext<CommonValues>): Promise<Target> {
  const { values } = context;
  if (target.kind === 'embedded' || !isShaping(values)) return target;
  const { embeddedFlags, refuseServerFlags } = await import('./serverFlags.ts');
  refuseServerFlags(embeddedFlags(values), target, context);
  return target;
}

function isShaping({ seed, answerAll, demo, strict, latency, allowHost, allowOrigin }: CommonValues): boolean {
  const isSwitched = answerAll === true || demo === false || strict === true;
  return isSwitched || [seed, latency, allowHost, allowOrigin].some((value) => value !== undefined);
}

/** The server that a flag, the environment, the project or a context names; `own` is what the token flags gave. */
export async function namedTarget(
  own: FoundCredentials | undefined,
  context: FlagContext<CommonValues>,
): Promise<Target | undefined> {
  const { io, values } = context;
  refuseTwoServers(values);
  if (values.embedded === true) return { kind: 'embedded', credentials: own };
  const named = namedServer(context);
  if (named?.kind === 'url') {
    const target = await urlTarget(named, own, io);
    if (own !== undefined && target.from === 'project') {
      const { confirmFlagToken } = await import('./projectServer.ts');
      await confirmFlagToken({ url: target.url, file: named.at }, context);
    }
    return target;
  }
  const { contextTarget } = await import('./contexts/target.ts');
  return contextTarget(named, own, io);
}

function refuseTwoServers({ url, context, embedded }: CommonValues): void {
  const given = [
    url === undefined ? '' : '--url',
    context === undefined ? '' : '--context',
    embedded === true ? '--embedded' : '',
  ].filter((flag) => flag !== '');
  if (given.length > 1)
    throw new Failure('usage', `${given.join(' and ')} name ${given.length === 2 ? 'two' : 'three'} servers`, {
      hint: 'Give one of them.',
    });
}

async function urlTarget(named: NamedServer, own: FoundCredentials | undefined, io: Io): Promise<UrlTarget> {
  const { from } = named;
  const url = normalUrl(named.text, named.at, io);
  const isTrusted = await mayUseEnvironment(url, from, io);
  const given = own !== undefined && isTrusted ? { ...refreshFromEnvironment(io), ...own } : own;
  const credentials = given ?? (isTrusted ? await environmentCredentials(io) : undefined);
  if (credentials !== undefined) return { kind: 'url', url, from, credentials };
  const { credentialsOfUrl } = await import('./contexts/target.ts');
  return { kind: 'url', from, ...credentialsOfUrl(url, io) };
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

function localTarget(own: FoundCredentials | undefined, io: Io): UrlTarget | undefined {
  const local = findLocalServer(io);
  return local === undefined
    ? undefined
    : { kind: 'url', url: local.url, from: 'local', credentials: own ?? local.credentials };
}

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
 * A URL as it is used: with a path exactly as given; the address of a REST API stands for the WebSocket of its server,
 * which a note says. Throws a usage `Failure`.
 */
export function normalUrl(text: string, at: string, io?: Io): string {
  refuseWrapped(text, at);
  const meant = webSocketOfRest(text);
  if (meant !== undefined) {
    io?.note(`${at} names the REST API of a server; its WebSocket is used: ${shownUrl(normalUrl(meant, at))}`);
    return normalUrl(meant, at);
  }
  const refuse = (what: string, hint: string) => new Failure('usage', `${at} ${what}: '${shownUrl(text)}'`, { hint });
  if (!/^wss?:\/\//i.test(text)) throw wrongScheme(text, refuse);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined) throw refuse('is no URL', 'Write ws://host:port or wss://host.');
  if (url.username !== '' || url.password !== '')
    throw refuse('must not hold a login', 'Use DEVICEHIVE_LOGIN and DEVICEHIVE_PASSWORD_FILE, or a token.');
  if (url.hash !== '') throw refuse('must not have a fragment (#…)', 'Leave the part from # on away.');
  return namesNoPath(text) ? `${url.protocol}//${url.host}` : text;
}

/** Refuses quotes and blanks around a URL: a shell removes them, files of variables and copied texts keep them. */
function refuseWrapped(text: string, at: string): void {
  const bare = withoutWrapping(text);
  if (bare === text && !/\s/.test(text)) return;
  const [what, hint] =
    bare === text
      ? ['holds a blank', 'Write ws://host:port; a blank in its path is %20.']
      : ['has quotes or blanks around it', `Write it without them: ${shownUrl(bare)}`];
  throw new Failure('usage', `${at} ${what}`, { hint });
}

/** A URL as it may be shown: without what looks like a login, or like a secret in its query. */
export function shownUrl(text: string): string {
  return cutText(withoutUrlSecrets(text.replace(/^([a-z]+:\/\/)?[^/@]*@/i, '$1***@')), 120);
}

function wrongScheme(text: string, refuse: (what: string, hint: string) => Failure): Failure {
  const shown = shownUrl(text);
  const web = /^(http)(s?):\/\//i.exec(text);
  if (web !== null)
    return refuse('must be a WebSocket URL', `Write ws${(web[2] ?? '').toLowerCase()}://${shown.slice(web[0].length)}`);
  const rest = shown.replace(/^[a-z]*:\/\//i, '');
  const place = rest === '' || rest.startsWith('/') ? 'host:port' : rest;
  return refuse('must start with ws:// or wss://', `Write ws://${place}`);
}

/** How a request is sent. Times in milliseconds. */
export interface RequestSettings {
  readonly timeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly retries: number;
  readonly probe: boolean;
  readonly allowLarge: boolean;
  /** Where the ids of requests of which the command line says none count from, if not from 1. */
  readonly firstRequestId?: number;
}

/** Reads the shared flags that say how to send; throws a usage `Failure` at the first that is wrong. */
export function requestSettings({ io, values }: FlagContext<CommonValues>): RequestSettings {
  const timeout = defaulted('timeout', values.timeout, io);
  return {
    timeoutMs: timeout === undefined ? 10_000 : durationMs(timeout.text, timeout.at),
    connectTimeoutMs:
      values.connectTimeout === undefined ? 5000 : durationMs(values.connectTimeout, '--connect-timeout'),
    retries:
      values.retry === undefined
        ? 0
        : readWholeNumber(values.retry, '--retry', { least: 0, most: 999_999, hint: 'Write --retry 3.' }),
    probe: values.probe !== false,
    allowLarge: values.allowLarge === true,
  };
}

/**
 * Returns a context in which connecting lasts no longer than `--timeout`, unless `--connect-timeout` says how long: for
 * commands that find out whether a server is well. Throws as `requestSettings` does.
 */
export function connectingSoon<Given extends FlagContext<CommonValues>>(context: Given): Given {
  const { connectTimeoutMs, timeoutMs } = requestSettings(context);
  if (context.values.connectTimeout !== undefined || timeoutMs >= connectTimeoutMs) return context;
  return { ...context, values: { ...context.values, connectTimeout: `${timeoutMs}ms` } };
}
