import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Failure, messageOf } from '../../../../errors.ts';
import { strangerIn } from '../../../../protocol/webOrigins.ts';

/** Answers a GET of a known path. */
export type PageRoute = (request: IncomingMessage, response: ServerResponse) => void;

/** An IP address of this machine, and a port; 0 is any free port. */
export interface PagePlace {
  readonly host: string;
  readonly port: number;
}

/** Pages for a browser or a scraper; on 127.0.0.1 by default. */
export interface LocalPages {
  readonly url: string;
  close(): Promise<void>;
}

/** Serves these paths. Throws a usage `Failure` that names the flag if it cannot listen. */
export async function servePages(
  place: PagePlace,
  routes: Readonly<Record<string, PageRoute>>,
  at: string,
): Promise<LocalPages> {
  const server = createServer((request, response) => answer(routes, request, response));
  await listening(server, place, at);
  return {
    url: `http://${authority(place.host)}:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function authority(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

function listening(server: Server, { host, port }: PagePlace, at: string): Promise<void> {
  return new Promise((resolve, reject) => {
    // later errors, such as a connection that could not be accepted, must not end the run
    server.on('error', (cause) =>
      reject(
        new Failure('usage', `${at}: cannot listen on ${authority(host)}:${port}: ${messageOf(cause)}`, {
          hint: 'Choose another port; 0 takes any that is free.',
          cause,
        }),
      ),
    );
    server.listen(port, host, resolve);
  });
}

const nobodyElse = { hosts: [], origins: [] };

/** Answers only requests to this machine's addresses and names: pages of other sites must not read the run. */
function answer(routes: Readonly<Record<string, PageRoute>>, request: IncomingMessage, response: ServerResponse): void {
  const [path = '/'] = (request.url ?? '/').split('?', 1);
  if (strangerIn(request.headers, nobodyElse) !== undefined) return refused(response, 403);
  const route = Object.hasOwn(routes, path) ? routes[path] : undefined;
  if (route === undefined) return refused(response, 404);
  if (request.method !== 'GET' && request.method !== 'HEAD') return refused(response, 405);
  response.setHeader('Cache-Control', 'no-store');
  response.setHeader('X-Content-Type-Options', 'nosniff');
  route(request, response);
}

function refused(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'Content-Type': 'text/plain' });
  response.end(`${status}\n`);
}
