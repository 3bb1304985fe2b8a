import type { IncomingHttpHeaders } from 'node:http';
import { formatTimestamp } from '../protocol/timestamps.ts';
import type { Hive } from './hive.ts';
import { Refusal } from './outcome.ts';
import { authenticate, type Principal } from './principal.ts';

/** What of an HTTP request decides about a handshake. */
export interface Approach {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

/** An HTTP answer in place of a session. */
export interface HttpAnswer {
  readonly kind: 'refused';
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What becomes of a handshake. */
export type Verdict =
  { readonly kind: 'accepted'; readonly principal: Principal | undefined; readonly restServerUrl: string } | HttpAnswer;

const endpoints: Readonly<Record<string, string>> = { '/dh/websocket': '/dh', '/api/websocket': '/api' };

/** Judges a request for the WebSocket endpoint as the real server does (protocol.md 1.1, 1.2). */
export function judge(hive: Hive, { method = 'GET', url = '/', headers }: Approach): Verdict {
  const [path = '/'] = url.split('?', 1);
  if (path.includes('//')) return springError(hive, 500, 'Internal Server Error', path);
  const visitor = visitorOf(hive, headers.authorization);
  if (typeof visitor === 'number') return answer(visitor, '');
  const context = Object.hasOwn(endpoints, path) ? endpoints[path] : undefined;
  if (context === undefined) return springError(hive, 404, 'Not Found', path);
  const problem = upgradeProblem(method, headers);
  if (problem !== undefined) return problem;
  return { kind: 'accepted', principal: visitor, restServerUrl: `http://${headers.host ?? ''}${context}/rest` };
}

/** Who comes with this header: nobody in particular, a principal, or the status to refuse it with. */
function visitorOf(hive: Hive, authorization: string | undefined): Principal | number | undefined {
  if (authorization === undefined) return undefined;
  if (!authorization.startsWith('Bearer ')) return 500;
  try {
    return authenticate(hive, authorization.slice('Bearer '.length));
  } catch (error) {
    if (error instanceof Refusal) return 401;
    throw error;
  }
}

function upgradeProblem(method: string, headers: IncomingHttpHeaders): HttpAnswer | undefined {
  if (method !== 'GET') return answer(405, '', { Allow: 'GET' });
  if (headers.upgrade?.toLowerCase() !== 'websocket') return answer(400, 'Can "Upgrade" only to "WebSocket".');
  const version = headers['sec-websocket-version'];
  if (version !== '13' && version !== '8') return answer(426, '', { 'Sec-WebSocket-Version': '13, 8' });
  return undefined;
}

/** For a request that asks for a WebSocket but not for an upgrade of its connection (protocol.md 1.2). */
export const notUpgraded: HttpAnswer = answer(400, '"Connection" must be "upgrade".');

function springError(hive: Hive, status: number, error: string, path: string): HttpAnswer {
  const timestamp = `${formatTimestamp(hive.clock.now())}+00:00`;
  return answer(status, JSON.stringify({ timestamp, status, error, path }), { 'Content-Type': 'application/json' });
}

function answer(status: number, body: string, headers: Readonly<Record<string, string>> = {}): HttpAnswer {
  return { kind: 'refused', status, headers: { ...headers, 'Content-Length': String(Buffer.byteLength(body)) }, body };
}
