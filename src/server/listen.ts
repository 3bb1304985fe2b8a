import { createServer, STATUS_CODES, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocket, WebSocketServer, type Server as Sessions } from 'ws';
import { Failure, messageOf } from '../errors.ts';
import { dispatch } from './dispatch.ts';
import { judge, notUpgraded, type HttpAnswer } from './handshake.ts';
import type { Hive } from './hive.ts';
import { Session, type Peer } from './session.ts';
import type { SharedText } from './sharedText.ts';
import { sendLimits, SlowReaders, type Outlet, type SendLimits } from './slowReaders.ts';
import { textFrameHeader, textFrames } from './textFrames.ts';

/** Close codes of the real server (protocol.md 1.3, 1.5). */
const binaryRefused = 1003;
const serverGoes = 1012;
const readsTooSlowly = 4500;

/** The real server pings at :00 and :30 of each minute (protocol.md 1.5). */
const pingEveryMs = 30_000;

/** How long a client may take to answer a close before its connection is cut. */
const farewellMs = 500;

/** The largest message that a client may send, in bytes: 100 MiB; more closes the connection with 1009. The real server has no limit (protocol.md 1.5); this one shares the memory of its process. */
export const maxRequestBytes = 100 * 1024 * 1024;

/** What is said in one turn is collected up to this length, then written; a turn may go on for long. */
const maxCollectedLength = 1024 * 1024;

/** A shared text that waits in one connection. */
interface Hold {
  readonly shared: SharedText;
}

/** A WebSocket with the session that it carries. What is sent within one turn of the event loop goes out in one write, unless it is much. */
class Connection extends WebSocket implements Peer, Outlet {
  session: Session | undefined = undefined;
  slowReaders: SlowReaders | undefined = undefined;
  socket: Duplex | undefined = undefined;
  #unsent: string[] | undefined = undefined;
  #unsentLength = 0;
  #holds: Set<Hold> | undefined = undefined;
  #heldBytes = 0;

  override send(text: string): void {
    if (this.readyState !== WebSocket.OPEN) return;
    this.#unsentLength += text.length;
    if (this.#unsent === undefined) {
      this.#unsent = [text];
      process.nextTick(flush, this);
    } else this.#unsent.push(text);
    if (this.#unsentLength > maxCollectedLength) this.flush();
  }

  /** The text goes out in pieces, so that its start stays in memory once for all who get it. */
  sendShared(start: SharedText, end: string): void {
    this.flush();
    const { socket } = this;
    if (socket === undefined || !this.#hasRoom()) return;
    const rest = Buffer.from(end);
    const hold = { shared: start };
    this.#hold(hold);
    socket.cork();
    socket.write(textFrameHeader(start.bytes.length + rest.length));
    socket.write(start.bytes, () => this.#release(hold));
    socket.write(rest);
    socket.uncork();
    this.slowReaders?.watch(this);
  }

  /** The client sees 1000 where it gave no code itself (protocol.md 1.5). */
  override close(code = 1000, reason?: string | Buffer): void {
    this.flush();
    super.close(code, reason);
  }

  flush(): void {
    const texts = this.#unsent;
    if (texts === undefined) return;
    this.#unsent = undefined;
    this.#unsentLength = 0;
    if (!this.#hasRoom()) return;
    try {
      this.socket?.write(textFrames(texts));
    } catch (error) {
      // there is no memory for it: better one client lost than all
      this.session?.hive.log({ level: 'error', message: `cannot send to a client: ${messageOf(error)}` });
      this.cut();
      return;
    }
    this.slowReaders?.watch(this);
  }

  unsentBytes(): number {
    return this.socket?.writableLength ?? 0;
  }

  ownBytes(): number {
    return Math.max(0, this.unsentBytes() - this.#heldBytes);
  }

  drop(): void {
    this.#endSession();
    this.close(readsTooSlowly, 'This client reads too slowly');
  }

  cut(): void {
    this.forget();
    this.terminate();
  }

  /** Nobody is there any more. */
  forget(): void {
    this.slowReaders?.forget(this);
    for (const hold of this.#holds ?? []) this.#release(hold);
    this.#endSession();
  }

  #hasRoom(): boolean {
    return this.readyState === WebSocket.OPEN && this.slowReaders?.hasRoom(this) !== false;
  }

  #endSession(): void {
    this.session?.end();
    this.session = undefined;
  }

  #hold(hold: Hold): void {
    (this.#holds ??= new Set()).add(hold);
    this.#heldBytes += hold.shared.bytes.length;
    this.slowReaders?.hold(hold.shared);
  }

  /** Once, whether the text was sent or the connection ended before. */
  #release(hold: Hold): void {
    if (this.#holds?.delete(hold) !== true) return;
    this.#heldBytes -= hold.shared.bytes.length;
    this.slowReaders?.release(hold.shared);
  }
}

function flush(connection: Connection): void {
  connection.flush();
}

function onMessage(this: WebSocket, data: Buffer, isBinary: boolean): void {
  // what comes after the close was sent is no longer heard
  if (this.readyState !== WebSocket.OPEN) return;
  if (isBinary) this.close(binaryRefused, 'Binary messages not supported');
  else if (this instanceof Connection && this.session !== undefined) dispatch(data.toString(), this.session);
}

function onClose(this: WebSocket): void {
  if (this instanceof Connection) this.forget();
}

/** A broken connection closes by itself, with the code that says why. */
function onError(): void {
  return;
}

/** A burst of pings is answered whole; `ws` would cut the connection after 60 (protocol.md 1.5). */
const sessionOptions = {
  noServer: true,
  WebSocket: Connection,
  perMessageDeflate: false,
  maxPendingAutoPongs: 10_000,
  maxPayload: maxRequestBytes,
};

/** Where a hive listens, and how to make it stop. */
export interface Listener {
  readonly port: number;
  /** Closes every session with 1012, then the port; does not wait for clients that do not answer. */
  close(): Promise<void>;
}

/** Puts a hive on the network: WebSocket sessions on `/dh/websocket` and `/api/websocket`. Throws a Failure where it cannot listen. */
export async function listen(
  hive: Hive,
  host: string,
  port: number,
  limits: SendLimits = sendLimits,
): Promise<Listener> {
  const sessions = new WebSocketServer<typeof Connection>(sessionOptions);
  const slowReaders = new SlowReaders(hive.clock, limits);
  const server = createServer((request, response) => answerHttp(hive, request, response));
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
  readonly sessions: Sessions<typeof Connection>;
  readonly slowReaders: SlowReaders;
}

function upgrade(reception: Reception, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  const verdict = judge(reception.hive, request);
  if (verdict.kind === 'refused') {
    socket.on('error', onError);
    socket.end(rawAnswer(verdict), () => socket.destroy());
    return;
  }
  // no subprotocol is ever agreed on, whatever a client offers (protocol.md 1.2)
  delete request.headers['sec-websocket-protocol'];
  reception.sessions.handleUpgrade(request, socket, head, (connection) => {
    connection.socket = socket;
    connection.slowReaders = reception.slowReaders;
    connection.session = new Session(reception.hive, connection, verdict.restServerUrl, verdict.principal);
    connection.on('message', onMessage);
    connection.on('close', onClose);
    connection.on('error', onError);
  });
}

function rawAnswer({ status, headers, body }: HttpAnswer): string {
  const lines = Object.entries({ ...headers, Connection: 'close' }).map(([name, value]) => `${name}: ${value}`);
  return [`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`, ...lines, '', body].join('\r\n');
}

function answerHttp(hive: Hive, request: IncomingMessage, response: ServerResponse): void {
  const verdict = judge(hive, request);
  const { status, headers, body } = verdict.kind === 'refused' ? verdict : notUpgraded;
  response.writeHead(status, headers);
  response.end(body);
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

/** Says goodbye to everyone and cuts those off who do not answer in time. */
async function farewell(server: Server, connections: ReadonlySet<Connection>): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  const gone = [...connections].map(
    (connection) => new Promise<void>((resolve) => void connection.once('close', () => resolve())),
  );
  for (const connection of connections) connection.close(serverGoes, 'The server is shutting down');
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
