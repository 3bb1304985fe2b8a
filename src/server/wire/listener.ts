import { createServer, STATUS_CODES, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { Failure, messageOf } from '../../errors.ts';
import { openSessions, type ClientConnection, type Sessions } from './connection.ts';
import { Desk, HttpRequest } from './desk.ts';
import type { HttpAnswer } from './door.ts';
import { judgeHandshake } from './handshake.ts';
import type { Hive } from '../hive.ts';
import { Session } from '../session.ts';
import { sendLimits, SlowReaders, type SendLimits } from './slowReaders.ts';

/** The real server pings at :00 and :30 of each minute (PROTOCOL.md 1.5). */
const pingEveryMs = 30_000;

/**
 * Idle HTTP connections are kept for this long, in ms: longer than clients usually pause, because a request sent just
 * as its connection ends is lost. The real server never ends one.
 */
const keepAliveTimeout = 75_000;

/** At the end, clients have this long to read what they were sent before their connections are cut. */
const farewellMs = 500;

/** The port on which a hive listens, and the way to stop it. */
export interface Listener {
  /** The IP address that a host name resolved to. */
  readonly address: string;
  readonly port: number;
  /** Ends every connection, then closes the port. Does not wait long for clients that do not read. */
  close(): Promise<void>;
}

/**
 * Serves a hive over the network: WebSocket sessions on `/dh/websocket` and `/api/websocket`, REST on `/dh/rest`,
 * `/api/rest` and `/auth/rest`. Throws a Failure where it cannot listen.
 */
export async function listen(
  hive: Hive,
  host: string,
  port: number,
  limits: SendLimits = sendLimits,
): Promise<Listener> {
  const sessions = openSessions();
  const slowReaders = new SlowReaders(hive.clock, limits, hive.harms);
  const desk = new Desk(hive);
  const server = createServer({ IncomingMessage: HttpRequest, keepAliveTimeout });
  const onRequest = (request: IncomingMessage, response: ServerResponse) => desk.answer(request, response);
  // requests with `Expect: 100-continue` too; those that read the body send the 100 themselves
  server.on('request', onRequest).on('checkContinue', onRequest);
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    upgrade({ hive, sessions, slowReaders }, request, socket, head);
  });
  await listening(server, host, port);
  const stopRounds = everyHalfMinute(hive, () => {
    pingAll(sessions.clients.values());
    hive.sweep();
  });
  const { address, port: bound } = server.address() as AddressInfo;
  return {
    address,
    port: bound,
    close: async () => {
      stopRounds();
      await desk.close();
      await farewell(server, sessions.clients);
    },
  };
}

/** Pings of one turn of the event loop. */
const pingsAtOnce = 500;

/** Pings connections in groups, between which clients are served. */
function pingAll(connections: Iterator<ClientConnection>): void {
  for (let count = 0; count < pingsAtOnce; count++) {
    const next = connections.next();
    if (next.done === true) return;
    next.value.ping();
  }
  setImmediate(pingAll, connections);
}

function listening(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      const hint = 'Choose another port; 0 takes any that is free.';
      reject(new Failure('connect', `cannot listen on ${host}:${port}: ${messageOf(cause)}`, { hint, cause }));
    });
    server.listen(port, host, resolve);
  });
}

/** Everything needed to turn an upgrade into a session. */
interface Reception {
  readonly hive: Hive;
  readonly sessions: Sessions;
  readonly slowReaders: SlowReaders;
}

function upgrade(reception: Reception, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  const verdict = judgeHandshake(reception.hive, request);
  if (verdict.kind === 'refused') {
    socket.on('error', () => undefined);
    socket.end(rawAnswer(verdict), () => socket.destroy());
    return;
  }
  // the server never agrees on a subprotocol (PROTOCOL.md 1.2)
  delete request.headers['sec-websocket-protocol'];
  // `ws` accepts only 13 and 8
  request.headers['sec-websocket-version'] = '13';
  reception.sessions.handleUpgrade(request, socket, head, (connection) => {
    const session = new Session(reception.hive, connection, verdict);
    connection.carry(session, socket, reception.slowReaders);
  });
}

function rawAnswer({ status, headers, body }: HttpAnswer): string {
  const lines = Object.entries({ ...headers, Connection: 'close' }).map(([name, value]) => `${name}: ${value}`);
  return [`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`, ...lines, '', body].join('\r\n');
}

/** Runs the task at each :00 and :30. Returns a function that stops it. */
function everyHalfMinute({ clock }: Hive, task: () => void): () => void {
  let cancel: () => void;
  const plan = () => {
    cancel = clock.schedule(pingEveryMs - (clock.now() % pingEveryMs), () => {
      plan();
      task();
    });
  };
  plan();
  return () => cancel();
}

/**
 * Ends every connection without a close frame, as a real server does that stops, and cuts those that do not read in
 * time (PROTOCOL.md 1.5).
 */
async function farewell(server: Server, connections: ReadonlySet<ClientConnection>): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  const gone = [...connections].map(
    (connection) => new Promise<void>((resolve) => void connection.once('close', () => resolve())),
  );
  for (const connection of connections) connection.hangUp();
  const timer = setTimeout(() => {
    for (const connection of connections) connection.terminate();
  }, farewellMs);
  await Promise.all(gone);
  clearTimeout(timer);
  // a handshake in progress may have added another connection
  for (const connection of connections) connection.terminate();
  server.closeAllConnections();
  await closed;
}
