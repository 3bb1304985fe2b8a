import { Failure } from '../errors.ts';
import { isNearEnd } from '../protocol/tokens.ts';
import type { Credentials } from './contract.ts';
import { isExpiry } from './calls/failures.ts';
import type { ClientSession } from './session.ts';

/**
 * Keeps the tokens of one user and makes sessions act as that user; new tokens are got once for all of them
 * (PROTOCOL.md 4.4, 4.5, 4.7).
 */
export class Authentication {
  readonly #credentials: Credentials;
  #accessToken: string | undefined;
  #refreshToken: string | undefined;
  /** Counts the access tokens. */
  #tokenNumber = 1;
  readonly #renewals = new WeakMap<ClientSession, Promise<void>>();
  /** New tokens are on their way, over one session for all. */
  #obtaining: Promise<void> | undefined;

  constructor(credentials: Credentials) {
    this.#credentials = credentials;
    this.#accessToken = credentials.accessToken;
    this.#refreshToken = credentials.refreshToken;
  }

  /** Without a token, and without what leads to one, the session stays anonymous. */
  get isAnonymous(): boolean {
    return this.#accessToken === undefined && !this.canRenew;
  }

  /** Whether a new access token can be had. */
  get canRenew(): boolean {
    return this.#refreshToken !== undefined || this.#canLogIn;
  }

  get #canLogIn(): boolean {
    return this.#credentials.login !== undefined && this.#credentials.password !== undefined;
  }

  /**
   * Authenticates a new session; an expired token is renewed where that is possible. Throws a `Failure`: `auth`,
   * `refused`, `timeout` or `connect`.
   */
  async authenticate(session: ClientSession): Promise<void> {
    const isFresh = this.#accessToken === undefined;
    if (isFresh) await this.#obtain(session);
    else if (this.#refreshToken !== undefined && isNearEnd(this.#accessToken ?? '', Date.now()))
      await this.#refreshEarly(session);
    const token = this.#accessToken;
    try {
      await this.#bind(session);
    } catch (error) {
      if (!(error instanceof Failure) || !isExpiry(error) || isFresh || !this.canRenew) throw error;
      if (this.#accessToken === token) await this.renew(session);
      else await this.#bind(session);
    }
  }

  /** Gets a new access token and authenticates again, once for all who ask meanwhile. Throws as `authenticate` does. */
  renew(session: ClientSession): Promise<void> {
    let renewal = this.#renewals.get(session);
    if (renewal === undefined) {
      renewal = this.#renewed(session).finally(() => this.#renewals.delete(session));
      this.#renewals.set(session, renewal);
    }
    return renewal;
  }

  /** Another session may have got a new token since this one was authenticated. */
  async #renewed(session: ClientSession): Promise<void> {
    const isNews = session.authentication !== 0 && session.authentication !== this.#tokenNumber;
    if (!isNews) await this.#obtain(session);
    await this.#bind(session);
  }

  async #bind(session: ClientSession): Promise<void> {
    const number = this.#tokenNumber;
    await session.ask('authenticate', { token: this.#accessToken });
    session.authentication = number;
  }

  /** The token may still do: only the server says whether it has expired. */
  async #refreshEarly(session: ClientSession): Promise<void> {
    try {
      await this.#once(() => this.#refresh(session));
    } catch (error) {
      if (!(error instanceof Failure) || error.reply === undefined) throw error;
    }
  }

  #obtain(session: ClientSession): Promise<void> {
    return this.#once(() => this.#refreshOrLogIn(session));
  }

  /** Waits for what is on its way already; where the session that it came over was lost, another one fetches it. */
  async #once(fetch: () => Promise<void>): Promise<void> {
    while (this.#obtaining !== undefined) {
      try {
        return await this.#obtaining;
      } catch (error) {
        if (!(error instanceof Failure) || error.kind !== 'connect') throw error;
      }
    }
    this.#obtaining = fetch().finally(() => (this.#obtaining = undefined));
    return this.#obtaining;
  }

  async #refreshOrLogIn(session: ClientSession): Promise<void> {
    if (this.#refreshToken === undefined) return this.#logIn(session);
    try {
      await this.#refresh(session);
    } catch (error) {
      if (!(error instanceof Failure) || error.reply === undefined) throw error;
      if (this.#canLogIn) return this.#logIn(session);
      // what is refused once will be again: thousands of devices need not ask
      if ((error.code ?? 500) < 500) this.#refreshToken = undefined;
      throw notRefreshed(error);
    }
  }

  async #refresh(session: ClientSession): Promise<void> {
    const { reply } = await session.ask('token/refresh', { refreshToken: this.#refreshToken });
    await this.#keep(reply['accessToken'], undefined);
  }

  async #logIn(session: ClientSession): Promise<void> {
    const { login, password } = this.#credentials;
    const { reply } = await session.ask('token', { login, password });
    await this.#keep(reply['accessToken'], reply['refreshToken']);
  }

  async #keep(accessToken: unknown, refreshToken: unknown): Promise<void> {
    if (typeof accessToken !== 'string') {
      throw new Failure('auth', 'the server granted a token but did not send it', {
        hint: 'It does not speak the protocol of DeviceHive 4.',
      });
    }
    this.#accessToken = accessToken;
    this.#tokenNumber++;
    if (typeof refreshToken === 'string') this.#refreshToken = refreshToken;
    await this.#credentials.onTokens?.({ accessToken, ...(typeof refreshToken === 'string' ? { refreshToken } : {}) });
  }
}

/** The refresh token is no better; a forged one is even answered with a 500 (PROTOCOL.md 4.7). */
function notRefreshed(refused: Failure): Failure {
  const { action, requestId, request, reply, code } = refused;
  return new Failure('auth', `the access token could not be refreshed: ${refused.message}`, {
    hint: 'Log in again.',
    code,
    requestId,
    cause: refused,
    ...(action === undefined ? {} : { action }),
    ...(request === undefined ? {} : { request }),
    ...(reply === undefined ? {} : { reply }),
  });
}
