import { Failure } from '../errors.ts';
import type { PushFrame, ReplyFrame } from '../protocol/frames.ts';
import type { Exchange, Subscription } from './contract.ts';
import type { PushQueue, PushSink } from './pushQueue.ts';
import type { ClientSession } from './session.ts';

/** The subscription that an exchange made on its session. Throws a `Failure` where the reply names none. */
export function subscriptionOf(session: ClientSession | undefined, exchange: Exchange): OpenSubscription {
  const subscriptionId = exchange.reply['subscriptionId'];
  const queue = typeof subscriptionId === 'number' ? session?.inbox.queueOf(subscriptionId) : undefined;
  if (session !== undefined && typeof subscriptionId === 'number' && queue !== undefined) {
    return new OpenSubscription(session, exchange, subscriptionId, queue);
  }
  throw new Failure('refused', `${exchange.request.action} was answered without a subscriptionId`, {
    action: exchange.request.action,
    requestId: exchange.request.requestId,
    request: exchange.request,
    reply: exchange.reply,
    hint: 'The server does not speak the protocol of DeviceHive 4.',
  });
}

/** A subscription of one session; others of the same session can become parts of it. */
export class OpenSubscription implements Subscription {
  readonly subscriptionId: number;
  readonly reply: ReplyFrame;
  readonly #session: ClientSession;
  readonly #queue: PushQueue;
  readonly #undo: string;
  readonly #parts: OpenSubscription[] = [];
  #ending: Promise<void> | undefined;

  constructor(session: ClientSession, { request, reply }: Exchange, subscriptionId: number, queue: PushQueue) {
    this.subscriptionId = subscriptionId;
    this.reply = reply;
    this.#session = session;
    this.#queue = queue;
    this.#undo = request.action.replace('/subscribe', '/unsubscribe');
  }

  [Symbol.asyncIterator](): AsyncIterator<PushFrame> {
    return this.#queue;
  }

  /**
   * Makes another subscription a part of this one: they end together, and its pushes go to `sink`, by default to the
   * reader of this one.
   */
  adopt(part: OpenSubscription, sink: PushSink = this.#queue): void {
    if (this.#ending !== undefined || part.#session !== this.#session)
      return void part.unsubscribe().catch(() => undefined);
    this.#session.inbox.redirect(part.subscriptionId, sink);
    this.#parts.push(part);
  }

  unsubscribe(): Promise<void> {
    this.#ending ??= this.#end();
    return this.#ending;
  }

  /** Where the connection is over, so is the subscription (PROTOCOL.md 1.5). */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#session.isOver) return;
    await this.unsubscribe();
  }

  /** Pushes of the parts belong to the reader until they end, so the reader's queue ends last. */
  async #end(): Promise<void> {
    const parts = this.#parts.map((part) => part.#endOnServer());
    try {
      await Promise.all([this.#endOnServer(), ...parts]);
    } finally {
      for (const { subscriptionId } of this.#parts) this.#session.drop(subscriptionId);
      this.#session.drop(this.subscriptionId);
    }
  }

  async #endOnServer(): Promise<void> {
    await this.#session.ask(this.#undo, { subscriptionId: this.subscriptionId });
  }
}
