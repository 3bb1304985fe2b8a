import type { Agent } from 'node:http';
import { Failure } from '../../errors.ts';
import { isLoopback } from '../../protocol/loopback.ts';
import { isExempt } from './noProxy.ts';

/** A proxy, and the variable that names it. */
export interface NamedProxy {
  readonly url: URL;
  readonly variable: string;
}

/** A way through a proxy. */
export interface Tunnel {
  /** Host and port of the proxy, for messages; nothing of its login. */
  readonly proxy: string;
  /** The proxy's answer to CONNECT; undefined before it. */
  status: number | undefined;
}

/**
 * Returns the proxy between here and a server. `wss` takes HTTPS_PROXY, `ws` HTTP_PROXY or else HTTPS_PROXY, both
 * ALL_PROXY where there is no other, in either letter case. None is for this machine itself, or for what NO_PROXY
 * names. Throws a `Failure` of kind `usage`.
 */
export function proxyFor(url: URL): NamedProxy | undefined {
  const isSecure = url.protocol === 'wss:';
  const names = isSecure ? ['HTTPS_PROXY', 'ALL_PROXY'] : ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY'];
  const variable = names.find((name) => setting(name) !== '');
  const port = url.port || (isSecure ? '443' : '80');
  if (variable === undefined || isLoopback(url.hostname)) return undefined;
  if (isExempt(setting('NO_PROXY'), { hostname: url.hostname, port })) return undefined;
  return { url: proxyUrl(setting(variable), variable), variable };
}

function setting(name: string): string {
  return process.env[name.toLowerCase()] || process.env[name] || '';
}

function proxyUrl(value: string, variable: string): URL {
  const text = value.includes('://') ? value : `http://${value}`;
  const proxy = URL.canParse(text) ? new URL(text) : undefined;
  if (proxy === undefined || !/^https?:$/.test(proxy.protocol))
    throw new Failure('usage', `${variable} does not name an HTTP proxy`, {
      hint: 'Write http://host:port (SOCKS is not supported), or name the servers that need no proxy in NO_PROXY.',
    });
  const isWhole = /^\/?$/.test(`${proxy.pathname}${proxy.search}${proxy.hash}`);
  if (isWhole && decoded(proxy.username) !== undefined && decoded(proxy.password) !== undefined) return proxy;
  throw new Failure('usage', `${variable} holds more than a proxy's login, host and port`, {
    hint: 'Write http://user:password@host:port; / ? # % and @ of the password as %2F %3F %23 %25 and %40.',
  });
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/**
 * Returns the agent that asks a proxy for a tunnel, and what becomes of that. The login is a header, because the agent
 * shows the URL where DEBUG asks for it.
 */
export async function tunnelThrough({ url }: NamedProxy): Promise<{ readonly agent: Agent; readonly tunnel: Tunnel }> {
  const { HttpsProxyAgent } = await import('https-proxy-agent');
  const login = `${decoded(url.username) ?? ''}:${decoded(url.password) ?? ''}`;
  const headers: Record<string, string> =
    login === ':' ? {} : { 'Proxy-Authorization': `Basic ${Buffer.from(login).toString('base64')}` };
  const agent = new HttpsProxyAgent(`${url.protocol}//${url.host}`, { headers });
  const tunnel: Tunnel = { proxy: url.host, status: undefined };
  agent.on('proxyConnect', ({ statusCode }: { readonly statusCode: number }) => (tunnel.status = statusCode));
  return { agent, tunnel };
}
