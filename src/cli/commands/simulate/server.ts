import { networkInterfaces } from 'node:os';
import type { Credentials, LinkOptions } from '../../../client/index.ts';
import type { RunningServer } from '../../../server/index.ts';
import type { Plan } from '../../../simulate/index.ts';
import { foundUrl, traceOption, wayOptions, wayTo, type Way } from '../../target/connecting.ts';
import { startEmbedded } from '../../target/conversation.ts';
import { noToken } from '../../target/noToken.ts';
import { requestSettings, targetOf } from '../../target/settings.ts';
import type { CommonValues, Target } from '../../target/serverName.ts';
import type { FlagContext } from '../../flags/sharedValues.ts';

/** The server that devices are played against. */
export interface PlayedServer extends AsyncDisposable {
  readonly url: string;
  readonly embedded: boolean;
  readonly options: LinkOptions;
  /** How often the first connection is retried. */
  readonly retries: number;
  readonly target: Target;
}

/** Finds the server named by flags, environment and files, or starts the embedded one. Does not connect to it. */
export async function openPlace(plan: Plan, context: FlagContext<CommonValues>): Promise<PlayedServer> {
  const { io, values } = context;
  const { retries } = requestSettings(context);
  // here --seed is the plan's, a number
  const { seed: _seed, ...rest } = values;
  const unseeded = { io, values: rest };
  const target = await targetOf(unseeded);
  const needsLogin = plan.traffic.length > 0 || plan.fleets.some(({ credentials }) => credentials === undefined);
  if (target.kind === 'url' && target.credentials === undefined && needsLogin) throw noToken(target, io);
  const server = target.kind === 'embedded' ? await startEmbedded(unseeded) : undefined;
  const url = target.kind === 'url' ? await foundUrl(target, unseeded) : (server?.url ?? '');
  return {
    url,
    embedded: server !== undefined,
    retries,
    target,
    options: await linkOptions({ url, credentials: credentialsOf(target, server), way: wayTo(target) }, plan, context),
    [Symbol.asyncDispose]: async () => server?.close(),
  };
}

/** Returns how the devices of a plan connect to a server, by the shared flags. */
export async function linkOptions(
  { url, credentials = {}, way }: Pick<LinkOptions, 'url' | 'credentials'> & { readonly way: Way },
  { load, deviceCount }: Plan,
  context: FlagContext<CommonValues>,
): Promise<LinkOptions> {
  const { retries: _retries, allowLarge, ...times } = requestSettings(context);
  return {
    url,
    credentials,
    ...times,
    allowLarge: allowLarge || load.allowLarge,
    localAddresses: localAddresses(url, load.connections ?? deviceCount),
    ...(await wayOptions(url, context, way)),
    ...(await traceOption(context)),
  };
}

function credentialsOf(target: Target, server: RunningServer | undefined): Credentials {
  if (target.credentials !== undefined) return target.credentials;
  return server === undefined ? {} : { accessToken: server.accessToken, refreshToken: server.refreshToken };
}

/** A local address has fewer ports than this for connections to one server. */
const portsOfAddress = 25_000;

/**
 * Returns addresses to connect from in turn if the ports of one are too few: for a local server those of 127/8, on
 * Linux only; else those of this machine's interfaces. Empty if there is no choice.
 */
function localAddresses(url: string, sockets: number): string[] {
  const count = Math.ceil(sockets / portsOfAddress);
  if (count < 2) return [];
  const { hostname } = new URL(url);
  if (/^(localhost|127(\.\d{1,3}){3})$/.test(hostname)) {
    if (process.platform !== 'linux') return [];
    return Array.from({ length: Math.min(count, 250) }, (_, index) => `127.0.0.${index + 1}`);
  }
  const own = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ family, internal }) => family === 'IPv4' && !internal)
    .map(({ address }) => address);
  return own.length < 2 ? [] : own;
}
