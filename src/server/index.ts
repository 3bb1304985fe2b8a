import { systemClock, type Clock } from './clock.ts';
import { Hive } from './hive.ts';
import { tokensFor } from './handlers/token.ts';
import { listen } from './listen.ts';
import type { LogEntry } from './log.ts';
import { LogQueue } from './logQueue.ts';
import { administratorLogin, seed } from './seed.ts';

export type { Clock } from './clock.ts';
export type { LogEntry } from './log.ts';

/** How an embedded server is to be; all of it has a default. */
export interface ServerOptions {
  /** Default 127.0.0.1. Elsewhere than on this machine the checks that the real server lacks are made up for (protocol.md 7, Q33). */
  readonly host?: string;
  /** Default 0: any free one. */
  readonly port?: number;
  /** Signs the tokens; default `devicehive` (protocol.md 3.1). */
  readonly secret?: string;
  /** The administrator's; default that of a fresh DeviceHive (protocol.md 3.7). */
  readonly adminPassword?: string;
  /** Default true: device d1 (network 1, type 1) with command 42, which alone never expires (cli.md 2). */
  readonly demo?: boolean;
  /** Reply where the real server stays silent or falls over (cli.md 6). */
  readonly answerAll?: boolean;
  /** Told why a request got no reply, and of errors, soon after; secrets are replaced. What it throws does not reach the sessions. */
  readonly log?: (entry: LogEntry) => void;
  /** Default: the time of this machine. */
  readonly clock?: Clock;
}

/** A server that runs in this process. */
export interface RunningServer extends AsyncDisposable {
  /** Such as `ws://127.0.0.1:8080/dh/websocket`. */
  readonly url: string;
  /** The REST API of the same server, such as `http://127.0.0.1:8080/dh/rest`; its tokens come from `/auth/rest/token` (protocol.md 10). */
  readonly restUrl: string;
  readonly port: number;
  /** The administrator's. */
  readonly login: string;
  readonly password: string;
  /** The administrator's, valid for 30 minutes from the first look at either token (protocol.md 3.3). */
  readonly accessToken: string;
  readonly refreshToken: string;
  /** Closes every session with 1012, then the port; may be called again. */
  close(): Promise<void>;
}

/** Starts a DeviceHive in this process, as a fresh installation is. Throws a Failure where it cannot listen. */
export async function startServer(options: ServerOptions = {}): Promise<RunningServer> {
  const { host = '127.0.0.1', port = 0, secret = 'devicehive', adminPassword = 'dhadmin_#911' } = options;
  const logQueue = options.log === undefined ? undefined : new LogQueue(options.log);
  const hive = new Hive({
    secret,
    clock: options.clock ?? systemClock,
    log: (entry) => logQueue?.add(entry),
    answerAll: options.answerAll === true,
    strict: !isLoopback(host),
  });
  const administrator = seed(hive, { secret, adminPassword, demo: options.demo !== false });
  const listener = await listen(hive, host, port);
  let issued: ReturnType<typeof tokensFor> | undefined;
  const tokens = () => (issued ??= tokensFor(administrator, hive));
  let closed: Promise<void> | undefined;
  const close = () => (closed ??= listener.close().then(() => logQueue?.flush()));
  return {
    url: `ws://${urlHost(host)}:${listener.port}/dh/websocket`,
    restUrl: `http://${urlHost(host)}:${listener.port}/dh/rest`,
    port: listener.port,
    login: administratorLogin,
    password: adminPassword,
    get accessToken() {
      return tokens().accessToken;
    },
    get refreshToken() {
      return tokens().refreshToken;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}

/** Where to reach a host that is listened on: all interfaces include this machine's own. */
function urlHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}
