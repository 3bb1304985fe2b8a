import type { IncomingHttpHeaders } from 'node:http';
import { formatTimestamp } from '../../protocol/timestamps.ts';
import type { Hive } from '../hive.ts';
import { Refusal } from '../outcome.ts';
import { authenticate, type Principal } from '../rights/principal.ts';

/** What of an HTTP request decides about how far it comes. */
export interface Approach {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

/** An HTTP answer to a request that comes no further. */
export interface HttpAnswer {
  readonly kind: 'refused';
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A request that may look for what serves its path. */
export interface Admission {
  readonly kind: 'admitted';
  readonly path: string;
  /** Without its question mark; empty where there is none. */
  readonly query: string;
  /** Absent where no token came. */
  readonly principal: Principal | undefined;
  readonly token: string | undefined;
}

/**
 * Paths that the real server's firewall refuses: doubled slashes, dots as names, and what could hide such (Spring's
 * StrictHttpFirewall).
 */
const suspicious = /\/\/|[;\\]|\/\.{1,2}(?:\/|$)|%(?:00|0[ad]|2[ef5]|3b|5c)/i;

/**
 * Looks at path and `Authorization` of any HTTP request, upgrade or not, as the real server does before all else
 * (PROTOCOL.md 1.1, 1.2, 10).
 */
export function admit(hive: Hive, { url = '/', headers }: Approach): Admission | HttpAnswer {
  // a client that takes the server for a proxy names it once more
  const [path = '/', ...query] = url.replace(/^[a-z]+:\/\/[^/]*/, '').split('?');
  if (suspicious.test(path)) {
    return springError(hive, 500, 'Internal Server Error', path, 'application/json;charset=UTF-8');
  }
  const visitor = visitorOf(hive, headers.authorization);
  if (typeof visitor === 'number') return httpAnswer(visitor, '');
  return { kind: 'admitted', path, query: query.join('?'), ...visitor };
}

/** Who comes with this header: nobody in particular, a principal with its token, or the status to refuse it with. */
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

/** The answer of the real server's framework where no route of its own answers (PROTOCOL.md 10). */
export function springError(
  hive: Hive,
  status: number,
  error: string,
  path: string,
  type = 'application/json',
): HttpAnswer {
  const timestamp = formatTimestamp(hive.clock.now());
  return httpAnswer(status, JSON.stringify({ timestamp, status, error, path }), { 'Content-Type': type });
}

/** An answer whose length is known. */
export function httpAnswer(status: number, body: string, headers: Readonly<Record<string, string>> = {}): HttpAnswer {
  return { kind: 'refused', status, headers: { ...headers, 'Content-Length': String(Buffer.byteLength(body)) }, body };
}
