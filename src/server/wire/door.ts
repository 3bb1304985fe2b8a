import type { IncomingHttpHeaders } from 'node:http';
import { formatTimestamp } from '../../protocol/timestamps.ts';
import type { Hive } from '../hive.ts';
import { Refusal } from '../outcome.ts';
import { authenticate, type Principal } from '../rights/principal.ts';

/** The parts of an HTTP request that decide whether it is let in. */
export interface Approach {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

/** An HTTP answer to a request that is not let in. */
export interface HttpAnswer {
  readonly kind: 'refused';
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A request that was let in and may now be routed. */
export interface Admission {
  readonly kind: 'admitted';
  readonly path: string;
  /** Without the question mark; empty where there is none. */
  readonly query: string;
  /** Absent where the request brought no token. */
  readonly principal: Principal | undefined;
  readonly token: string | undefined;
}

/**
 * Paths that the real server's firewall refuses: doubled slashes, dots as names, and encodings that could hide these
 * (Spring's StrictHttpFirewall).
 */
const suspicious = /\/\/|[;\\]|\/\.{1,2}(?:\/|$)|%(?:00|0[ad]|2[ef5]|3b|5c)/i;

/** Checks path and `Authorization` of any HTTP request, as the real server does first (PROTOCOL.md 1.1, 1.2, 10). */
export function admit(hive: Hive, { url = '/', headers }: Approach): Admission | HttpAnswer {
  const reason = hive.pageGuard?.refusal(headers);
  if (reason !== undefined) return turnedAway(hive, reason);
  // a client that treats the server as a proxy sends a whole URL
  const [path = '/', ...query] = url.replace(/^[a-z]+:\/\/[^/]*/, '').split('?');
  if (suspicious.test(path)) {
    return springError(hive, {
      ...{ status: 500, error: 'Internal Server Error', path },
      type: 'application/json;charset=UTF-8',
    });
  }
  const visitor = visitorOf(hive, headers.authorization);
  if (typeof visitor === 'number') return httpAnswer(visitor, '');
  return { kind: 'admitted', path, query: query.join('?'), ...visitor };
}

/** Refuses a page of another site, and logs why. */
function turnedAway(hive: Hive, message: string): HttpAnswer {
  hive.log({ level: 'warn', message: `a request was refused with 403: ${message}`, section: 'PROTOCOL.md 1.2' });
  return httpAnswer(403, JSON.stringify({ error: 403, message }), { 'Content-Type': 'application/json' });
}

/**
 * Returns the principal and token of an `Authorization` header, neither where there is no header, or the HTTP status to
 * refuse with.
 */
function visitorOf(hive: Hive, authorization: string | undefined): Pick<Admission, 'principal' | 'token'> | number {
  if (authorization === undefined) return { principal: undefined, token: undefined };
  const token = /^Bearer(.+)$/.exec(authorization)?.[1]?.trim();
  if (token === undefined) return 500;
  try {
    return { principal: authenticate(hive, token), token };
  } catch (error) {
    if (error instanceof Refusal) return 401;
    throw error;
  }
}

/** An error in the format of the real server's framework. */
interface SpringError {
  readonly status: number;
  /** The phrase of the status. */
  readonly error: string;
  readonly path: string;
  /** Content type; `application/json` by default. */
  readonly type?: string;
}

/** Returns the answer of the real server's framework where none of its routes answers (PROTOCOL.md 10). */
export function springError(hive: Hive, { status, error, path, type }: SpringError): HttpAnswer {
  const timestamp = formatTimestamp(hive.clock.now());
  return httpAnswer(status, JSON.stringify({ timestamp, status, error, path }), {
    'Content-Type': type ?? 'application/json',
  });
}

/** Returns an answer with its `Content-Length`. */
export function httpAnswer(status: number, body: string, headers: Readonly<Record<string, string>> = {}): HttpAnswer {
  return { kind: 'refused', status, headers: { ...headers, 'Content-Length': String(Buffer.byteLength(body)) }, body };
}
