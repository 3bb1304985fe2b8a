import { Tries, type Closed, type Exchange, type Subscription } from '../../../client/index.ts';
import { Failure } from '../../../errors.ts';
import type { Frame, PushFrame, SubscribeAction } from '../../../protocol/frames.ts';
import { closeConversation, openConversation, type Conversation } from '../../target/conversation.ts';
import type { TargetContext } from '../../target/context.ts';
import { pause } from '../../terminal/waiting/pause.ts';

/** The first pause before a lost connection is made again, in ms. */
const firstPauseMs = 100;

/** A subscription that is renewed on each new connection. */
interface Kept {
  readonly action: SubscribeAction;
  readonly payload: Frame;
  current: Subscription;
}

/** Receives pushes, and the end. */
export interface SessionListener {
  onPush(push: PushFrame): void;
  /** The connection is lost for good. */
  onEnd(failure: Failure): void;
}

/**
 * One authenticated connection, made again with its subscriptions when it is lost. Pushes during the gap are not
 * replayed.
 */
export class KeptSession {
  readonly #context: TargetContext;
  readonly #listener: SessionListener;
  readonly #kept = new Set<Kept>();
  readonly #tries = new Tries(firstPauseMs);
  readonly #closing = new AbortController();
  #conversation: Conversation;
  #recovery: Promise<void> | undefined;

  private constructor(conversation: Conversation, context: TargetContext, listener: SessionListener) {
    this.#context = context;
    this.#listener = listener;
    this.#conversation = conversation;
    this.#adopt(conversation);
  }

  /** Connects and authenticates. Throws a `Failure`. */
  static async open(context: TargetContext, listener: SessionListener): Promise<KeptSession> {
    return new KeptSession(await openConversation('maybe', context), context, listener);
  }

  get conversation(): Conversation {
    return this.#conversation;
  }

  /** Sends a request, once there is a connection. Throws as `Connection.request` does. */
  async request(action: string, payload: Frame, requestId: unknown): Promise<Exchange> {
    await this.#recovery;
    return this.#conversation.connection.request(action, payload, requestId === undefined ? {} : { requestId });
  }

  /** Subscribes, now and after every loss. Throws as `Connection.subscribe` does. */
  async subscribe(action: SubscribeAction, payload: Frame, requestId?: unknown): Promise<Subscription> {
    await this.#recovery;
    const { connection } = this.#conversation;
    const current = await connection.subscribe(action, payload, requestId === undefined ? {} : { requestId });
    const kept = { action, payload, current };
    this.#kept.add(kept);
    void this.#read(kept);
    return current;
  }

  /** Ends the subscriptions that `isMeant` selects. Returns how many there were. Throws if the server refuses. */
  async unsubscribe(isMeant: (kept: Pick<Kept, 'payload' | 'current'>) => boolean): Promise<number> {
    await this.#recovery;
    const meant = [...this.#kept].filter(isMeant);
    for (const kept of meant) this.#kept.delete(kept);
    await Promise.all(meant.map(({ current }) => current.unsubscribe()));
    return meant.length;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await closeConversation(this.#conversation);
  }

  #adopt(conversation: Conversation): void {
    this.#conversation = conversation;
    this.#tries.opened(performance.now());
    void conversation.connection.closed.then((closed) => {
      if (this.#closing.signal.aborted || this.#conversation !== conversation) return;
      this.#recovery ??= this.#recover(closed)
        .catch((error: unknown) => this.#listener.onEnd(error as Failure))
        .finally(() => (this.#recovery = undefined));
    });
  }

  /** Reads the pushes of one subscription. A lost connection is reported once, by the reconnection. */
  async #read(kept: Kept): Promise<void> {
    try {
      for await (const push of kept.current) this.#listener.onPush(push);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      if (error.kind !== 'connect' && error.kind !== 'interrupted') this.#listener.onEnd(error);
    }
  }

  /** Connects again until it succeeds, or fails for another reason than the network. */
  async #recover({ code, reason }: Closed): Promise<void> {
    const { io } = this.#context;
    const { embedded, connection } = this.#conversation;
    const why = `the connection to ${connection.url} was lost (close code ${code}${reason === '' ? '' : `: ${reason}`})`;
    if (embedded) throw new Failure('connect', why);
    const isFirst = this.#tries.lost(performance.now()) || this.#tries.count === 0;
    if (isFirst) io.note(`${why}; connecting again until it succeeds`);
    for (;;) {
      await pause(this.#tries.next(), this.#closing.signal, 'the session has ended');
      try {
        const conversation = await openConversation('maybe', this.#context);
        if (this.#closing.signal.aborted) return await closeConversation(conversation);
        this.#adopt(conversation);
        await this.#subscribeAgain(conversation);
        return io.note(`connected again to ${conversation.connection.url}; pushes meanwhile are not shown`);
      } catch (error) {
        const mayPass = error instanceof Failure && (error.kind === 'connect' || error.kind === 'timeout');
        if (!mayPass || this.#closing.signal.aborted) throw error;
      }
    }
  }

  async #subscribeAgain({ connection }: Conversation): Promise<void> {
    for (const kept of this.#kept) {
      kept.current = await connection.subscribe(kept.action, kept.payload);
      void this.#read(kept);
    }
  }
}
