import { once } from 'node:events';
import type { AddressInfo, Server, Socket } from 'node:net';

/** A server that listens on 127.0.0.1. */
export interface Listening extends AsyncDisposable {
  readonly port: number;
  /** Resolves when the first client has connected. */
  readonly visited: Promise<void>;
  /** Drops every connection and stops listening; further calls are harmless. */
  readonly close: () => Promise<void>;
}

/** Makes a server listen, by default on a free port. */
export async function listening(server: Server, port = 0): Promise<Listening> {
  const open = new Set<Socket>();
  const visited = new Promise<void>((resolve) => {
    server.on('connection', (socket: Socket) => {
      open.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => open.delete(socket));
      resolve();
    });
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const close = async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of open) socket.destroy();
    await closed;
  };
  return { port: (server.address() as AddressInfo).port, visited, close, [Symbol.asyncDispose]: close };
}
