import type { IncomingHttpHeaders } from 'node:http';
import type { RequestAddress, RestRoute } from './route.ts';
import { Router } from './router.ts';
import { authRoutes, frontendRoutes, proxyRoutes } from './routes.ts';

/** A service of the real server, and its path on this one. */
export interface Service {
  readonly path: string;
  /** The context path of the WebSocket that belongs to it. */
  readonly context: string;
  readonly routes: readonly RestRoute[];
  readonly router: Router;
}

/**
 * The frontend, plain and behind Docker's proxy; the auth service; the plugin service, which is empty (PROTOCOL.md
 * 1.1).
 */
const services: readonly Service[] = [
  service('/dh/rest', '/dh', frontendRoutes),
  service('/api/rest', '/api', proxyRoutes),
  service('/auth/rest', '/dh', authRoutes),
  service('/plugin/rest', '/dh', []),
];

function service(path: string, context: string, routes: readonly RestRoute[]): Service {
  return { path, context, routes, router: new Router(routes) };
}

/** Returns the service at or above a path, or undefined. */
export function serviceOf(path: string): Service | undefined {
  return services.find(
    (service) => path.startsWith(service.path) && (path.length === service.path.length || isSlash(path, service)),
  );
}

function isSlash(path: string, service: Service): boolean {
  return path[service.path.length] === '/';
}

/**
 * Returns the address that a request was sent to. The WebSocket is `wss` for a client that came through a TLS proxy
 * (PROTOCOL.md 1.1).
 */
export function addressOf({ context, path }: Service, headers: IncomingHttpHeaders): RequestAddress {
  const host = headers.host ?? '';
  const scheme = headers['x-forwarded-proto'] === 'https' ? 'wss' : 'ws';
  return { url: `http://${host}${path}`, webSocketServerUrl: `${scheme}://${host}${context}/websocket` };
}
