import { isFrame, type Frame } from './frames.ts';

/**
 * The claims of a DeviceHive JWT, not verified (PROTOCOL.md 3.1). `null` is what the token says; `undefined` means that
 * the claim is missing or unreadable.
 */
export interface TokenClaims {
  readonly userId: number | undefined;
  /** Ids of actions (PROTOCOL.md 3.2); 0 stands for all. */
  readonly actions: readonly number[] | null | undefined;
  /** Ids of networks as decimal text, or `*`. */
  readonly networks: readonly string[] | null | undefined;
  /** Ids of device types as decimal text, or `*`. */
  readonly deviceTypes: readonly string[] | null | undefined;
  /** Milliseconds since 1970. */
  readonly expiresAtMs: number | undefined;
  readonly kind: 'access' | 'refresh';
}

/** Returns the claims of a JWT without verifying it; undefined where the text is not a DeviceHive JWT. Never throws. */
export function readToken(token: string): TokenClaims | undefined {
  const payload = payloadOf(token);
  if (payload === undefined) return undefined;
  return {
    userId: numberIn(payload['u']),
    actions: listOf(payload['a'], numberIn),
    networks: listOf(payload['n'], textIn),
    deviceTypes: listOf(payload['dt'], textIn),
    expiresAtMs: numberIn(payload['e']),
    kind: numberIn(payload['t']) === 0 ? 'refresh' : 'access',
  };
}

/** A token that ends within this time may expire while it is used. */
const nearEndMs = 60_000;

/**
 * True if an access token should be refreshed before use, because it ends within a minute of `nowMs` (ms since 1970).
 */
export function isNearEnd(token: string, nowMs: number): boolean {
  const expiresAtMs = readToken(token)?.expiresAtMs;
  return expiresAtMs !== undefined && expiresAtMs - nowMs <= nearEndMs;
}

function payloadOf(token: string): Frame | undefined {
  const parts = token.split('.');
  const claims = parts[1];
  if (parts.length !== 3 || claims === undefined || !/^[\w-]+={0,2}$/.test(claims)) return undefined;
  try {
    const value: unknown = JSON.parse(Buffer.from(claims, 'base64url').toString('utf8'));
    const payload = isFrame(value) ? value['payload'] : undefined;
    return isFrame(payload) ? payload : undefined;
  } catch {
    return undefined;
  }
}

function listOf<T>(value: unknown, read: (item: unknown) => T | undefined): readonly T[] | null | undefined {
  if (value === null) return null;
  return Array.isArray(value) ? value.map(read).filter((item) => item !== undefined) : undefined;
}

/** Returns a number, or the number in a decimal text: ids may be either (PROTOCOL.md 3.1). */
function numberIn(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : undefined;
}

function textIn(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}
