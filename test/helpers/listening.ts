import { once } from 'node:events';
import type { AddressInfo, Server, Socket } from 'node:net';

/** A server that listens on 127.0.0.1. */
export interface Listening extends AsyncDisposable {
  readonly port: number;
  /** Settles when the first client has come. */
  readonly visited: Promise<void>;
  /** Drops every connection and listens no more; may be called again. */
  readonly close: () => Promise<void>;
}

/** Makes any server listen, on a free port unless told another one. */
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
