import type { Connection } from '../../../../client/index.ts';
import type { Frame } from '../../../../protocol/frames.ts';
import { pause } from '../../../terminal/waiting/pause.ts';
import type { Logins } from './logins.ts';
import { ReplayLine, type Sent } from './replayLine.ts';
import { within } from './within.ts';

/** How to open the connections of a replay, and how long to wait for replies and pushes. */
export interface ConnectingOptions {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Opens a connection, as a user or anonymous. */
  readonly open: (isAuthenticated: boolean) => Promise<Connection>;
}

/** How long a real server may be busy after a request or a push, in ms: it takes 30 at most (PROTOCOL.md 7, Q41). */
const calmMs = 50;
/** A reply missing for this long, in ms, is either silence by design or waits for something else. */
const longestWaitMs = 1000;

/** The connections of a replay, by their numbers in the recording. */
export class ReplayLines {
  readonly #logins: Logins;
  readonly #options: ConnectingOptions;
  readonly #lines = new Map<number, ReplayLine>();

  constructor(logins: Logins, options: ConnectingOptions) {
    this.#logins = logins;
    this.#options = options;
  }

  /** The numbers of the open connections. */
  get open(): readonly number[] {
    return [...this.#lines.keys()];
  }

  get(connection: number): ReplayLine | undefined {
    return this.#lines.get(connection);
  }

  /** Returns a connection, opening it if needed. */
  async of(connection: number): Promise<ReplayLine> {
    let line = this.#lines.get(connection);
    if (line === undefined) {
      const isAuthenticated = this.#logins.beginsAsOwn(connection);
      const { open, timeoutMs, signal } = this.#options;
      line = new ReplayLine(await open(isAuthenticated), { isAuthenticated, patienceMs: timeoutMs, signal });
      this.#lines.set(connection, line);
    }
    return line;
  }

  async close(connection: number): Promise<void> {
    const line = this.#lines.get(connection);
    this.#lines.delete(connection);
    await line?.close();
  }

  /**
   * Sends a request. One that blocks a thread of the server is sent when nothing else is under way, and nothing is sent
   * before its reply.
   */
  async send(connection: number, action: string, payload: Frame, requestId: unknown): Promise<Sent> {
    const line = await this.of(connection);
    if (this.#lines.size === 1 || !joins(action, payload)) return line.send(action, payload, requestId);
    await this.#calm([...this.#lines.values()].flatMap(({ underWay }) => underWay));
    const sent = line.send(action, payload, requestId);
    await this.#calm([sent]);
    return sent;
  }

  async #calm(underWay: readonly Sent[]): Promise<void> {
    const { signal } = this.#options;
    for (const { answer, atMs } of underWay) await within(atMs + longestWaitMs - performance.now(), answer, signal);
    await pause(calmMs, signal, 'stopped while replaying');
  }
}

/**
 * True if a real server waits for its bus inside an I/O thread: for `command/get`, and for a subscription whose
 * networks or types it has to look up (PROTOCOL.md 7, Q41).
 */
function joins(action: string, payload: Frame): boolean {
  return action === 'command/get' || (/\/subscribe$/.test(action) && payload['deviceId'] === undefined);
}
