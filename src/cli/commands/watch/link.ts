import { setTimeout as sleep } from 'node:timers/promises';
import { askBackend, type Exchange, type Subscription } from '../../../client/index.ts';
import type { Failure } from '../../../errors.ts';
import type { Frame, PushFrame } from '../../../protocol/frames.ts';
import { closeConversation, openConversation, type Conversation } from '../../target/conversation.ts';
import type { Io } from '../../terminal/io.ts';
import { spokenDuration } from '../../../protocol/notation/spokenDuration.ts';
import { doubtAbout, isLost, Losses, mayComeBack, notRecovered, Reasons, watchEnded } from './patience.ts';
import type { WatchPlan, WatchValues } from './plan.ts';
import { QuietWatch } from './quiet.ts';
import { beginningOf, firstSubscribe, missedPushes, withoutReplay } from './missed.ts';
import { cutText } from '../../terminal/safeText.ts';
import { SteadyClock } from '../../terminal/steadyClock.ts';
import { DeviceLooks, devicesMadeAnew } from './remade.ts';
import { merged, partsOf, subscribeParts } from './subscriptions.ts';
import { WatchProgress, serverNowMs } from './replay.ts';
import type { TargetContext } from '../../target/context.ts';

/** How long unsubscribing may take, in ms. */
const goodbyeMs = 1000;
const tickMs = 5000;

/** The subscriptions on one connection. */
interface Life {
  readonly conversation: Conversation;
  /** One for each named device, or one for all. */
  readonly subscriptions: readonly Subscription[];
  /** Missed pushes are to be read from this time on, in ms since 1970 by the server's clock; undefined for none. */
  readonly sinceMs: number | undefined;
  /** The most missed pushes to read. */
  readonly limit?: number | undefined;
  /** Why pushes of the gap before may be lost. */
  readonly doubt?: string | undefined;
}

/**
 * A subscription that outlives its connections: it connects, authenticates and subscribes again, and reads what it
 * missed.
 */
export class WatchLink {
  readonly #plan: WatchPlan;
  readonly #context: TargetContext<WatchValues>;
  readonly #io: Io;
  readonly #clock = new SteadyClock();
  readonly #progress = new WatchProgress(this.#clock.nowMs());
  readonly #quiet: QuietWatch;
  readonly #looks: DeviceLooks;
  readonly #ticking: NodeJS.Timeout;
  #life: Life;
  #subscribedAtMs = this.#clock.nowMs();
  readonly #losses: Losses;
  /** Reports that the connection is back; called once it lasts. */
  #tellLater: (() => void) | undefined;
  #recovery: Promise<void> | undefined;
  /** True if it takes no more pushes. */
  #isFinished = false;
  /** True if it needs no more connections either. */
  #isClosed = false;
  #resubscribed: ((link: WatchLink) => void) | undefined;

  private constructor(plan: WatchPlan, context: TargetContext<WatchValues>, life: Life) {
    this.#plan = plan;
    this.#context = context;
    this.#io = context.io;
    this.#life = life;
    this.#losses = new Losses(plan.reconnectMs, this.#clock);
    const nowMs = this.#clock.nowMs();
    this.#losses.connected(nowMs);
    this.#quiet = new QuietWatch(() => askBackend(this.conversation.connection), nowMs, context.io);
    this.#looks = new DeviceLooks((ids) => this.#lookAt(ids), plan.payloads, nowMs);
    this.#ticking = setInterval(() => this.#tick(), tickMs).unref();
  }

  /**
   * Connects and subscribes, trying as often as `--retry` says. The signal of `io` ends everything, unsubscribing
   * included. Throws a `Failure`.
   */
  static async open(plan: WatchPlan, context: TargetContext<WatchValues>): Promise<WatchLink> {
    const conversation = await openConversation('yes', context);
    try {
      const { connection } = conversation;
      const sinceMs = await beginningOf(plan, connection);
      const subscriptions = await subscribeParts(plan, connection, firstSubscribe);
      const limit = typeof plan.payload['limit'] === 'number' ? plan.payload['limit'] : undefined;
      return new WatchLink(plan, context, { conversation, subscriptions, sinceMs, limit });
    } catch (error) {
      await closeConversation(conversation);
      throw error;
    }
  }

  get conversation(): Conversation {
    return this.#life.conversation;
  }

  /** True if there is no connection at the moment. */
  get isLost(): boolean {
    return this.#recovery !== undefined;
  }

  /** The content of a ready file. */
  get ready(): { readonly url: string; readonly subscriptionIds: readonly number[] } {
    return {
      url: this.#life.conversation.connection.url,
      subscriptionIds: this.#life.subscriptions.map(({ subscriptionId }) => subscriptionId),
    };
  }

  /** Sets a function to call after every later subscription. */
  onResubscribed(tell: (link: WatchLink) => void): void {
    this.#resubscribed = tell;
  }

  /**
   * Yields all pushes of all connections, repeated ones included, until finished. Throws a `Failure`: `connect`,
   * `auth`, `generator`, …
   */
  async *pushes(): AsyncGenerator<PushFrame, void> {
    for (;;) {
      const life = this.#life;
      try {
        yield* this.#missed(life);
        for await (const push of merged(life.subscriptions)) {
          const nowMs = this.#clock.nowMs();
          this.#progress.saw(push, nowMs);
          this.#quiet.heard(nowMs);
          this.#looks.heard(push, nowMs);
          yield push;
        }
        if (this.#life === life) return;
      } catch (error) {
        if (!isLost(error) || this.#isFinished) throw error;
        await this.#recovered(error, life);
      }
    }
  }

  /**
   * Sends a request that is safe to repeat; after a lost connection, over the next one. Throws as `Connection.request`
   * does.
   */
  async request(action: string, payload: Frame, mayReconnect: () => boolean): Promise<Exchange> {
    for (;;) {
      const life = this.#life;
      try {
        return await life.conversation.connection.request(action, payload);
      } catch (error) {
        if (!isLost(error) || !mayReconnect()) throw error;
        await this.#recovered(error, life);
      }
    }
  }

  /**
   * Takes no more pushes and unsubscribes; keeps the connection. Never throws: the end of the connection has the same
   * effect.
   */
  async finish(): Promise<void> {
    this.#isFinished = true;
    if (this.isLost) return;
    let timer: NodeJS.Timeout | undefined;
    const enough = new Promise<void>((resolve) => (timer = setTimeout(resolve, goodbyeMs)));
    const ended = this.#life.subscriptions.map((subscription) => subscription.unsubscribe());
    await Promise.race([Promise.allSettled(ended), enough]);
    clearTimeout(timer);
  }

  async close(): Promise<void> {
    this.#isFinished = true;
    this.#isClosed = true;
    clearInterval(this.#ticking);
    await closeConversation(this.#life.conversation);
  }

  #tick(): void {
    const nowMs = this.#clock.nowMs();
    this.#progress.tick(nowMs);
    if (this.isLost) return;
    if (this.#losses.isOver(nowMs)) this.#tellLater?.();
    if (!this.#context.settings.probe || this.conversation.embedded) return;
    void this.#quiet.tick(nowMs);
    void this.#looks.tick(nowMs);
  }

  /** Subscribes again if a device was deleted and created anew. */
  async #lookAt(deviceIds: readonly string[]): Promise<void> {
    const life = this.#life;
    const nowMs = this.#clock.nowMs();
    const remade = await devicesMadeAnew(life.conversation.connection, deviceIds, nowMs - this.#subscribedAtMs);
    if (remade.length === 0 || this.#life !== life || this.#isFinished) return;
    this.#life = await this.#resume(life.conversation, this.#subscribedAtMs);
    this.#subscribedAtMs = nowMs;
    await Promise.all(life.subscriptions.map((each) => each.unsubscribe().catch(() => undefined)));
    const names = cutText(remade.join(', '));
    this.#io.note(`${names}: deleted and made anew; subscribed again, and what was missed is replayed`);
    this.#resubscribed?.(this);
  }

  /** Yields the pushes missed before this life; all count as seen at its end, because they come in any order. */
  async *#missed({ conversation, subscriptions, sinceMs, limit }: Life): AsyncGenerator<PushFrame, void> {
    if (sinceMs === undefined) return;
    const { connection } = conversation;
    const came: PushFrame[] = [];
    for (const [index, part] of partsOf(this.#plan).entries()) {
      const subscriptionId = subscriptions[index]?.subscriptionId ?? 0;
      for await (const push of missedPushes(part, { connection, subscriptionId, sinceMs, limit }, this.#io)) {
        came.push(push);
        yield push;
      }
    }
    for (const push of came) this.#progress.saw(push, this.#clock.nowMs());
  }

  /** Replaces a lost connection. The first caller to notice the loss starts that; others wait for it. */
  #recovered(lost: Failure, life: Life): Promise<void> {
    if (this.#life !== life) return Promise.resolve();
    this.#recovery ??= this.#recover(lost).finally(() => (this.#recovery = undefined));
    return this.#recovery;
  }

  async #recover(lost: Failure): Promise<void> {
    const lostAtMs = this.#clock.nowMs();
    const { embedded, connection } = this.conversation;
    if (embedded) throw lost;
    const losses = this.#losses;
    losses.lost(lostAtMs);
    this.#tellLoss(lost);
    await connection.close();
    const reasons = new Reasons(lostAtMs, this.#clock, this.#io);
    while (!losses.areOver) {
      await sleep(losses.pauseMs());
      try {
        return await this.#reopen(lostAtMs, losses.leftMs);
      } catch (error) {
        if (!mayComeBack(error) || this.#isClosed) throw error;
        reasons.add(error, losses.areOver);
      }
    }
    throw notRecovered(lost, reasons.last, this.#plan);
  }

  /** Reports the first loss of a series, and once more if a new connection is lost again. */
  #tellLoss({ message }: Failure): void {
    const { reconnectMs } = this.#plan;
    const howLong = reconnectMs === Infinity ? 'until it is there again' : `for up to ${spokenDuration(reconnectMs)}`;
    const { count } = this.#losses;
    if (count === 1) this.#io.note(`${message}; connecting again ${howLong}`);
    if (count === 2) this.#io.note(`${message} again; connecting again with growing pauses, until it lasts`);
  }

  async #reopen(lostAtMs: number, leftMs: number): Promise<void> {
    const connectTimeoutMs = Math.min(this.#context.settings.connectTimeoutMs, leftMs);
    const timeoutMs = Math.min(this.#context.settings.timeoutMs, leftMs);
    const settings = { ...this.#context.settings, retries: 0, connectTimeoutMs, timeoutMs };
    const conversation = await openConversation('yes', { ...this.#context, settings });
    try {
      if (this.#isClosed) throw watchEnded();
      // once finished, the connection serves only to report the remaining results
      if (this.#isFinished) this.#life = { ...this.#life, conversation };
      else this.#life = await this.#resume(conversation, lostAtMs);
    } catch (error) {
      await closeConversation(conversation);
      throw error;
    }
    if (this.#isFinished) return;
    this.#subscribedAtMs = this.#clock.nowMs();
    this.#losses.connected(this.#subscribedAtMs);
    this.#progress.resumed(this.#subscribedAtMs);
    this.#quiet.heard(this.#subscribedAtMs);
    this.#resubscribed?.(this);
    this.#tellResumed(this.#subscribedAtMs - lostAtMs);
  }

  /** Subscribes again, noting since when pushes are missing and why some may be lost. */
  async #resume(conversation: Conversation, lostAtMs: number): Promise<Life> {
    const { connection } = conversation;
    const { payload } = this.#plan;
    const serverMs = await serverNowMs(connection);
    const nowMs = this.#clock.nowMs();
    const { fromMs, lengthMs } = this.#progress.gap(lostAtMs, nowMs, serverMs - nowMs);
    const isKept = payload['deviceId'] !== undefined;
    const subscriptions = await subscribeParts(this.#plan, connection, withoutReplay);
    return { conversation, subscriptions, sinceMs: isKept ? fromMs : undefined, doubt: doubtAbout(isKept, lengthMs) };
  }

  /** Reports a new connection; within a series of losses only once it lasts. */
  #tellResumed(awayMs: number): void {
    if (this.#losses.count > 1) this.#tellLater = () => this.#sayResumed(awayMs);
    else this.#sayResumed(awayMs);
  }

  #sayResumed(awayMs: number): void {
    this.#tellLater = undefined;
    const { conversation, doubt } = this.#life;
    const back = `connected again to ${conversation.connection.url} after ${spokenDuration(awayMs)}`;
    if (doubt === undefined) this.#io.note(`${back}; what was missed is replayed`);
    else this.#io.warn(`${back}; pushes may have been lost: ${doubt}`);
  }
}
