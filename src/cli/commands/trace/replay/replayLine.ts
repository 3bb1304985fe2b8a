import type { Connection, Subscription } from '../../../../client/index.ts';
import { Failure } from '../../../../errors.ts';
import type { Frame, PushFrame, ReplyFrame, SubscribeAction } from '../../../../protocol/frames.ts';

/** What came of a request: a reply of any kind, or silence. */
export type Answer =
  | { readonly kind: 'reply'; readonly frame: ReplyFrame; readonly replyMs: number }
  | { readonly kind: 'silence'; readonly message: string };

/** A request that was sent again. */
export interface Sent {
  readonly atMs: number;
  /** Rejects with a `Failure` that ends the replay, such as a lost connection. */
  readonly answer: Promise<Answer>;
}

/** One connection of a replay, with the pushes that came over it and were not asked for yet. */
export class ReplayLine {
  readonly #connection: Connection;
  readonly #patienceMs: number;
  readonly #pushes: PushFrame[] = [];
  #lastMs = performance.now();
  #wake: () => void = () => undefined;
  #failure: unknown;

  /** Waits for a push until nothing else has come for `patienceMs`, or a signal comes. */
  constructor(connection: Connection, patienceMs: number, signal: AbortSignal) {
    this.#connection = connection;
    this.#patienceMs = patienceMs;
    const stop = () => this.#lost(new Failure('interrupted', 'stopped while replaying'));
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
  }

  /** Sends a request, with an id of its own where the caller has none. */
  send(action: string, payload: Frame, requestId: unknown): Sent {
    const atMs = performance.now();
    this.#lastMs = atMs;
    const options = requestId === undefined ? {} : { requestId };
    const answer = isSubscribe(action)
      ? this.#subscribed(this.#connection.subscribe(action, payload, options), atMs)
      : this.#connection.request(action, payload, options).then(({ reply, replyMs }) => replied(reply, replyMs));
    const settled = answer.catch((error: unknown) => answerOf(error, performance.now() - atMs));
    void settled.then(this.#heard, this.#lost);
    return { atMs, answer: settled };
  }

  /** Takes the first push that is wanted out of those that came; waits for it until nothing has come for a while. Undefined where none comes. */
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

  /** Takes the first of the pushes that came, wanted or not. */
  takePush(isWanted: (push: PushFrame) => boolean): PushFrame | undefined {
    const index = this.#pushes.findIndex(isWanted);
    return index === -1 ? undefined : this.#pushes.splice(index, 1)[0];
  }

  close(): Promise<void> {
    return this.#connection.close();
  }

  async #subscribed(subscribing: Promise<Subscription>, atMs: number): Promise<Answer> {
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

function replied(frame: ReplyFrame, replyMs: number): Answer {
  return { kind: 'reply', frame, replyMs };
}

/** A refusal is an answer too, and so is silence; anything else is none. */
function answerOf(error: unknown, replyMs: number): Answer {
  if (!(error instanceof Failure)) throw error;
  if (error.reply !== undefined) return replied(error.reply as ReplyFrame, replyMs);
  if (error.kind === 'timeout') return { kind: 'silence', message: error.message };
  throw error;
}
