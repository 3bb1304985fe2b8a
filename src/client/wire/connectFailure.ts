import type { IncomingMessage } from 'node:http';
import { Failure, messageOf } from '../../errors.ts';
import { excerpt } from './noise.ts';
import type { ClientSettings } from '../settings.ts';
import { own } from '../../protocol/own.ts';

type ConnectTarget = Pick<ClientSettings, 'url' | 'peer' | 'connectTimeoutMs'>;

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

  constructor(response: IncomingMessage, target: ConnectTarget, proxy?: string) {
    const { statusCode = 0, headers } = response;
    const { pathname } = new URL(target.url);
    const from = fromOf(target, proxy);
    const to = headers.location === undefined ? '' : ` (to ${excerpt(headers.location)})`;
    super('connect', `connecting to ${from}: it answered HTTP ${statusCode}${to} instead of upgrading`, {
      hint: statusHint(statusCode, pathname),
    });
    this.status = statusCode;
    this.path = pathname;
    this.from = from;
  }

  /** Whether the proxy refused: then no other place is better. */
  get isOfProxy(): boolean {
    return this.status === 407;
  }
}

/** Every place where a server may have its WebSocket refused the handshake. */
export function noWebSocket(refusals: readonly HandshakeRefusal[]): Failure {
  const tried = refusals.map(({ path, status }) => `${path} (HTTP ${status})`).join(' or at ');
  const [worst] = [...refusals].sort((one, other) => other.status - one.status);
  const isElsewhere = worst === undefined || worst.status === 404;
  return new Failure('connect', `connecting to ${worst?.from ?? ''}: no WebSocket at ${tried}`, {
    hint: isElsewhere
      ? "These are DeviceHive's two places: check host and port, or name another path, ws://host:port/path."
      : (worst.hint ?? ''),
    cause: worst,
  });
}

function statusHint(status: number, path: string): string {
  if (status === 404)
    return `There is no WebSocket at ${path}: DeviceHive has it at /dh/websocket, in a Docker installation at /api/websocket.`;
  if (status === 401 || status === 403)
    return 'Something in front of the server wants to know who you are; DeviceHive itself asks only after connecting.';
  if (status === 407) return 'The proxy wants a login: put it into the URL of the proxy.';
  if (status >= 502 && status <= 504)
    return 'A proxy in front of the server cannot reach it: check that DeviceHive runs.';
  if (status >= 300 && status < 400) return 'Redirections are not followed: use the address it leads to.';
  return 'It is not a DeviceHive WebSocket address: check host, port and path.';
}

/** Not connected within `connectTimeoutMs`. */
export function notInTime(target: ConnectTarget, proxy?: string): Failure {
  const what = `not connected within ${target.connectTimeoutMs} ms`;
  return connectFailure(
    target,
    proxy,
    what,
    'Check host and port, or allow more time for connecting. A DeviceHive whose frontend hangs does not answer either: restart the frontend then.',
  );
}

/** What kept the handshake from succeeding, as Node or ws tell it. */
export function handshakeFailure(error: Error, target: ConnectTarget, proxy?: string): Failure {
  const code = codeOf(error);
  const [what, hint] = own(network, code) ?? own(tls, code) ?? worded(error, code);
  const isProxy = proxy !== undefined && code in network;
  return connectFailure(target, proxy, what, isProxy ? checkProxy : hint, error);
}

function connectFailure(
  target: ConnectTarget,
  proxy: string | undefined,
  what: string,
  hint: string,
  cause?: unknown,
): Failure {
  return new Failure('connect', `connecting to ${fromOf(target, proxy)}: ${what}`, { hint, cause });
}

function fromOf({ peer }: ConnectTarget, proxy: string | undefined): string {
  return proxy === undefined ? peer : `${peer} through the proxy ${proxy}`;
}

/** Several addresses of one name fail together; the first tells why. */
function codeOf(error: Error): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code !== undefined) return code;
  const [first] = error instanceof AggregateError ? (error.errors as unknown[]) : [];
  return first instanceof Error ? codeOf(first) : '';
}

type Explanation = readonly [what: string, hint: string];

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

const checkProxy = 'Check the proxy that the environment names, or name this server in NO_PROXY.';

const giveAuthority = 'Give its certificate authority, if you trust it.';

const tls: Readonly<Record<string, Explanation>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: ['its TLS certificate is self-signed', giveAuthority],
  SELF_SIGNED_CERT_IN_CHAIN: ['its TLS certificate comes from an authority that is not known here', giveAuthority],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: [
    'its TLS certificate comes from an authority that is not known here',
    giveAuthority,
  ],
  UNABLE_TO_GET_ISSUER_CERT: ['its TLS certificate comes from an authority that is not known here', giveAuthority],
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: [
    'its TLS certificate comes from an authority that is not known here',
    giveAuthority,
  ],
  CERT_HAS_EXPIRED: [
    'its TLS certificate has expired',
    'Renew the certificate of the server, and check the clock here.',
  ],
  CERT_NOT_YET_VALID: ['its TLS certificate is not valid yet', 'Check the clocks here and there.'],
  ERR_TLS_CERT_ALTNAME_INVALID: [
    'its TLS certificate is for another host',
    'Use the name that the certificate is for.',
  ],
  ERR_SSL_WRONG_VERSION_NUMBER: ['it does not speak TLS', 'Try ws:// in place of wss://, or another port.'],
};

function worded(error: Error, code: string): Explanation {
  const text = messageOf(error);
  if (code.startsWith('HPE_'))
    return ['it answered with something that is not HTTP', 'Check the port, and whether it needs wss://.'];
  if (/wrong version number|packet length too long/i.test(text))
    return tls['ERR_SSL_WRONG_VERSION_NUMBER'] as Explanation;
  if (code === 'EPROTO' || code.startsWith('ERR_SSL') || code.startsWith('ERR_TLS')) {
    return [`TLS failed: ${excerpt(text)}`, 'Check that the port speaks TLS.'];
  }
  return [excerpt(text === '' ? code : text), 'Check the URL and that the server runs.'];
}
