import { isDeepStrictEqual } from 'node:util';
import type { Frame } from '../../../../protocol/frames.ts';
import { mask } from '../../../../protocol/redaction.ts';
import type { ReplyMoment, RequestMoment } from '../moments.ts';

/**
 * The result of an `authenticate`: as the user whom the recording began with, as somebody else, or `none` if it failed.
 */
export type Login = 'own' | 'other' | 'none';

/**
 * The user of each recorded connection. Recordings hide tokens but name their owners; in older ones, which do not, a
 * connection that may have used a token made in the recording counts as somebody else's.
 */
export class Logins {
  /** Results by the line of the `authenticate`. */
  readonly #logins = new Map<number, Login>();
  /** The line of the first request of each connection. */
  readonly #firsts = new Map<number, number>();
  #own: { readonly bearer: Frame | undefined } | undefined;
  #ownName: unknown;
  #hasTokensOfOthers = false;
  /** Connections that have authenticated, and have not got a new token since. */
  readonly #known = new Set<number>();

  /** Notes a request that a replay repeats in some form. */
  noteRequest({ connection, line }: RequestMoment): void {
    if (!this.#firsts.has(connection)) this.#firsts.set(connection, line);
  }

  noteReply({ request, frame: reply }: ReplyMoment): void {
    if (reply.status !== 'success') return;
    const { action, connection, frame, line } = request;
    if (action === 'authenticate') this.#logins.set(line, this.#whose(request));
    else if (action === 'token') this.#loggedIn(frame['login'], connection);
    else if (action === 'token/create') this.#hasTokensOfOthers = true;
    else if (action === 'token/refresh') this.#known.delete(connection);
  }

  of(line: number): Login {
    return this.#logins.get(line) ?? 'none';
  }

  /** True if a connection began with authenticating as the user whom the recording began with. */
  beginsAsOwn(connection: number): boolean {
    return this.of(this.#firsts.get(connection) ?? -1) === 'own';
  }

  /** True if nobody authenticated. */
  get isAnonymous(): boolean {
    return this.#own === undefined;
  }

  /** The id of the user whom the recording began with, if known. */
  get ownUserId(): number | undefined {
    const userId = this.#own?.bearer?.['userId'];
    return typeof userId === 'number' ? userId : undefined;
  }

  #loggedIn(name: unknown, connection: number): void {
    if (this.#own === undefined) this.#ownName = name;
    if (this.#ownName === name) this.#known.delete(connection);
    else this.#hasTokensOfOthers = true;
  }

  #whose({ bearer, connection }: RequestMoment): Login {
    const isAgain = this.#known.has(connection);
    this.#known.add(connection);
    this.#own ??= { bearer };
    if (bearer !== undefined && this.#own.bearer !== undefined)
      return isDeepStrictEqual(bearer, this.#own.bearer) ? 'own' : 'other';
    return isAgain || this.#hasTokensOfOthers ? 'other' : 'own';
  }
}

/** Follows, through the recording, the user that each connection acts as. */
export class Roles {
  readonly #logins: Logins;
  readonly #others = new Set<number>();

  constructor(logins: Logins) {
    this.#logins = logins;
  }

  /** Takes an `authenticate`. Returns the user that its connection then acts as. */
  take({ connection, line }: RequestMoment): Login {
    const login = this.#logins.of(line);
    if (login === 'other') this.#others.add(connection);
    if (login === 'own') this.#others.delete(connection);
    return login;
  }

  /** Returns why a request is never sent again, as the end of a sentence, or undefined. */
  reasonNotToSend(request: RequestMoment): string | undefined {
    if (this.#others.has(request.connection)) return 'its connection had logged in as somebody else';
    return reasonNotToSend(request);
  }
}

/** Returns why a request is never sent again, for a connection of the recording's first user or of nobody. */
export function reasonNotToSend({ action, frame }: RequestMoment): string | undefined {
  if (action === 'authenticate') return 'the connection authenticates by itself';
  if (action === '') return 'it is no request';
  return holdsMask(frame) ? 'the recording hides a secret of it' : undefined;
}

function holdsMask(value: unknown): boolean {
  if (typeof value === 'string') return value.includes(mask);
  return typeof value === 'object' && value !== null && Object.values(value).some(holdsMask);
}
