import { Failure } from '../errors.ts';
import { webSocketOfRest, withoutWrapping } from '../protocol/serverPlaces.ts';
import { withoutUrlSecrets } from '../protocol/urlSecrets.ts';
import { Secrets } from '../protocol/secrets.ts';
import type { ConnectOptions } from './contract.ts';
import { ServerPlace } from './serverPlace.ts';

/** Settings that tests change to avoid waiting; milliseconds. */
export interface Tuning {
  /** Silence that makes the client ask why. */
  readonly probeAfterMs?: number;
  /** The first pause before something is tried again; it doubles. */
  readonly backOffMs?: number;
}

/** Options with their defaults. */
export interface ClientSettings extends ConnectOptions {
  readonly connectTimeoutMs: number;
  readonly timeoutMs: number;
  readonly retries: number;
  readonly maxQueuedPushes: number;
  /** Infinity where silence is not diagnosed. */
  readonly probeAfterMs: number;
  /** Infinity where the server is not pinged. */
  readonly pingMs: number;
  readonly backOffMs: number;
  /** Where the server is; `url` is what named it. */
  readonly place: ServerPlace;
  /** Host and port, as messages name the server. */
  readonly peer: string;
  /** Secrets that were sent and must not be shown. */
  readonly secrets: Secrets;
}

/** Fills in the defaults. Throws a `Failure` of kind `usage` if the URL is not a WebSocket's. */
export function settingsOf(options: ConnectOptions, tuning: Tuning): ClientSettings {
  const peer = peerOf(options.url);
  return {
    ...options,
    connectTimeoutMs: options.connectTimeoutMs ?? 5000,
    timeoutMs: options.timeoutMs ?? 10_000,
    retries: options.retries ?? 0,
    maxQueuedPushes: options.maxQueuedPushes ?? 10_000,
    probeAfterMs: options.probe === false ? Infinity : (tuning.probeAfterMs ?? 1000),
    pingMs: pingMsOf(options),
    backOffMs: tuning.backOffMs ?? 250,
    place: new ServerPlace(options.url),
    peer,
    secrets: new Secrets(),
  };
}

function pingMsOf({ pingMs = 25_000 }: ConnectOptions): number {
  return pingMs > 0 ? pingMs : Infinity;
}

function peerOf(text: string): string {
  const bare = withoutWrapping(text);
  const url = bare === text && URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^wss?:$/.test(url.protocol) || url.hash !== '') {
    const meant = webSocketOfRest(bare) ?? (bare === text ? undefined : bare);
    throw new Failure('usage', `'${withoutUrlSecrets(text)}' is no WebSocket URL`, {
      hint: meant === undefined ? 'Write ws://host:port/path or wss://host/path.' : `Write ${withoutUrlSecrets(meant)}`,
    });
  }
  return `${url.hostname}:${url.port || (url.protocol === 'wss:' ? 443 : 80)}`;
}
