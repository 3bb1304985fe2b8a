import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Agent } from 'node:http';
import tls from 'node:tls';
import { Failure } from '../../errors.ts';
import type { ClientSettings } from '../settings.ts';

/** How a socket gets to its server where it is not the plain way. */
export interface SocketRoute {
  readonly options: { readonly ca?: string[]; readonly agent?: Agent };
  /** Host and port of the proxy, for messages. */
  readonly proxy: string | undefined;
}

/** Finds proxy and certificate authorities. Throws a `Failure` of kind `usage` where either cannot be used. */
export async function routeTo({ url, ca, proxy }: ClientSettings): Promise<SocketRoute> {
  const through = proxy === false ? undefined : await proxyFor(new URL(url));
  const authorities = ca === undefined || !/^wss:/i.test(url) ? undefined : authoritiesWith(ca);
  return {
    options: {
      ...(authorities === undefined ? {} : { ca: authorities }),
      ...(through === undefined ? {} : { agent: await agentFor(through.url) }),
    },
    proxy: through?.url.host,
  };
}

/**
 * The proxy between here and a server, and the variable that names it. `wss` takes HTTPS_PROXY, `ws` HTTP_PROXY or else
 * HTTPS_PROXY, in either letter case; NO_PROXY is matched by proxy-from-env. Throws a `Failure` of kind `usage`.
 */
export async function proxyFor(url: URL): Promise<{ readonly url: URL; readonly variable: string } | undefined> {
  const isSecure = url.protocol === 'wss:';
  const name = !isSecure && setting('http_proxy') !== '' ? 'http' : 'https';
  const value = setting(`${name}_proxy`);
  if (value === '') return undefined;
  const { getProxyForUrl } = await import('proxy-from-env');
  const port = url.port || (isSecure ? '443' : '80');
  if (getProxyForUrl(`${name}://${url.hostname}:${port}`) === '') return undefined;
  const text = value.includes('://') ? value : `http://${value}`;
  const proxy = URL.canParse(text) ? new URL(text) : undefined;
  const variable = `${name.toUpperCase()}_PROXY`;
  if (proxy !== undefined && /^https?:$/.test(proxy.protocol)) return { url: proxy, variable };
  throw new Failure('usage', `${variable} does not name an HTTP proxy`, {
    hint: 'Write http://host:port, or name the servers that need no proxy in NO_PROXY.',
  });
}

function setting(name: string): string {
  return process.env[name] || process.env[name.toUpperCase()] || '';
}

async function agentFor(proxy: URL): Promise<Agent> {
  const { HttpsProxyAgent } = await import('https-proxy-agent');
  return new HttpsProxyAgent(proxy);
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
