import type { Failure } from '../../errors.ts';
import type { DataFile } from './data/dataFile.ts';
import { wellKnownPassword } from './freshContent.ts';
import { lastingTokensFor } from '../handlers/token.ts';
import type { Harm } from '../harm/harm.ts';
import type { Hive } from '../hive.ts';
import type { Listener } from '../wire/listener.ts';
import type { LogQueue } from '../logQueue.ts';
import { isPassword } from '../rights/passwords.ts';
import type { User } from '../store/users.ts';

/** A server that runs in this process. */
export interface RunningServer extends AsyncDisposable {
  /** Its WebSocket URL, such as `ws://127.0.0.1:8080/dh/websocket`. */
  readonly url: string;
  /**
   * The URL of its REST API, such as `http://127.0.0.1:8080/dh/rest`; tokens come from `/auth/rest/token` (PROTOCOL.md
   * 10).
   */
  readonly restUrl: string;
  readonly port: number;
  /** The administrator's login. */
  readonly login: string;
  /** The administrator's password; absent where only its hash is known. */
  readonly password?: string;
  /**
   * A token of the administrator that does not expire while the server runs, unlike the token of a login, which lasts
   * 30 minutes (PROTOCOL.md 3.3).
   */
  readonly accessToken: string;
  /** A refresh token of the administrator that does not expire while the server runs. */
  readonly refreshToken: string;
  /** Requests that would have stopped a real DeviceHive, counted by kind and action; empty where there were none. */
  readonly harms: readonly Harm[];
  /**
   * Resolves once the server is closed. Rejects with a Failure if it stopped by itself, because its data can no longer
   * be saved.
   */
  readonly ended: Promise<void>;
  /**
   * Ends every connection, which clients see as 1006, as when a real server stops; then closes the port. Further calls
   * are harmless.
   */
  close(): Promise<void>;
}

/** The parts of a running server. */
interface Parts {
  readonly hive: Hive;
  readonly listener: Listener;
  readonly host: string;
  readonly administrator: User;
  /** Passwords that the administrator may have. */
  readonly passwords: readonly (string | undefined)[];
  readonly data: DataFile | undefined;
  readonly logQueue: LogQueue | undefined;
}

/** A hive with its listener and its data file. */
export class EmbeddedServer implements RunningServer {
  readonly url: string;
  readonly restUrl: string;
  readonly port: number;
  readonly login: string;
  readonly password?: string;
  readonly ended: Promise<void>;
  readonly #parts: Parts;
  #tokens: ReturnType<typeof lastingTokensFor> | undefined = undefined;
  #closed: Promise<void> | undefined = undefined;
  #end: (failure?: Failure) => void = () => undefined;

  constructor(parts: Parts) {
    const { listener, host, administrator, data } = parts;
    this.#parts = parts;
    this.port = listener.port;
    this.url = `ws://${urlHost(host)}:${listener.port}/dh/websocket`;
    this.restUrl = `http://${urlHost(host)}:${listener.port}/dh/rest`;
    this.login = administrator.login;
    const password = knownPassword(parts);
    if (password !== undefined) this.password = password;
    this.ended = new Promise((resolve, reject) => {
      this.#end = (failure) => (failure === undefined ? resolve() : reject(failure));
    });
    // callers that ignore `ended` still see the failure in the log
    this.ended.catch(() => undefined);
    data?.onFailure((failure) => this.#fail(failure));
  }

  get accessToken(): string {
    return this.#issued().accessToken;
  }

  get refreshToken(): string {
    return this.#issued().refreshToken;
  }

  get harms(): readonly Harm[] {
    return this.#parts.hive.harms.list();
  }

  close(): Promise<void> {
    return (this.#closed ??= this.#close().then(() => this.#end()));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    const { listener, data, logQueue } = this.#parts;
    await listener.close();
    data?.close();
    logQueue?.flush();
  }

  #fail(failure: Failure): void {
    this.#parts.hive.log({ level: 'error', message: failure.message });
    this.#closed ??= this.#close();
    void this.#closed.then(() => this.#end(failure));
  }

  #issued(): ReturnType<typeof lastingTokensFor> {
    return (this.#tokens ??= lastingTokensFor(this.#parts.administrator, this.#parts.hive));
  }
}

function knownPassword({ administrator, passwords }: Parts): string | undefined {
  const candidates = [...passwords, wellKnownPassword].filter((password) => password !== undefined);
  return candidates.find((password) => isPassword(administrator.password, password));
}

/** Returns the host for URLs to a listening host; all interfaces include loopback. */
function urlHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}
