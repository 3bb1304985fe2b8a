import { setMaxListeners } from 'node:events';
import { Failure } from '../errors.ts';
import type { Frame, SubscribeAction } from '../protocol/frames.ts';
import { Authentication } from './authentication.ts';
import { Call, type CallSession } from './calls/call.ts';
import { nowMs } from './clock.ts';
import type {
  Closed,
  ConnectOptions,
  Connection,
  Exchange,
  Posting,
  RequestOptions,
  SubscribeOptions,
  Subscription,
} from './contract.ts';
import { closedHere } from './calls/failures.ts';
import { renewedFor } from './renewal.ts';
import { BackOff, isPassing, isRepeatable } from './wire/backOff.ts';
import { ClientSession } from './session.ts';
import { missingLists } from '../protocol/reach.ts';
import { settingsOf, type ClientSettings, type Tuning } from './settings.ts';
import { interrupted } from './wire/connectFailure.ts';
import { subscriptionOf, type OpenSubscription } from './subscription.ts';

interface OpenedSession {
  readonly session: ClientSession;
  readonly connectMs: number;
  readonly authMs: number | null;
}

/**
 * Connects to a DeviceHive server and, with credentials, authenticates (PROTOCOL.md 1.1, 4.4). Throws a `Failure`:
 * `connect`, `auth`, `timeout` (an unanswered `authenticate`), `refused`, `interrupted`, or `usage` (the URL, proxy or
 * certificate authority cannot be used).
 */
export async function connect(options: ConnectOptions, tuning: Tuning = {}): Promise<Connection> {
  const settings = settingsOf(options, tuning);
  // Many connections and requests may listen to one signal.
  if (settings.signal !== undefined) setMaxListeners(0, settings.signal);
  const opener = new Opener(settings);
  return new LiveConnection(settings, opener, await opener.openPatiently());
}

/** Opens authenticated sessions. */
class Opener {
  readonly backOff: BackOff;
  readonly authentication: Authentication;
  readonly #settings: ClientSettings;

  constructor(settings: ClientSettings) {
    this.#settings = settings;
    this.backOff = new BackOff(settings.backOffMs);
    this.authentication = new Authentication(settings.credentials ?? {});
  }

  async open(): Promise<OpenedSession> {
    const startMs = nowMs();
    const session = await ClientSession.open(this.#settings);
    const openMs = nowMs();
    const isAnonymous = this.authentication.isAnonymous;
    try {
      if (!isAnonymous) await this.authentication.authenticate(session);
    } catch (error) {
      session.end();
      throw error;
    }
    return { session, connectMs: openMs - startMs, authMs: isAnonymous ? null : nowMs() - openMs };
  }

  /** Tries as often as `retries` allows. */
  async openPatiently(): Promise<OpenedSession> {
    const { signal, retries, peer } = this.#settings;
    const stop = () => this.backOff.stop(interrupted(`connecting to ${peer}`));
    signal?.addEventListener('abort', stop, { once: true });
    try {
      for (let number = 1; ; number++) {
        try {
          return await this.open();
        } catch (error) {
          if (number > retries || !isPassing(error)) throw error;
          await this.backOff.pause(number);
        }
      }
    } finally {
      signal?.removeEventListener('abort', stop);
    }
  }
}

class LiveConnection implements Connection {
  readonly url: string;
  readonly timing: Connection['timing'];
  readonly closed: Promise<Closed>;
  readonly #settings: ClientSettings;
  readonly #opener: Opener;
  /** All open sessions: the last takes requests, earlier ones finish what they have. */
  readonly #sessions = new Set<ClientSession>();
  #session: ClientSession;
  #renewal: Promise<ClientSession> | undefined;
  #isClosed = false;
  #lastClosed: Closed | undefined;
  #resolveClosed!: (closed: Closed) => void;

  constructor(settings: ClientSettings, opener: Opener, { session, connectMs, authMs }: OpenedSession) {
    this.url = settings.place.url;
    this.timing = { connectMs, authMs };
    this.#settings = settings;
    this.#opener = opener;
    this.closed = new Promise((resolve) => (this.#resolveClosed = resolve));
    this.#session = session;
    this.#adopt(session);
    settings.signal?.addEventListener('abort', this.#interrupt, { once: true });
  }

  request(action: string, payload: Frame, options?: RequestOptions): Promise<Exchange<never>> {
    const call = this.#callFor(action, payload, options);
    this.#start(call);
    return call.promise as Promise<Exchange<never>>;
  }

  post(posting: Posting): void {
    const { action, requestId } = posting;
    this.#start(new Call(action, this.#settings.timeoutMs, { wantedId: requestId, recover: this.#recover, posting }));
  }

  async subscribe(action: SubscribeAction, payload: Frame, options?: SubscribeOptions): Promise<Subscription<never>> {
    const { accessToken } = this.#session;
    const isWide = options?.asGiven !== true && missingLists(payload, accessToken).length > 0;
    const subscribed = isWide
      ? this.#subscribeWide(accessToken, action, payload, options)
      : this.#subscribeAsGiven(action, payload, options);
    return (await subscribed) as Subscription<never>;
  }

  async #subscribeAsGiven(action: string, payload: Frame, options?: RequestOptions): Promise<OpenSubscription> {
    const call = this.#callFor(action, payload, options);
    call.subscribes = true;
    this.#start(call);
    const exchange = await call.promise;
    const { session } = call;
    return subscriptionOf(session instanceof ClientSession ? session : undefined, exchange);
  }

  async #subscribeWide(
    accessToken: string | undefined,
    action: SubscribeAction,
    payload: Frame,
    options: RequestOptions = {},
  ): Promise<OpenSubscription> {
    const { requestId: _requestId, ...others } = options;
    const { subscribeWide } = await import('./wideSubscription.ts');
    return subscribeWide(action, payload, {
      accessToken,
      ask: async (question, fields) => (await this.request(question, fields, others)).reply,
      subscribe: (fields) => this.#subscribeAsGiven(action, fields, options),
      subscribeBesides: (name, fields) => this.#subscribeAsGiven(name, fields, others),
    });
  }

  close(): Promise<void> {
    if (!this.#isClosed) {
      this.#isClosed = true;
      this.#settings.signal?.removeEventListener('abort', this.#interrupt);
      this.#opener.backOff.stop(new Failure('connect', `the connection to ${this.#settings.peer} is closed`));
      for (const session of this.#sessions) session.end();
      this.#resolveClosed({ code: 1000, reason: '' });
    }
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #callFor(action: string, payload: Frame, options: RequestOptions | undefined): Call {
    const timeoutMs = options?.timeoutMs ?? this.#settings.timeoutMs;
    const call = new Call(action, timeoutMs, { payload, wantedId: options?.requestId, recover: this.#recover });
    if (options?.signal !== undefined) call.watch(options.signal, () => interrupted(action));
    return call;
  }

  #start(call: Call): void {
    if (this.#isClosed) call.reject(closedHere(call, this.#settings));
    else if (this.#settings.signal?.aborted === true) call.reject(interrupted(call.action));
    else this.#session.send(call);
  }

  /** An expired token is renewed; a passing trouble is met with a fresh connection; the rest is the caller's. */
  readonly #recover = (call: Call, failure: Failure): void => {
    if (renewedFor(call, failure, this.#opener.authentication)) return;
    if (this.#mayRepeat(call, failure)) void this.#repeat(call, failure);
    else call.reject(failure);
  };

  /** A request that was never sent may be sent; one that was sent, only if it does no harm. */
  #mayRepeat(call: Call, failure: Failure): boolean {
    if (this.#isClosed || call.repeats >= this.#settings.retries || !isPassing(failure)) return false;
    return !call.wasSent || isRepeatable(call.action);
  }

  async #repeat(call: Call, failure: unknown): Promise<void> {
    const failed = call.session ?? this.#session;
    let last = failure;
    while (call.repeats < this.#settings.retries && isPassing(last) && !this.#isClosed && !call.isOver) {
      call.repeats++;
      try {
        await this.#opener.backOff.pause(call.repeats);
        const session = await this.#freshSession(failed);
        return session.send(call);
      } catch (error) {
        last = error;
      }
    }
    if (!call.isOver) call.reject(last);
    this.#concludeWhenLost();
  }

  /** A session other than the one that failed, opened once for all who need it. */
  #freshSession(failed: CallSession): Promise<ClientSession> {
    if (this.#session !== failed && !this.#session.isOver) return Promise.resolve(this.#session);
    this.#renewal ??= this.#reopen().finally(() => (this.#renewal = undefined));
    return this.#renewal;
  }

  async #reopen(): Promise<ClientSession> {
    const { session } = await this.#opener.open();
    if (this.#isClosed) session.end();
    else {
      this.#session.retire();
      this.#session = session;
      this.#adopt(session);
    }
    return session;
  }

  #adopt(session: ClientSession): void {
    const { backOff } = this.#opener;
    this.#sessions.add(session);
    backOff.opened(nowMs());
    session.tell({
      onOver: (closed) => {
        if (session === this.#session) backOff.lost(nowMs());
        this.#sessions.delete(session);
        this.#lastClosed = closed;
        // By then the calls that failed with it are on their way to a fresh one.
        setImmediate(() => this.#concludeWhenLost());
      },
    });
  }

  /** A lost session ends the connection, unless a fresh one takes its place. */
  #concludeWhenLost(): void {
    const isComingBack = this.#opener.backOff.isWaiting || this.#renewal !== undefined;
    if (this.#session.isOver && !isComingBack && this.#lastClosed !== undefined) this.#resolveClosed(this.#lastClosed);
  }

  readonly #interrupt = (): void => {
    this.#opener.backOff.stop(interrupted(`the conversation with ${this.#settings.peer}`));
  };
}
