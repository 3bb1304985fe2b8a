import type { IncomingHttpHeaders } from 'node:http';
import { admit, httpAnswer, springError, type Approach, type HttpAnswer } from './door.ts';
import type { Hive } from '../hive.ts';
import type { Principal } from '../rights/principal.ts';

/** The outcome of a handshake. */
export type HandshakeVerdict =
  { readonly kind: 'accepted'; readonly principal: Principal | undefined; readonly restServerUrl: string } | HttpAnswer;

/** WebSocket versions that the server accepts; their handshakes and frames are the same (PROTOCOL.md 1.2). */
const versions: readonly string[] = ['13', '8', '7'];

const endpoints: Readonly<Record<string, string>> = { '/dh/websocket': '/dh', '/api/websocket': '/api' };

/** Accepts or refuses a request to the WebSocket endpoint as the real server does (PROTOCOL.md 1.1, 1.2). */
export function judgeHandshake(hive: Hive, approach: Approach): HandshakeVerdict {
  const admission = admit(hive, approach);
  if (admission.kind === 'refused') return admission;
  const { path, principal } = admission;
  const context = Object.hasOwn(endpoints, path) ? endpoints[path] : undefined;
  if (context === undefined) return springError(hive, { status: 404, error: 'Not Found', path });
  const { method = 'GET', headers } = approach;
  const problem = upgradeProblem(method, headers);
  if (problem !== undefined) return problem;
  return { kind: 'accepted', principal, restServerUrl: `http://${headers.host ?? ''}${context}/rest` };
}

function upgradeProblem(method: string, headers: IncomingHttpHeaders): HttpAnswer | undefined {
  if (method !== 'GET') return httpAnswer(405, '', { Allow: 'GET' });
  if (headers.upgrade?.toLowerCase() !== 'websocket') return httpAnswer(400, 'Can "Upgrade" only to "WebSocket".');
  const isSpoken = versions.includes(headers['sec-websocket-version'] ?? '');
  return isSpoken ? undefined : httpAnswer(426, '', { 'Sec-WebSocket-Version': versions.join(', ') });
}

/** The answer to a request that names WebSocket in `Upgrade`, but no upgrade in `Connection` (PROTOCOL.md 1.2). */
export const notUpgraded: HttpAnswer = httpAnswer(400, '"Connection" must be "upgrade".');
