import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Agent } from 'node:http';
import tls from 'node:tls';
import { Failure } from '../../errors.ts';
import type { ClientSettings } from '../settings.ts';
import { proxyFor, tunnelThrough, type Tunnel } from './proxy.ts';

/** How a socket gets to its server where it is not the plain way. */
export interface SocketRoute {
  readonly options: { readonly ca?: string[]; readonly agent?: Agent };
  readonly tunnel: Tunnel | undefined;
}

/** Finds proxy and certificate authorities. Throws a `Failure` of kind `usage` where either cannot be used. */
export async function routeTo({ url, ca, proxy }: ClientSettings): Promise<SocketRoute> {
  const named = proxy === false ? undefined : proxyFor(new URL(url));
  const authorities = ca === undefined || !/^wss:/i.test(url) ? undefined : authoritiesWith(ca);
  const through = named === undefined ? undefined : await tunnelThrough(named);
  return {
    options: {
      ...(authorities === undefined ? {} : { ca: authorities }),
      ...(through === undefined ? {} : { agent: through.agent }),
    },
    tunnel: through?.tunnel,
  };
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
