import { isIP } from 'node:net';
import { Failure } from '../errors.ts';
import { isLoopback } from './loopback.ts';

/** Hosts and origins that are let in besides those of this machine. */
export interface LetIn {
  /** Names as `hostNameOf` returns them. */
  readonly hosts: readonly string[];
  /** Origins as `originOf` returns them, or `*` for any. */
  readonly origins: readonly string[];
}

/** The headers of an HTTP request that show the name it was sent to (`host`) and the page that sent it (`origin`). */
export interface RequestSource {
  readonly host?: string | undefined;
  readonly origin?: string | undefined;
}

/**
 * Why a request is a stranger's: the name that it was sent to, or the page that sent it; `text` is the header as
 * received.
 */
export interface Stranger {
  readonly kind: 'host' | 'origin';
  readonly text: string;
}

/**
 * Returns why a request to a server on loopback is a stranger's; undefined where it is not. A page of another site can
 * reach such a server in two ways: `Origin` names that site, or the site's own name resolves to this machine (DNS
 * rebinding), which `Host` shows. Clients without `Origin`, which are all but browsers, are judged by `Host` alone;
 * those without either are let in.
 */
export function strangerIn({ host = '', origin }: RequestSource, letIn: LetIn): Stranger | undefined {
  if (host !== '' && !isOwnHost(hostNameOf(host), letIn)) return { kind: 'host', text: host };
  if (origin === undefined || isOwnOrigin(origin, host, letIn)) return undefined;
  return { kind: 'origin', text: origin };
}

/**
 * Returns the name or address in a `Host` header, or in any `host:port`, in lower case and without port, brackets and
 * final dot; undefined where there is none.
 */
export function hostNameOf(authority: string): string | undefined {
  if (isIP(authority) !== 0) return authority.toLowerCase();
  if (/[\s/\\?#@]/.test(authority) || !URL.canParse(`http://${authority}`)) return undefined;
  return new URL(`http://${authority}`).hostname.replace(/^\[(.*)\]$|\.$/, '$1');
}

/**
 * Returns an origin as browsers write it; undefined where the text is not an origin, such as `null` or a URL with a
 * path.
 */
export function originOf(text: string): string | undefined {
  const parts = /^([a-z][a-z\d+.-]*):\/\/([^\s/\\?#@,]*)\/?$/i.exec(text);
  if (parts === null || !URL.canParse(text)) return undefined;
  const { protocol, host, origin } = new URL(text);
  return origin === 'null' ? `${protocol}//${host}` : origin;
}

function isOwnHost(name: string | undefined, { hosts }: LetIn): boolean {
  if (name === undefined) return false;
  return isIP(name) !== 0 || isLoopback(name) || hosts.includes(name);
}

function isOwnOrigin(text: string, host: string, { origins }: LetIn): boolean {
  if (origins.includes('*')) return true;
  const origin = originOf(text);
  if (origin === undefined) return false;
  if (origins.includes(origin)) return true;
  const { protocol, hostname, host: place } = new URL(origin);
  if (isLoopback(hostname)) return true;
  const own = `${protocol}//${host}`;
  return host !== '' && URL.canParse(own) && new URL(own).host === place;
}

/** Returns the host name that an option lets in. Throws a usage `Failure`. */
export function allowedHost(text: string, at: string): string {
  const name = hostNameOf(text);
  const isBare = name !== undefined && /^[^:*]+\.?$/.test(text);
  if (isBare) return name;
  throw new Failure('usage', `${at} must be the name of a host: '${text.slice(0, 60)}'`, {
    hint: 'Write it without scheme and port, such as hive.example.com.',
  });
}

/** Returns the origin that an option lets in, or `*`. Throws a usage `Failure`. */
export function allowedOrigin(text: string, at: string): string {
  const origin = text === '*' ? text : originOf(text);
  if (origin !== undefined) return origin;
  throw new Failure('usage', `${at} must be an origin, or *: '${text.slice(0, 60)}'`, {
    hint: 'Write scheme, host and port without a path, such as https://console.example.com:8443.',
  });
}
