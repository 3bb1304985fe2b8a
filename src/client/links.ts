import { Failure } from '../errors.ts';
import type { PushFrame } from '../protocol/frames.ts';
import { Authentication } from './authentication.ts';
import { Call, type Recover } from './calls/call.ts';
import { nowMs } from './clock.ts';
import type { Closed, Credentials, Posting } from './contract.ts';
import { FleetCommon } from './fleetCommon.ts';
import { subscriptionLost } from './calls/failures.ts';
import type { Link, LinkListener, LinkOptions, Links } from './linkContract.ts';
import type { Hearer } from './calls/inbox.ts';
import { renewedFor } from './renewal.ts';
import { ClientSession } from './session.ts';
import { interrupted } from './wire/connectFailure.ts';
import { settingsOf, type ClientSettings, type Tuning } from './settings.ts';

/** A server's queue of connections that it has not accepted holds 511 by Node's default, and often fewer. */
const usualOpening = 256;

/**
 * Prepares links to a server; none is opened yet. Throws a `Failure` of kind `usage` if the URL is not a WebSocket's.
 */
export function fleetLinks(options: LinkOptions, tuning: Tuning = {}): Links {
  const { localAddresses = [], maxOpening = usualOpening, ...rest } = options;
  const settings = settingsOf(rest, tuning);
  const ways = localAddresses.map((localAddress) => ({ ...settings, localAddress }));
  const authentication = new Authentication(options.credentials ?? {});
  return new FleetLinks(ways.length === 0 ? [settings] : ways, maxOpening, authentication, new FleetCommon(settings));
}

class FleetLinks implements Links {
  readonly #ways: readonly ClientSettings[];
  readonly #maxOpening: number;
  readonly #authentication: Authentication;
  readonly #common: FleetCommon;
  /** The users that links have for themselves: a token that was renewed serves the next connection too. */
  readonly #own = new WeakMap<LinkListener, Authentication>();
  #queue: LinkListener[] = [];
  #opened = 0;
  #opening = 0;
  #isClosed = false;

  constructor(
    ways: readonly ClientSettings[],
    maxOpening: number,
    authentication: Authentication,
    common: FleetCommon,
  ) {
    this.#ways = ways;
    this.#common = common;
    this.#maxOpening = maxOpening;
    this.#authentication = authentication;
  }

  open(listener: LinkListener, credentials?: Credentials): void {
    if (credentials !== undefined && !this.#own.has(listener)) this.#own.set(listener, new Authentication(credentials));
    if (this.#opening < this.#maxOpening) void this.#open(listener);
    else this.#queue.push(listener);
  }

  close(): void {
    this.#isClosed = true;
    this.#queue = [];
  }

  async #open(listener: LinkListener): Promise<void> {
    this.#opening++;
    try {
      await this.#openOne(listener);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      if (!this.#isClosed) listener.onClosed(error);
    } finally {
      this.#opening--;
      this.#openNext();
    }
  }

  async #openOne(listener: LinkListener): Promise<void> {
    const settings = this.#ways[this.#opened++ % this.#ways.length] as ClientSettings;
    const startMs = nowMs();
    const session = await ClientSession.open(settings, this.#common);
    const openMs = nowMs();
    const authentication = this.#own.get(listener) ?? this.#authentication;
    // an expired token is renewed; the rest is the caller's
    const recover: Recover = (call, failure) => {
      if (!renewedFor(call, failure, authentication)) call.reject(failure);
    };
    const link = new OpenLink(session, listener, settings, recover);
    const { isAnonymous } = authentication;
    try {
      if (!isAnonymous) await authentication.authenticate(session);
      if (this.#isClosed) throw interrupted(`connecting to ${settings.peer}`);
    } catch (error) {
      link.close();
      throw error;
    }
    link.begin({ connectMs: openMs - startMs, authMs: isAnonymous ? null : nowMs() - openMs });
  }

  /** Those that came first go first. */
  #openNext(): void {
    if (this.#opening >= this.#maxOpening) return;
    const next = this.#queue.shift();
    if (next !== undefined) void this.#open(next);
  }
}

/** One session of a fleet and who hears of it. */
class OpenLink implements Link, Hearer {
  readonly #session: ClientSession;
  readonly #listener: LinkListener;
  readonly #settings: ClientSettings;
  readonly #recover: Recover;
  #closed: Closed | undefined;
  #isOpen = false;

  constructor(session: ClientSession, listener: LinkListener, settings: ClientSettings, recover: Recover) {
    this.#session = session;
    this.#listener = listener;
    this.#settings = settings;
    this.#recover = recover;
    session.tell(this);
  }

  get waitingBytes(): number {
    return this.#session.waitingBytes;
  }

  get accessToken(): string | undefined {
    return this.#session.accessToken;
  }

  /** From here on the listener hears of it; it may be lost already. */
  begin(timing: { readonly connectMs: number; readonly authMs: number | null }): void {
    this.#isOpen = true;
    if (this.#closed !== undefined) return this.onOver(this.#closed);
    this.#listener.onOpen(this, timing);
  }

  post(posting: Posting): void {
    this.#session.send(
      new Call(posting.action, this.#settings.timeoutMs, {
        wantedId: posting.requestId,
        recover: this.#recover,
        posting,
      }),
    );
  }

  close(): void {
    this.#isOpen = false;
    this.#session.end();
  }

  cut(): void {
    this.#session.cut();
  }

  onPush(push: PushFrame): void {
    if (this.#isOpen) this.#listener.onPush(push);
  }

  onOver(closed: Closed): void {
    this.#closed = closed;
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#listener.onClosed(subscriptionLost(this.#settings, closed));
  }
}
