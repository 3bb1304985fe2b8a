import { setTimeout as sleep } from 'node:timers/promises';
import { connect, isPassing, nowMs, Tries, type Connection, type Subscription } from '../../client/index.ts';
import { Failure, reworded } from '../../errors.ts';
import { spokenDuration } from '../../protocol/notation/spokenDuration.ts';
import type { Conversation } from '../target/conversation.ts';
import type { Io } from '../terminal/io.ts';

/** The first pause before a lost connection is made again, in ms. */
const firstPauseMs = 100;

/**
 * Subscribes a wait to the updates of its device. A lost connection can be replaced; its subscription has ended then
 * (PROTOCOL.md 1.5), so the new connection subscribes anew.
 */
export class UpdateLink implements AsyncDisposable {
  readonly #conversation: Conversation;
  readonly #deviceId: unknown;
  readonly #io: Io;
  readonly #tries = new Tries(firstPauseMs);
  #connection: Connection;
  #pushes: Subscription;
  /** Why there is no connection at the moment. */
  #lost: Failure | undefined;
  #isTold = false;
  #isClosed = false;

  private constructor(conversation: Conversation, deviceId: unknown, pushes: Subscription, io: Io) {
    this.#conversation = conversation;
    this.#deviceId = deviceId;
    this.#connection = conversation.connection;
    this.#pushes = pushes;
    this.#io = io;
    this.#tries.opened(nowMs());
  }

  /** Subscribes on the connection of a conversation. Throws as `Connection.subscribe` does. */
  static async open(conversation: Conversation, deviceId: unknown, io: Io): Promise<UpdateLink> {
    return new UpdateLink(conversation, deviceId, await subscribed(conversation.connection, deviceId), io);
  }

  /** The updates that come over the current connection. */
  get pushes(): Subscription {
    return this.#pushes;
  }

  /** The current connection. Throws the `Failure` that ended the last one if there is none. */
  get connection(): Connection {
    if (this.#lost !== undefined) throw this.#lost;
    return this.#connection;
  }

  /**
   * Connects and subscribes again, with growing pauses until `endMs` of the monotonic clock. Throws `lost` if it is not
   * a lost connection; the last failure when the time is over or trying again is pointless.
   */
  async reconnect(lost: Failure, endMs: number): Promise<void> {
    if (lost.kind !== 'connect' || this.#conversation.embedded) throw lost;
    const lostAtMs = nowMs();
    this.#lost = lost;
    this.#tries.lost(lostAtMs);
    await this.#connection.close();
    this.#tell(`${lost.message}; connecting again, and waiting on for the device`);
    for (;;) {
      const leftMs = endMs - nowMs();
      if (leftMs <= 0 || this.#isClosed) throw this.#lost;
      await this.#pause(Math.min(this.#tries.next(), leftMs));
      try {
        await this.#connect(Math.max(endMs - nowMs(), 1));
        break;
      } catch (error) {
        if (!mayPass(error)) throw error;
        this.#lost = reworded(lost, `${lost.message}; not connected again: ${error.message}`);
      }
    }
    this.#tell(`connected again to ${this.#connection.url} after ${spokenDuration(nowMs() - lostAtMs)}`);
    this.#isTold = true;
  }

  async #pause(ms: number): Promise<void> {
    const { signal } = this.#io;
    await sleep(ms, undefined, { signal }).catch(() => {
      throw new Failure('interrupted', 'connecting again was interrupted');
    });
  }

  async #connect(leftMs: number): Promise<void> {
    const { options, credentials } = this.#conversation;
    const { connectTimeoutMs = leftMs, timeoutMs = leftMs } = options;
    const connection = await connect({
      ...options,
      credentials,
      retries: 0,
      connectTimeoutMs: Math.min(connectTimeoutMs, leftMs),
      timeoutMs: Math.min(timeoutMs, leftMs),
    });
    try {
      this.#pushes = await subscribed(connection, this.#deviceId);
    } catch (error) {
      await connection.close();
      throw error;
    }
    if (this.#isClosed) return connection.close();
    this.#connection = connection;
    this.#lost = undefined;
    this.#tries.opened(nowMs());
  }

  /** Notes the first loss of the connection, and its recovery; later ones are not noted. */
  #tell(note: string): void {
    if (!this.#isTold) this.#io.note(note);
  }

  /** Closes every connection but the first, which belongs to the conversation. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    if (this.#connection !== this.#conversation.connection) await this.#connection.close();
  }
}

function subscribed(connection: Connection, deviceId: unknown): Promise<Subscription> {
  return connection.subscribe('command/subscribe', { deviceId, returnUpdatedCommands: true });
}

/** True for failures that may pass by themselves: the server is away or starting. */
function mayPass(error: unknown): error is Failure {
  if (!(error instanceof Failure)) return false;
  return isPassing(error) || (error.kind === 'refused' && (error.code ?? 0) >= 500);
}
