import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Agent } from 'node:http';
import tls from 'node:tls';
import { Failure } from '../../errors.ts';
import type { ClientSettings } from '../settings.ts';
import { headerProblem } from '../../protocol/handshakeHeaders.ts';
import { proxyFor, tunnelThrough, type Tunnel } from './proxy.ts';

interface RouteOptions {
  readonly ca?: string[];
  readonly cert?: string;
  readonly key?: string;
  readonly rejectUnauthorized?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
  readonly agent?: Agent;
}

/** How a socket gets to its server where it is not the plain way. */
export interface SocketRoute {
  readonly options: RouteOptions;
  readonly tunnel: Tunnel | undefined;
}

/** Finds proxy, headers and certificates. Throws a `Failure` of kind `usage` where any cannot be used. */
export async function routeTo(settings: ClientSettings): Promise<SocketRoute> {
  const { url, proxy, headers } = settings;
  if (headers !== undefined) checkHeaders(headers);
  const named = proxy === false ? undefined : proxyFor(new URL(url));
  const through = named === undefined ? undefined : await tunnelThrough(named);
  return {
    options: {
      ...(headers === undefined ? {} : { headers }),
      ...(/^wss:/i.test(url) ? tlsOptions(settings) : {}),
      ...(through === undefined ? {} : { agent: through.agent }),
    },
    tunnel: through?.tunnel,
  };
}

/** Refuses headers that cannot be sent. Throws a `Failure` of kind `usage`. */
function checkHeaders(headers: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(headers)) {
    const problem = headerProblem(name, value);
    if (problem === undefined) continue;
    throw new Failure('usage', `the option headers ${problem}`, { hint: "Such as { Authorization: 'Basic …' }." });
  }
}

function tlsOptions({ ca, cert, key = cert, insecureTls }: ClientSettings): Omit<RouteOptions, 'agent' | 'headers'> {
  return {
    ...(ca === undefined ? {} : { ca: authoritiesWith(ca) }),
    ...(cert === undefined || key === undefined ? {} : ownCertificate(cert, key)),
    ...(insecureTls === true ? { rejectUnauthorized: false } : {}),
  };
}

/** Tried at once: Node would tell of a wrong pair only while connecting. */
function ownCertificate(cert: string, key: string): { readonly cert: string; readonly key: string } {
  try {
    tls.createSecureContext({ cert, key });
    return { cert, key };
  } catch (error) {
    throw new Failure('usage', 'the client certificate and its key cannot be used together', {
      hint: 'Give both as PEM: a certificate, and the private key that belongs to it, not encrypted.',
      cause: error,
    });
  }
}

/** The authorities given, besides those that hold anyway: naming any makes Node forget the rest. */
function authoritiesWith(pem: string): string[] {
  try {
    new X509Certificate(pem);
  } catch (error) {
    throw new Failure('usage', 'the certificate authority is no certificate in PEM', {
      hint: 'Give a file that starts with -----BEGIN CERTIFICATE-----.',
      cause: error,
    });
  }
  return [...usualAuthorities(), pem];
}

function usualAuthorities(): readonly string[] {
  // Newer releases of Node tell what holds by default, the extra file and the system's store included.
  const { getCACertificates } = tls as { getCACertificates?: (type: 'default') => string[] };
  if (getCACertificates !== undefined) return getCACertificates('default');
  return [...tls.rootCertificates, ...extraAuthorities()];
}

/** Node reads this file itself, but only where no authority is named. */
function extraAuthorities(): string[] {
  const file = process.env['NODE_EXTRA_CA_CERTS'];
  if (file === undefined || file === '') return [];
  try {
    return [readFileSync(file, 'utf8')];
  } catch {
    return [];
  }
}
