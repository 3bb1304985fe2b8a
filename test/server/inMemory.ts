import { dispatch } from '../../src/server/dispatch.ts';
import { tokensFor } from '../../src/server/handlers/token.ts';
import { Hive } from '../../src/server/hive.ts';
import type { LogEntry } from '../../src/server/log.ts';
import { fillFresh } from '../../src/server/start/freshContent.ts';
import { Session } from '../../src/server/session.ts';
import type { User } from '../../src/server/store/users.ts';
import { accessToken, type Claims } from '../../src/server/rights/tokens.ts';
import { FakeClock } from './fakeClock.ts';

/** A JSON object, as sent or received. */
export type Frame = Readonly<Record<string, unknown>>;

/** A server without a network, with access to its clock. */
export interface World {
  readonly clock: FakeClock;
  readonly hive: Hive;
  readonly administrator: User;
  readonly log: LogEntry[];
  /** A session of the administrator. */
  readonly admin: InMemoryClient;
  /** Opens a session that has not authenticated. */
  readonly stranger: () => InMemoryClient;
  /** Opens a session with a token of these claims; missing ones are the administrator's. */
  readonly holder: (claims?: Partial<Claims>) => InMemoryClient;
  /** Creates a client-role user and opens a session for it. */
  readonly client: (login: string, networkIds?: readonly number[]) => User;
}

/** Options of the server. */
interface WorldOptions {
  readonly answerAll?: boolean;
  readonly isExposed?: boolean;
  readonly strict?: boolean;
  readonly latencyMs?: number;
}

/** Creates a fresh server. */
export function world(options: WorldOptions = {}): World {
  const clock = new FakeClock();
  const log: LogEntry[] = [];
  const { answerAll = false, isExposed = false, strict: refusesHarm = false, latencyMs = 0 } = options;
  const hive = new Hive({ clock, log: (entry) => log.push(entry), answerAll, isExposed, refusesHarm, latencyMs });
  const administrator = fillFresh(hive, { secret: 'devicehive', adminPassword: 'dhadmin_#911', demo: true });
  const stranger = () => new InMemoryClient(hive);
  const holder = (claims: Partial<Claims> = {}) => {
    const all = { u: 1, a: [0], n: ['*'], dt: ['*'], e: clock.now() + 1_800_000, t: accessToken, ...claims };
    return authenticated(stranger(), hive.tokens.issue(all));
  };
  const admin = authenticated(stranger(), tokensFor(administrator, hive).accessToken);
  const client = (login: string, networkIds: readonly number[] = []) => {
    const reply = admin.ask('user/insert', { user: { login, password: 'secret-123', role: 1 } });
    const user = hive.users.find((reply?.['user'] as { id: number }).id);
    if (user === undefined) throw new Error(JSON.stringify(reply));
    for (const id of networkIds) hive.users.assign(user, 'networks', id);
    return user;
  };
  return { clock, hive, administrator, log, admin, stranger, holder, client };
}

function authenticated(client: InMemoryClient, token: string): InMemoryClient {
  const reply = client.ask('authenticate', { token });
  if (reply?.['status'] !== 'success') throw new Error(JSON.stringify(reply));
  return client;
}

/** A client that calls `dispatch` directly. */
export class InMemoryClient {
  readonly session: Session;
  readonly #said: string[] = [];

  constructor(hive: Hive) {
    const peer = {
      send: (text: string) => this.#said.push(text),
      sendShared: (start: Buffer, end: string) => this.#said.push(`${start.toString()}${end}`),
    };
    this.session = new Session(hive, peer, { restServerUrl: 'http://127.0.0.1:1/dh/rest' });
  }

  /** Sends this exact text. Returns the server's texts, pushes included. */
  say(text: string): string[] {
    this.#said.length = 0;
    dispatch(text, this.session);
    return this.#said.splice(0);
  }

  /** Sends a request and returns its reply, or undefined. Pushes stay for `pushes`. */
  ask(action: unknown, fields: Frame = {}): Frame | undefined {
    const before = this.#said.length;
    dispatch(JSON.stringify({ action, requestId: 7, ...fields }), this.session);
    const index = this.#said.findIndex((text, at) => at >= before && 'status' in (JSON.parse(text) as Frame));
    const [text] = index < 0 ? [] : this.#said.splice(index, 1);
    return text === undefined ? undefined : (JSON.parse(text) as Frame);
  }

  /** Returns code and text of the reply, or `success`, or `silence`. */
  outcome(action: string, fields: Frame = {}): string {
    const reply = this.ask(action, fields);
    if (reply === undefined) return 'silence';
    return reply['status'] === 'success' ? 'success' : `${String(reply['code'])} ${String(reply['error'])}`;
  }

  /** Returns the pushes since the last call. */
  pushes(): Frame[] {
    return this.#said.splice(0).map((text) => JSON.parse(text) as Frame);
  }

  /** Returns the names of the commands or notifications pushed since the last call. */
  pushedNames(): unknown[] {
    return this.pushes().map((push) => {
      const { command, notification } = (push['command'] ?? push['notification']) as Frame;
      return command ?? notification ?? null;
    });
  }
}
