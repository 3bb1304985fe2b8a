import { dispatch } from '../../src/server/dispatch.ts';
import { tokensFor } from '../../src/server/handlers/token.ts';
import { Hive } from '../../src/server/hive.ts';
import type { LogEntry } from '../../src/server/log.ts';
import { fillFresh } from '../../src/server/start/freshContent.ts';
import { Session } from '../../src/server/session.ts';
import type { User } from '../../src/server/store/users.ts';
import { accessToken, type Claims } from '../../src/server/rights/tokens.ts';
import { FakeClock } from './fakeClock.ts';

/** A JSON object as it was said. */
export type Frame = Readonly<Record<string, unknown>>;

/** A server without a network, its clock in the test's hand. */
export interface World {
  readonly clock: FakeClock;
  readonly hive: Hive;
  readonly administrator: User;
  readonly log: LogEntry[];
  /** A session of the administrator. */
  readonly admin: InMemoryClient;
  /** A session that has not authenticated. */
  readonly stranger: () => InMemoryClient;
  /** A session with a token of these claims; what is left out is the administrator's. */
  readonly holder: (claims?: Partial<Claims>) => InMemoryClient;
  /** A new client-role user. */
  readonly client: (login: string, networkIds?: readonly number[]) => User;
}

/** How a server is to be. */
interface WorldOptions {
  readonly answerAll?: boolean;
  readonly isExposed?: boolean;
  readonly strict?: boolean;
  readonly latencyMs?: number;
}

/** Makes a fresh server. */
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

/** A client that talks to `dispatch` itself. */
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

  /** What the server says to this very text, as texts, pushes included. */
  say(text: string): string[] {
    this.#said.length = 0;
    dispatch(text, this.session);
    return this.#said.splice(0);
  }

  /** The reply to a request; undefined where there is none. Pushes stay for `pushes`. */
  ask(action: unknown, fields: Frame = {}): Frame | undefined {
    const before = this.#said.length;
    dispatch(JSON.stringify({ action, requestId: 7, ...fields }), this.session);
    const index = this.#said.findIndex((text, at) => at >= before && 'status' in (JSON.parse(text) as Frame));
    const [text] = index < 0 ? [] : this.#said.splice(index, 1);
    return text === undefined ? undefined : (JSON.parse(text) as Frame);
  }

  /** Code and text of the reply; `success` alone where it is one, `silence` where there is none. */
  outcome(action: string, fields: Frame = {}): string {
    const reply = this.ask(action, fields);
    if (reply === undefined) return 'silence';
    return reply['status'] === 'success' ? 'success' : `${String(reply['code'])} ${String(reply['error'])}`;
  }

  /** What was pushed since the last look. */
  pushes(): Frame[] {
    return this.#said.splice(0).map((text) => JSON.parse(text) as Frame);
  }

  /** Names of the commands or notifications pushed since the last look. */
  pushedNames(): unknown[] {
    return this.pushes().map((push) => {
      const { command, notification } = (push['command'] ?? push['notification']) as Frame;
      return command ?? notification ?? null;
    });
  }
}
