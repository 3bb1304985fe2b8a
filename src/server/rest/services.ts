import type { IncomingHttpHeaders } from 'node:http';
import type { Place } from './route.ts';
import { Router } from './router.ts';
import { authRoutes, frontendRoutes, proxyRoutes } from './routes.ts';

/** A service of the real server, and where it is found here. */
export interface Service {
  readonly path: string;
  /** The context of the WebSocket that belongs to it. */
  readonly context: string;
  readonly router: Router;
}

/** The frontend, plain and behind the proxy of Docker, and the auth service (PROTOCOL.md 1.1). */
const services: readonly Service[] = [
  { path: '/dh/rest', context: '/dh', router: new Router(frontendRoutes) },
  { path: '/api/rest', context: '/api', router: new Router(proxyRoutes) },
  { path: '/auth/rest', context: '/dh', router: new Router(authRoutes) },
];

/** The service whose path this is, or lies below. */
export function serviceOf(path: string): Service | undefined {
  return services.find(
    (service) => path.startsWith(service.path) && (path.length === service.path.length || isSlash(path, service)),
  );
}

function isSlash(path: string, service: Service): boolean {
  return path[service.path.length] === '/';
}

/** A client that came through a proxy with TLS would come to the WebSocket through it too (PROTOCOL.md 1.1). */
export function placeOf({ context, path }: Service, headers: IncomingHttpHeaders): Place {
  const host = headers.host ?? '';
  const scheme = headers['x-forwarded-proto'] === 'https' ? 'wss' : 'ws';
  return { url: `http://${host}${path}`, webSocketServerUrl: `${scheme}://${host}${context}/websocket` };
}
