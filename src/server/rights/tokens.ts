import { createHmac, timingSafeEqual } from 'node:crypto';

/** The claims of a token, by their names in it (PROTOCOL.md 3.1). */
export interface Claims {
  /** User id. */
  readonly u: number;
  /** Permission ids. */
  readonly a: readonly number[] | null;
  /** Network ids as texts, or `*`. */
  readonly n: readonly string[] | null;
  /** Device type ids as texts, or `*`. */
  readonly dt: readonly string[] | null;
  /** Expiry in ms since 1970. */
  readonly e: number;
  /** 1 for an access token, 0 for a refresh token. */
  readonly t: number;
}

/** Value of the claim `t` in an access token (PROTOCOL.md 3.1). */
export const accessToken = 1;
/** Value of the claim `t` in a refresh token (PROTOCOL.md 3.1). */
export const refreshToken = 0;

/** Default lifetime of an access token: 30 minutes (PROTOCOL.md 3.3). */
export const accessLifetimeMs = 1_800_000;
/** Default lifetime of a refresh token: 182 days (PROTOCOL.md 3.3). */
export const refreshLifetimeMs = 15_724_800_000;

/** The real server reads smaller expiries as 32-bit integers, which makes the token invalid (PROTOCOL.md 3.1). */
const maxInvalidExpiry = 2 ** 31 - 1;

const header = Buffer.from('{"alg":"HS256"}').toString('base64url');

/** Signs and checks JSON Web Tokens as DeviceHive does (PROTOCOL.md 3.1). */
export class TokenSigner {
  readonly #key: Buffer;

  constructor(secret: string) {
    this.#key = signingKey(secret);
  }

  /** Returns a signed token. Its claims are in the real server's order, because clients compare whole tokens. */
  issue({ a, e, t, u, n, dt }: Claims): string {
    const body = `${header}.${Buffer.from(JSON.stringify({ payload: { a, e, t, u, n, dt } })).toString('base64url')}`;
    return `${body}.${this.#signature(body).toString('base64url')}`;
  }

  /**
   * Returns the claims of a well-formed token signed with this secret, even if expired; undefined for any other text.
   */
  read(token: string): Claims | undefined {
    const [head = '', body = '', signature = '', ...rest] = token.split('.');
    if (rest.length > 0 || signature === '') return undefined;
    const given = Buffer.from(signature, 'base64url');
    const due = this.#signature(`${head}.${body}`);
    if (given.length !== due.length || !timingSafeEqual(given, due)) return undefined;
    return isHs256(decoded(head)) ? claimsOf(decoded(body)) : undefined;
  }

  #signature(text: string): Buffer {
    return createHmac('sha256', this.#key).update(text).digest();
  }
}

/**
 * Returns the key of a secret: its characters read as base64, without an incomplete last group of four (PROTOCOL.md
 * 3.1).
 */
export function signingKey(secret: string): Buffer {
  const letters = secret.replaceAll(/[^A-Za-z0-9+/=]/g, '');
  return Buffer.from(letters.slice(0, letters.length - (letters.length % 4)), 'base64');
}

/** True if a secret gives no key to sign with. */
export function isTooShort(secret: string): boolean {
  return signingKey(secret).length === 0;
}

/** The error text for such a secret. */
export const tooShortText = 'the secret that signs tokens (jwt.secret) is too short: anybody could sign them';

function decoded(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString()) as unknown;
  } catch {
    return undefined;
  }
}

function isHs256(head: unknown): boolean {
  return typeof head === 'object' && head !== null && 'alg' in head && head.alg === 'HS256';
}

function claimsOf(body: unknown): Claims | undefined {
  if (typeof body !== 'object' || body === null || !('payload' in body)) return undefined;
  const { payload } = body;
  if (typeof payload !== 'object' || payload === null) return undefined;
  const { u, a = null, n = null, dt = null, e, t } = payload as Record<string, unknown>;
  const userId = typeof u === 'string' && /^\d+$/.test(u) ? Number(u) : u;
  if (!isInteger(userId) || !isInteger(e) || e <= maxInvalidExpiry || !isInteger(t)) return undefined;
  if (!isListOf(a, isInteger) || !isListOf(n, isText) || !isListOf(dt, isText)) return undefined;
  return { u: userId, a, n, dt, e, t };
}

function isListOf<T>(value: unknown, isItem: (item: unknown) => item is T): value is readonly T[] | null {
  return value === null || (Array.isArray(value) && value.every(isItem));
}

function isInteger(value: unknown): value is number {
  return Number.isInteger(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
