import type { Connection, ConnectOptions, Credentials, TraceEvent } from '../../client/index.ts';
import type { Io } from '../terminal/io.ts';
import { whileBusy } from '../terminal/waiting/longWait.ts';
import { cutText } from '../terminal/safeText.ts';
import type { TargetContext } from './context.ts';
import { namesNoPath } from '../../protocol/serverPlaces.ts';
import { isElsewhere, requestSettings } from './settings.ts';
import { shownUrl } from './serverUrl.ts';
import type { CommonValues, Target, UrlTarget } from './serverName.ts';
import type { FlagContext } from '../flags/sharedValues.ts';

/** How a server is connected to, as the shared flags say; who one is comes besides. */
export async function connectOptions(
  url: string,
  context: TargetContext,
  way: Way = elsewhere,
): Promise<Omit<ConnectOptions, 'credentials'>> {
  return {
    url,
    ...context.settings,
    ...(await wayOptions(url, context, way)),
    ...(await traceOption(context)),
    signal: context.io.signal,
  };
}

/** The way to a server, as far as its URL does not say it. */
export type Way = Pick<UrlTarget, 'connection'> & { readonly proxy: boolean };

const elsewhere: Way = { proxy: true };

/** The way to a target; none to one inside this process. */
export function wayTo(target: Target): Way {
  if (target.kind === 'embedded') return { proxy: false };
  const { connection } = target;
  return { proxy: isElsewhere(target), ...(connection === undefined ? {} : { connection }) };
}

/** Returns the options of connections that flags and context set. Throws a usage `Failure`. */
export async function wayOptions(
  url: string,
  { io, values }: FlagContext<CommonValues>,
  { proxy, connection }: Way,
): Promise<Pick<ConnectOptions, 'proxy' | 'ca' | 'cert' | 'key' | 'headers' | 'insecureTls'>> {
  const { ca, cert, key, header, tlsInsecure } = values;
  const isPlain = [ca, cert, key, header, tlsInsecure, connection].every((value) => value === undefined);
  if (isPlain) return { proxy };
  const { connectionOptions, joined } = await import('./connectionFlags.ts');
  return { proxy, ...connectionOptions(joined(values, connection), url, io) };
}

/** The trace that the flags ask for, as an option of connections. */
export async function traceOption(
  context: FlagContext<CommonValues>,
): Promise<{ trace?: (event: TraceEvent) => void }> {
  const { values } = context;
  if (values.verbose !== true && values.traceFile === undefined) return {};
  const { tracer } = await import('./trace.ts');
  return { trace: tracer(context) };
}

/**
 * Connects to a server, anonymously or as these credentials say, with what the shared flags ask for. Throws as
 * `connect` does.
 */
export async function connectAs(
  url: string,
  credentials: Credentials | undefined,
  context: FlagContext<CommonValues>,
  way: Way = elsewhere,
): Promise<Connection> {
  const { connect } = await import('../../client/index.ts');
  const options = await connectOptions(url, { ...context, settings: requestSettings(context) }, way);
  return whileBusy(context.io, connectingTo(url), () =>
    connect({ ...options, ...(credentials === undefined ? {} : { credentials }) }),
  );
}

/** Returns the text to show while a connection is made. */
export function connectingTo(url: string): string {
  return cutText(`connecting to ${shownUrl(url)}`, 400);
}

/** Keeps for the context of a target where its server was found, where only the host was known. */
export async function rememberFound(target: Target, foundUrl: string, io: Io): Promise<void> {
  if (target.kind !== 'url' || target.context === undefined || target.url === foundUrl) return;
  const { rememberPlace } = await import('./contexts/contextList.ts');
  await rememberPlace(target.context, foundUrl, io);
}

/**
 * Returns the URL of a target; of one without a path, the place at which its server answers, which is asked for that.
 * Throws as `connect` does.
 */
export async function foundUrl(target: UrlTarget, context: FlagContext<CommonValues>): Promise<string> {
  const { io } = context;
  if (!namesNoPath(target.url)) return target.url;
  await using connection = await connectAs(target.url, undefined, context, wayTo(target));
  await rememberFound(target, connection.url, io);
  return connection.url;
}

/** Credentials for a connection, and what they are by now: a login or a refresh changes them. */
export interface Remembered {
  readonly credentials: Credentials;
  readonly current: () => Credentials;
}

/** Makes credentials of which it is known what they are by now. */
export function remembering(given: Credentials): Remembered {
  let current = given;
  const credentials: Credentials = {
    ...given,
    onTokens: (tokens) => {
      current = { ...current, ...tokens };
      return given.onTokens?.(tokens);
    },
  };
  return { credentials, current: () => current };
}
