import { Failure } from '../../errors.ts';
import {
  environmentCredentials,
  flagCredentials,
  refreshFromEnvironment,
  type FoundCredentials,
} from './credentials.ts';
import { durationMs } from '../terminal/durations.ts';
import { defaulted, type FlagContext } from '../flags/sharedValues.ts';
import type { Io } from '../terminal/io.ts';
import {
  mayUseEnvironment,
  namedServer,
  type CommonValues,
  type NamedServer,
  type Target,
  type UrlTarget,
} from './serverName.ts';
import { normalUrl } from './serverUrl.ts';
import { findLocalServer } from './localServer.ts';
import { readWholeNumber } from '../flags/wholeNumber.ts';

/** Whether a server may be behind a proxy: one that this machine runs is not. */
export function isElsewhere({ from }: UrlTarget): boolean {
  return from !== 'local' && from !== 'embedded';
}

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

function localTarget(own: FoundCredentials | undefined, io: Io): UrlTarget | undefined {
  const local = findLocalServer(io);
  return local === undefined
    ? undefined
    : { kind: 'url', url: local.url, from: 'local', credentials: own ?? local.credentials };
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
