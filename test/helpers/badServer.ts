import { createServer as createHttpServer } from 'node:http';
import { createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { WebSocketServer, type RawData } from 'ws';
import { listening, type Listening } from './listening.ts';

/** Something that listens on 127.0.0.1 and is no DeviceHive. */
export interface BadServer extends Listening {
  readonly url: string;
}

/** A web server that answers everything, the upgrade too, with this status. */
export async function webServer(status: number): Promise<BadServer> {
  const server = createHttpServer((_request, response) => response.writeHead(status).end('<p>hello</p>'));
  server.on('upgrade', (_request, socket) => {
    socket.on('error', () => undefined);
    socket.end(`HTTP/1.1 ${status} Whatever\r\ncontent-length: 5\r\nconnection: close\r\n\r\nhello`);
  });
  return badServer(server);
}

/** A WebSocket server that sends back what it gets. */
export async function echoServer(): Promise<BadServer> {
  const server = createHttpServer();
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket) => {
    socket.on('error', () => undefined);
    socket.on('message', (data: RawData, isBinary) => socket.send(data, { binary: isBinary }));
  });
  return badServer(server);
}

/** Accepts connections and does this with them. */
export async function tcpServer(treat: (socket: Socket) => void): Promise<BadServer> {
  return badServer(createTcpServer(treat));
}

/** Hangs up as soon as the handshake comes. */
export const hangsUp = (socket: Socket): void => {
  socket.once('data', () => socket.destroy());
};

/** Reads and says nothing, ever. */
export const saysNothing = (socket: Socket): void => {
  socket.resume();
};

/** Speaks a protocol of its own before it is asked. */
export const speaksFirst = (socket: Socket): void => {
  socket.write('220 mail.example ESMTP\r\n');
  socket.resume();
};

/** Agrees to the upgrade with a key that proves nothing. */
export const forgesTheKey = (socket: Socket): void => {
  socket.once('data', () =>
    socket.write(
      'HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: AAAA\r\n\r\n',
    ),
  );
};

/** A URL on which nothing listens: its port was free a moment ago. */
export async function deadUrl(): Promise<string> {
  const server = await tcpServer(saysNothing);
  await server.close();
  return server.url;
}

async function badServer(server: Server): Promise<BadServer> {
  const place = await listening(server);
  return { ...place, url: `ws://127.0.0.1:${place.port}` };
}
