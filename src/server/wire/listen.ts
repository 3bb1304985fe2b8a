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
 * How long an idle HTTP connection is kept: longer than clients pause between requests, because one that is sent just
 * as it ends is lost. The real server ends none.
 */
const keepAliveTimeout = 75_000;

/** How long a client may take to read what it was sent before its connection is cut. */
const farewellMs = 500;

/** Where a hive listens, and how to make it stop. */
export interface Listener {
  readonly port: number;
  /** Drops every connection, then closes the port; does not wait for clients that do not read. */
  close(): Promise<void>;
}

/**
 * Puts a hive on the network: WebSocket sessions on `/dh/websocket` and `/api/websocket`, REST on `/dh/rest`,
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
  // who waits for a 100 before the body gets it only where the body is wanted
  server.on('request', onRequest).on('checkContinue', onRequest);
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    upgrade({ hive, sessions, slowReaders }, request, socket, head);
  });
  await listening(server, host, port);
  const stopRounds = everyHalfMinute(hive, () => {
    for (const connection of sessions.clients) connection.ping();
    hive.sweep();
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      stopRounds();
      await desk.close();
      await farewell(server, sessions.clients);
    },
  };
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

/** What an upgrade needs to become a session. */
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
  // no subprotocol is ever agreed on, whatever a client offers (PROTOCOL.md 1.2)
  delete request.headers['sec-websocket-protocol'];
  // `ws` knows 13 and 8 alone
  request.headers['sec-websocket-version'] = '13';
  reception.sessions.handleUpgrade(request, socket, head, (connection) => {
    const session = new Session(reception.hive, connection, verdict.restServerUrl, verdict.principal);
    connection.carry(session, socket, reception.slowReaders);
  });
}

function rawAnswer({ status, headers, body }: HttpAnswer): string {
  const lines = Object.entries({ ...headers, Connection: 'close' }).map(([name, value]) => `${name}: ${value}`);
  return [`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`, ...lines, '', body].join('\r\n');
}

/** Runs the task at each :00 and :30; the function that comes back ends that. */
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
 * Ends every connection without a word, as the end of the real server does, and cuts off those who do not read in time
 * (PROTOCOL.md 1.5).
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
  // a handshake that was under way may have made one more
  for (const connection of connections) connection.terminate();
  server.closeAllConnections();
  await closed;
}
