import { createServer as createHttpServer } from 'node:http';
import { createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { WebSocketServer, type RawData } from 'ws';
import { listening, type Listening } from './listening.ts';

/** Something that listens on 127.0.0.1 and is not a DeviceHive. */
export interface BadServer extends Listening {
  readonly url: string;
}

/** Starts a web server that answers everything, upgrades included, with this status. */
export async function webServer(status: number): Promise<BadServer> {
  const server = createHttpServer((_request, response) => response.writeHead(status).end('<p>hello</p>'));
  server.on('upgrade', (_request, socket) => {
    socket.on('error', () => undefined);
    socket.end(`HTTP/1.1 ${status} Whatever\r\ncontent-length: 5\r\nconnection: close\r\n\r\nhello`);
  });
  return badServer(server);
}

/** Starts a WebSocket server that echoes. */
export async function echoServer(): Promise<BadServer> {
  const server = createHttpServer();
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket) => {
    socket.on('error', () => undefined);
    socket.on('message', (data: RawData, isBinary) => socket.send(data, { binary: isBinary }));
  });
  return badServer(server);
}

/** Starts a TCP server that treats each connection so. */
export async function tcpServer(treat: (socket: Socket) => void): Promise<BadServer> {
  return badServer(createTcpServer(treat));
}

/** Hangs up at the first byte of the handshake. */
export const hangsUp = (socket: Socket): void => {
  socket.once('data', () => socket.destroy());
};

/** Reads, and never says anything. */
export const saysNothing = (socket: Socket): void => {
  socket.resume();
};

/** Greets in another protocol before it is asked. */
export const speaksFirst = (socket: Socket): void => {
  socket.write('220 mail.example ESMTP\r\n');
  socket.resume();
};

/** Accepts the upgrade with an invalid key. */
export const forgesTheKey = (socket: Socket): void => {
  socket.once('data', () =>
    socket.write(
      'HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: AAAA\r\n\r\n',
    ),
  );
};

/** A proxy that makes no tunnels. */
export async function refusingProxy(status: number): Promise<BadServer> {
  const server = createHttpServer();
  server.on('connect', (_request, socket) => {
    socket.on('error', () => undefined);
    socket.end(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`);
  });
  return badServer(server);
}

/** Returns a URL on which nothing listens; its port was free a moment ago. */
export async function deadUrl(): Promise<string> {
  const server = await tcpServer(saysNothing);
  await server.close();
  return server.url;
}

async function badServer(server: Server): Promise<BadServer> {
  const place = await listening(server);
  return { ...place, url: `ws://127.0.0.1:${place.port}` };
}
