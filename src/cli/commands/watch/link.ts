import { askBackend, type Connection, type Exchange, type Subscription } from '../../../client/index.ts';
import { Failure } from '../../../errors.ts';
import type { Frame, PushFrame } from '../../../protocol/frames.ts';
import { closeConversation, openConversation, type Conversation } from '../../target/conversation.ts';
import type { Io } from '../../terminal/io.ts';
import type { RequestSettings } from '../../target/settings.ts';
import { spokenDuration } from '../../../protocol/notation/spokenDuration.ts';
import { mayComeBack, pause, Pauses, Reasons } from './patience.ts';
import type { WatchPlan, WatchValues } from './plan.ts';
import { QuietWatch } from './quiet.ts';
import { momentOf, WatchProgress, ReplayCount, replayLimit, keptMs, serverNowMs, timestampOf } from './replay.ts';

/** How long a server may take to let a watcher go. */
const goodbyeMs = 1000;
const tickMs = 5000;
/** A replay may bring as many commands as the client keeps unread; the default is 20, and anything missing is lost. */
const generousLimit = 10_000;

/** One life of the subscription, on one connection. */
interface Life {
  readonly conversation: Conversation;
  readonly subscription: Subscription;
  /** Updates from before this moment, by the server's clock, were no part of the gap. */
  readonly fromMs: number | undefined;
  readonly replay: ReplayCount | undefined;
  /** What cannot be known since the life before. */
  readonly doubt?: string | undefined;
}

/**
 * A subscription that outlives its connections: it connects, authenticates and subscribes again, and asks for what it
 * missed.
 */
export class WatchLink {
  readonly #plan: WatchPlan;
  readonly #values: WatchValues;
  readonly #settings: RequestSettings;
  readonly #io: Io;
  readonly #progress = new WatchProgress(Date.now());
  readonly #quiet: QuietWatch;
  readonly #ticking: NodeJS.Timeout;
  #life: Life;
  #recovery: Promise<void> | undefined;
  /** Takes no more pushes. */
  #isFinished = false;
  /** Needs no more connections either. */
  #isClosed = false;
  #resubscribed: ((link: WatchLink) => void) | undefined;

  private constructor(plan: WatchPlan, values: WatchValues, settings: RequestSettings, io: Io, life: Life) {
    this.#plan = plan;
    this.#values = values;
    this.#settings = settings;
    this.#io = io;
    this.#life = life;
    this.#quiet = new QuietWatch(() => askBackend(this.conversation.connection), Date.now(), io);
    this.#ticking = setInterval(() => this.#tick(), tickMs).unref();
  }

  /**
   * Connects and subscribes; `--retry` counts. The signal of `io` ends everything, unsubscribing included. Throws a
   * `Failure`.
   */
  static async open(plan: WatchPlan, values: WatchValues, settings: RequestSettings, io: Io): Promise<WatchLink> {
    const conversation = await openConversation(values, settings, 'yes', io);
    try {
      const { payload, replay } = await beginning(plan, conversation.connection);
      const subscription = await conversation.connection.subscribe(plan.action, payload);
      return new WatchLink(plan, values, settings, io, { conversation, subscription, fromMs: undefined, replay });
    } catch (error) {
      await closeConversation(conversation);
      throw error;
    }
  }

  get conversation(): Conversation {
    return this.#life.conversation;
  }

  /** Whether there is no connection at the moment. */
  get isLost(): boolean {
    return this.#recovery !== undefined;
  }

  /** What a ready file says (cli.md 4). */
  get ready(): { readonly url: string; readonly subscriptionIds: readonly number[] } {
    return {
      url: this.#life.conversation.connection.url,
      subscriptionIds: [this.#life.subscription.subscriptionId],
    };
  }

  /** Is told of every new subscription after the first. */
  onResubscribed(tell: (link: WatchLink) => void): void {
    this.#resubscribed = tell;
  }

  /**
   * All pushes, repeated ones included, over all connections, until finished. Throws a `Failure`: `connect`, `auth`,
   * `generator`, …
   */
  async *pushes(): AsyncGenerator<PushFrame, void> {
    for (;;) {
      const life = this.#life;
      try {
        for await (const push of life.subscription) if (this.#isWanted(push, life)) yield push;
        return;
      } catch (error) {
        if (!isLost(error) || this.#isFinished) throw error;
        await this.#recovered(error, life);
      }
    }
  }

  /**
   * Sends a request that may be repeated without harm; where the connection is lost, over the next one. Throws as
   * `Connection.request` does.
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
   * Takes no more pushes and unsubscribes; the connection stays. Never throws: the end of the connection does the same.
   */
  async finish(): Promise<void> {
    this.#isFinished = true;
    if (this.isLost) return;
    let timer: NodeJS.Timeout | undefined;
    const enough = new Promise<void>((resolve) => (timer = setTimeout(resolve, goodbyeMs)));
    await Promise.race([this.#life.subscription.unsubscribe().catch(() => undefined), enough]);
    clearTimeout(timer);
  }

  async close(): Promise<void> {
    this.#isFinished = true;
    this.#isClosed = true;
    clearInterval(this.#ticking);
    await closeConversation(this.#life.conversation);
  }

  #tick(): void {
    this.#progress.tick(Date.now());
    if (this.#settings.probe && !this.isLost && !this.conversation.embedded) void this.#quiet.tick(Date.now());
  }

  #isWanted(push: PushFrame, { fromMs, replay }: Life): boolean {
    const momentMs = momentOf(push);
    if (fromMs !== undefined && momentMs !== undefined && momentMs < fromMs) return false;
    this.#progress.saw(push, Date.now());
    this.#quiet.heard(Date.now());
    if (replay?.isFull(push) === true) this.#io.warn(fullReplay(this.#plan, replay.limit));
    return true;
  }

  /** Whoever finds the connection lost first has it replaced; the others wait for that. */
  #recovered(lost: Failure, life: Life): Promise<void> {
    if (this.#life !== life) return Promise.resolve();
    this.#recovery ??= this.#recover(lost).finally(() => (this.#recovery = undefined));
    return this.#recovery;
  }

  async #recover(lost: Failure): Promise<void> {
    const lostAtMs = Date.now();
    const { embedded, connection } = this.conversation;
    if (embedded) throw lost;
    const { reconnectMs } = this.#plan;
    const howLong = reconnectMs === Infinity ? 'until it is there again' : `for up to ${spokenDuration(reconnectMs)}`;
    this.#io.note(`${lost.message}; connecting again ${howLong}`);
    await connection.close();
    const pauses = new Pauses(lostAtMs + reconnectMs);
    const reasons = new Reasons(lostAtMs, this.#io);
    do {
      try {
        return await this.#reopen(lostAtMs, pauses.leftMs);
      } catch (error) {
        if (!mayComeBack(error) || this.#isClosed) throw error;
        reasons.add(error, pauses.areOver);
        await pause(pauses.nextMs());
      }
    } while (!pauses.areOver);
    throw notRecovered(lost, reasons.last, this.#plan);
  }

  async #reopen(lostAtMs: number, leftMs: number): Promise<void> {
    const connectTimeoutMs = Math.min(this.#settings.connectTimeoutMs, leftMs);
    const timeoutMs = Math.min(this.#settings.timeoutMs, leftMs);
    const settings = { ...this.#settings, retries: 0, connectTimeoutMs, timeoutMs };
    const conversation = await openConversation(this.#values, settings, 'yes', this.#io);
    try {
      if (this.#isClosed) throw interrupted();
      // Once finished, the connection serves only to report what is left.
      if (this.#isFinished) this.#life = { ...this.#life, conversation };
      else this.#life = await this.#resume(conversation, lostAtMs);
    } catch (error) {
      await closeConversation(conversation);
      throw error;
    }
    if (this.#isFinished) return;
    this.#progress.resumed(Date.now());
    this.#quiet.heard(Date.now());
    this.#resubscribed?.(this);
    this.#tellResumed(Date.now() - lostAtMs);
  }

  /** Subscribes from where the last connection ended, and says what cannot be known. */
  async #resume(conversation: Conversation, lostAtMs: number): Promise<Life> {
    const { connection } = conversation;
    const { action, payload, isUpdates } = this.#plan;
    const serverMs = await serverNowMs(connection);
    const nowMs = Date.now();
    const { fromMs, lengthMs } = this.#progress.gap(lostAtMs, nowMs, serverMs - nowMs);
    const isReplayed = payload['deviceId'] !== undefined;
    // Updates are replayed by the time of their insert (PROTOCOL.md 5.6), which may be long before the gap.
    const timestamp = timestampOf(isUpdates ? 0 : fromMs);
    const limit = action === 'command/subscribe' ? { limit: generousLimit } : {};
    const request = isReplayed ? { ...payload, timestamp, ...limit } : payload;
    const subscription = await connection.subscribe(action, request);
    return {
      conversation,
      subscription,
      fromMs: isReplayed && isUpdates ? fromMs : undefined,
      replay: isReplayed ? new ReplayCount(serverMs, replayLimit(action, request)) : undefined,
      doubt: doubtAbout(isReplayed, lengthMs),
    };
  }

  #tellResumed(awayMs: number): void {
    const { conversation, doubt } = this.#life;
    const back = `connected again to ${conversation.connection.url} after ${spokenDuration(awayMs)}`;
    if (doubt === undefined) this.#io.note(`${back}; what was missed is replayed`);
    else this.#io.warn(`${back}; pushes may have been lost: ${doubt}`);
  }
}

function doubtAbout(isReplayed: boolean, gapMs: number): string | undefined {
  if (!isReplayed) return 'DeviceHive replays only for one device (--device)';
  if (gapMs <= keptMs) return undefined;
  return `nothing was heard for ${spokenDuration(gapMs)}, and DeviceHive keeps pushes for ${spokenDuration(keptMs)}`;
}

/** The first subscribe: with `--since`, a time by the server's own clock. */
async function beginning(
  { action, payload, since }: WatchPlan,
  connection: Connection,
): Promise<{ readonly payload: Frame; readonly replay: ReplayCount | undefined }> {
  if (since === undefined) return { payload, replay: undefined };
  const nowMs = await serverNowMs(connection);
  const timestamp = since.kind === 'at' ? since.timestamp : timestampOf(nowMs - since.ms);
  return { payload: { ...payload, timestamp }, replay: new ReplayCount(nowMs, replayLimit(action, payload)) };
}

function fullReplay({ action }: WatchPlan, limit: number): string {
  const more = action === 'command/subscribe' && limit < generousLimit ? ': --limit allows more' : '';
  return `the server replays at most ${limit} ${action.split('/')[0] ?? ''}s, and that many came; older ones may have been lost${more}`;
}

function interrupted(): Failure {
  return new Failure('interrupted', 'the watch has ended');
}

function isLost(error: unknown): error is Failure {
  return error instanceof Failure && error.kind === 'connect';
}

function notRecovered(lost: Failure, last: Failure | undefined, { payload, reconnectMs }: WatchPlan): Failure {
  const why = last === undefined ? '' : `: ${last.message}`;
  const mayReplay = payload['deviceId'] !== undefined && payload['timestamp'] === undefined;
  const again = mayReplay ? '; then watch again with --since, so that nothing is missed that it still keeps' : '';
  return new Failure('connect', `${lost.message}; not connected again within ${spokenDuration(reconnectMs)}${why}`, {
    hint: `Check the server${again}. A longer --reconnect, or --reconnect forever, outlasts a longer restart.`,
    serverState: last?.serverState,
    cause: last,
  });
}
