import type { Connection, Subscription } from '../../../../client/index.ts';
import { Failure, reworded } from '../../../../errors.ts';
import type { Frame, PushFrame, ReplyFrame, SubscribeAction } from '../../../../protocol/frames.ts';

/** The result of a request: a reply of any kind, or silence. */
export type ReplayedReply =
  | { readonly kind: 'reply'; readonly frame: ReplyFrame; readonly replyMs: number }
  | { readonly kind: 'silence'; readonly message: string };

/** A request that was sent again. */
export interface Sent {
  readonly atMs: number;
  /** Rejects with a `Failure` that ends the replay, such as a lost connection. */
  readonly answer: Promise<ReplayedReply>;
}

/** Settings for the connections of a replay. */
export interface ReplayLineOptions {
  readonly isAuthenticated: boolean;
  /** How long to wait for a push after the last one, in ms. */
  readonly patienceMs: number;
  readonly signal: AbortSignal;
}

/** One connection of a replay, with the received pushes that nobody has asked for yet. */
export class ReplayLine {
  readonly #connection: Connection;
  readonly #patienceMs: number;
  #isAuthenticated: boolean;
  readonly #underWay = new Set<Sent>();
  /** Ids of the recording that are in use. */
  readonly #ids = new Set<string>();
  readonly #pushes: PushFrame[] = [];
  #lastMs = performance.now();
  #wake: () => void = () => undefined;
  #failure: unknown;

  constructor(connection: Connection, { isAuthenticated, patienceMs, signal }: ReplayLineOptions) {
    this.#connection = connection;
    this.#isAuthenticated = isAuthenticated;
    this.#patienceMs = patienceMs;
    const stop = () => this.#lost(new Failure('interrupted', 'stopped while replaying'));
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
  }

  /** Requests that have no reply yet. */
  get underWay(): readonly Sent[] {
    return [...this.#underWay];
  }

  /** Authenticates, unless that is done. Throws a `Failure`, as requests do. */
  async authenticate(token: string): Promise<void> {
    if (this.#isAuthenticated) return;
    await this.#connection.request('authenticate', { token });
    this.#isAuthenticated = true;
  }

  /** Sends a request that is not in the recording. Throws a `Failure`, as requests do. */
  readonly ask = async (action: string, payload: Frame): Promise<Frame> =>
    (await this.#connection.request(action, payload)).reply;

  /** Sends a request with its recorded id, unless that is a number or in use. */
  send(action: string, payload: Frame, recordedId: unknown): Sent {
    const atMs = performance.now();
    this.#lastMs = atMs;
    const key = typeof recordedId === 'number' ? undefined : JSON.stringify(recordedId ?? undefined);
    const isOwn = key !== undefined && !this.#ids.has(key);
    const options = isOwn ? { requestId: recordedId } : {};
    const answer = isSubscribe(action)
      ? this.#subscribed(this.#connection.subscribe(action, payload, { ...options, asGiven: true }), atMs)
      : this.#connection.request(action, payload, options).then(({ reply, replyMs }) => replied(reply, replyMs));
    const settled = answer.catch((error: unknown) => answerOf(error, performance.now() - atMs));
    const sent: Sent = { atMs, answer: settled };
    this.#underWay.add(sent);
    if (isOwn) this.#ids.add(key);
    const over = () => {
      this.#underWay.delete(sent);
      if (isOwn) this.#ids.delete(key);
    };
    void settled.then(over, over);
    void settled.then(this.#heard, this.#lost);
    return sent;
  }

  /**
   * Checks, after an unanswered request, that the server answers at all. Throws a `Failure` of kind `timeout` if not,
   * because all further requests would go unanswered too.
   */
  async mustLive(message: string): Promise<void> {
    try {
      await this.#connection.request('server/info', {}, { timeoutMs: this.#patienceMs });
    } catch (error) {
      if (!(error instanceof Failure) || error.kind !== 'timeout') return;
      throw reworded(error, `${message}; server/info is not answered either, so the rest is not played`, {});
    }
  }

  /** Takes the first wanted push; waits for it until nothing has come for a while. Returns undefined if none comes. */
  async push(isWanted: (push: PushFrame) => boolean): Promise<PushFrame | undefined> {
    for (let seen = 0; ;) {
      for (; seen < this.#pushes.length; seen++) {
        const push = this.#pushes[seen];
        if (push !== undefined && isWanted(push)) return this.#pushes.splice(seen, 1)[0];
      }
      const leftMs = this.#lastMs + this.#patienceMs - performance.now();
      if (leftMs <= 0) return undefined;
      if (this.#failure !== undefined) throw this.#failure as Error;
      await this.#news(leftMs);
    }
  }

  /** Takes the first wanted push among those received. */
  takePush(isWanted: (push: PushFrame) => boolean): PushFrame | undefined {
    const index = this.#pushes.findIndex(isWanted);
    return index === -1 ? undefined : this.#pushes.splice(index, 1)[0];
  }

  close(): Promise<void> {
    return this.#connection.close();
  }

  async #subscribed(subscribing: Promise<Subscription>, atMs: number): Promise<ReplayedReply> {
    const subscription = await subscribing;
    void this.#read(subscription);
    return replied(subscription.reply, performance.now() - atMs);
  }

  async #read(pushes: Subscription): Promise<void> {
    try {
      for await (const push of pushes) {
        this.#pushes.push(push);
        this.#heard();
      }
    } catch (error) {
      this.#lost(error);
    }
  }

  async #news(leftMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      timer = setTimeout(resolve, leftMs);
    });
    clearTimeout(timer);
  }

  readonly #heard = (): void => {
    this.#lastMs = performance.now();
    this.#wake();
  };

  readonly #lost = (error: unknown): void => {
    this.#failure = error;
    this.#wake();
  };
}

function isSubscribe(action: string): action is SubscribeAction {
  return action === 'command/subscribe' || action === 'notification/subscribe';
}

function replied(frame: ReplyFrame, replyMs: number): ReplayedReply {
  return { kind: 'reply', frame, replyMs };
}

/**
 * Returns the result of a request that threw: a refusal, or silence (also if the client refused to send). Throws lost
 * connections on.
 */
function answerOf(error: unknown, replyMs: number): ReplayedReply {
  if (!(error instanceof Failure)) throw error;
  if (error.reply !== undefined) return replied(error.reply as ReplyFrame, replyMs);
  if (error.kind === 'connect' || error.kind === 'interrupted') throw error;
  return { kind: 'silence', message: error.message };
}
