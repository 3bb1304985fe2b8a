import type { IncomingMessage } from 'node:http';
import { Failure, messageOf } from '../../errors.ts';
import { excerpt } from './noise.ts';
import type { Tunnel } from './proxy.ts';
import { tlsExplanation, type Explanation } from './tlsFailure.ts';
import type { ClientSettings } from '../settings.ts';
import { withoutUrlSecrets } from '../../protocol/urlSecrets.ts';
import { own } from '../../protocol/own.ts';

type ConnectTarget = Pick<ClientSettings, 'url' | 'peer' | 'connectTimeoutMs' | 'cert'>;

/** The caller's signal came. */
export function interrupted(what: string): Failure {
  return new Failure('interrupted', `${what} was interrupted`);
}

/** The server did not answer the handshake with 101 (PROTOCOL.md 1.2). */
export class HandshakeRefusal extends Failure {
  readonly status: number;
  readonly path: string;
  /** Whom it came from: the server's host and port, and the proxy's. */
  readonly from: string;
  /** Where a redirection leads; empty for other answers. */
  readonly leadsTo: string;
  /** Whether the proxy refused: then no other place is better. */
  readonly isOfProxy: boolean;

  constructor(response: IncomingMessage, target: ConnectTarget, tunnel?: Tunnel) {
    const { statusCode = 0, headers } = response;
    const url = new URL(target.url);
    const from = fromOf(target, tunnel);
    const leadsTo = headers.location === undefined ? '' : ` to ${excerpt(withoutUrlSecrets(headers.location))}`;
    const isOfProxy = tunnel !== undefined && tunnel.status !== 200;
    super(
      'connect',
      isOfProxy
        ? `connecting to ${from}: the proxy refused the tunnel (CONNECT) with HTTP ${statusCode}`
        : `connecting to ${from}: it answered HTTP ${statusCode}${leadsTo} instead of upgrading`,
      { hint: isOfProxy ? tunnelHint(statusCode) : statusHint(statusCode, url) },
    );
    this.status = statusCode;
    this.path = url.pathname;
    this.from = from;
    this.leadsTo = leadsTo;
    this.isOfProxy = isOfProxy;
  }
}

function tunnelHint(status: number): string {
  if (status === 407)
    return 'The proxy wants a login: put it into the URL of the proxy, http://user:password@host:port.';
  if (status >= 502 && status <= 504) return 'The proxy cannot reach the server: check host and port.';
  return 'Many proxies allow CONNECT only to port 443: use wss:// on that port, ask who runs the proxy, or name this server in NO_PROXY.';
}

/** Every place where a server may have its WebSocket refused the handshake. */
export function noWebSocket(refusals: readonly HandshakeRefusal[]): Failure {
  const tried = refusals.map(({ path, status, leadsTo }) => `${path} (HTTP ${status}${leadsTo})`).join(' or at ');
  const [worst] = [...refusals].sort((one, other) => other.status - one.status);
  const isElsewhere = worst === undefined || worst.status === 404;
  return new Failure('connect', `connecting to ${worst?.from ?? ''}: no WebSocket at ${tried}`, {
    hint: isElsewhere
      ? "These are DeviceHive's two places: check host and port, or name another path, ws://host:port/path."
      : (worst.hint ?? ''),
    cause: worst,
  });
}

function statusHint(status: number, { protocol, pathname: path }: URL): string {
  const isSecure = protocol === 'wss:';
  if (status === 404)
    return `There is no WebSocket at ${path}: DeviceHive has it at /dh/websocket, in a Docker installation at /api/websocket.`;
  if (status === 401 || status === 403)
    return "Something in front of the server wants to know who you are; DeviceHive itself asks only after connecting. Give what it wants: --header 'Authorization: @FILE', or the option headers of the library.";
  if (status === 400 && isSecure)
    return 'It may want a client certificate: --cert FILE and --key FILE. Otherwise check host, port and path.';
  if (status >= 502 && status <= 504)
    return 'A proxy in front of the server cannot reach it: check that DeviceHive runs.';
  if (status >= 300 && status < 400) return 'Redirections are not followed: use the address it leads to.';
  return 'It is not a DeviceHive WebSocket address: check host, port and path.';
}

/** Not connected within `connectTimeoutMs`. */
export function notInTime(target: ConnectTarget, tunnel?: Tunnel): Failure {
  const what = `not connected within ${target.connectTimeoutMs} ms`;
  const hint = isOnTheWay(tunnel)
    ? checkProxy
    : 'Check host and port, or allow more time for connecting. A DeviceHive whose frontend hangs does not answer either: restart the frontend then.';
  return connectFailure(target, tunnel, [what, hint]);
}

/** Explains a failed handshake from the error of Node or ws. */
export function handshakeFailure(error: Error, target: ConnectTarget, tunnel?: Tunnel): Failure {
  const code = codeOf(error);
  const isReset = code === 'ECONNRESET' && target.cert !== undefined;
  const [what, hint] = isReset
    ? closedToCertificate
    : (own(network, code) ?? tlsExplanation(error, code) ?? worded(error, code));
  return connectFailure(target, tunnel, [what, isOnTheWay(tunnel) ? checkProxy : hint], error);
}

/** True if the proxy has not answered yet: then it is at fault. */
function isOnTheWay(tunnel: Tunnel | undefined): boolean {
  return tunnel !== undefined && tunnel.status === undefined;
}

function connectFailure(
  target: ConnectTarget,
  tunnel: Tunnel | undefined,
  [what, hint]: Explanation,
  cause?: unknown,
): Failure {
  return new Failure('connect', `connecting to ${fromOf(target, tunnel)}: ${what}`, { hint, cause });
}

function fromOf({ peer }: ConnectTarget, tunnel: Tunnel | undefined): string {
  return tunnel === undefined ? peer : `${peer} through the proxy ${tunnel.proxy}`;
}

/** Several addresses of one name fail together; the first tells why. */
function codeOf(error: Error): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code !== undefined) return code;
  const [first] = error instanceof AggregateError ? (error.errors as unknown[]) : [];
  return first instanceof Error ? codeOf(first) : '';
}

const unreachable = 'Check host, port, and that the network leads there.';

const network: Readonly<Record<string, Explanation>> = {
  ENOTFOUND: ['the name is not known', 'Check the spelling of the host.'],
  EAI_AGAIN: ['the name cannot be looked up now', 'Check the network and its name server.'],
  ECONNREFUSED: ['connection refused', 'Check the port, and that the server runs.'],
  ECONNRESET: [
    'the connection was closed during the handshake',
    'Check that this port speaks WebSocket, and whether it needs wss:// or ws://.',
  ],
  EPIPE: ['the connection was closed during the handshake', 'Check that this port speaks WebSocket.'],
  EHOSTUNREACH: ['the host cannot be reached', unreachable],
  ENETUNREACH: ['the network cannot be reached', unreachable],
  ETIMEDOUT: ['nobody answered', unreachable],
  EMFILE: ['too many files are open here', 'Close some, or allow more: ulimit -n.'],
};

/** Node's own servers, and others, hang up on a certificate that they do not trust. */
const closedToCertificate: Explanation = [
  'the connection was closed during the handshake: it may be that it refuses the client certificate',
  'Check that its authority has signed that certificate; otherwise, that this port speaks WebSocket.',
];

const checkProxy = 'Check the proxy that the environment names, or name this server in NO_PROXY.';

function worded(error: Error, code: string): Explanation {
  const text = messageOf(error);
  if (code.startsWith('HPE_'))
    return ['it answered with something that is not HTTP', 'Check the port, and whether it needs wss://.'];
  if (text.includes('Sec-WebSocket-'))
    return [
      `it does not speak WebSocket as it should: ${excerpt(text)}`,
      'Something in between, such as a proxy or a cache, may have answered in its place: check host, port and path.',
    ];
  if (text.startsWith('Proxy connection ended'))
    return ['the proxy closed the connection without an answer', checkProxy];
  return [excerpt(text === '' ? code : text), 'Check the URL and that the server runs.'];
}
