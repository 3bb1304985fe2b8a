import type { Duplex } from 'node:stream';
import { WebSocket, WebSocketServer, type Server } from 'ws';
import { messageOf } from '../../errors.ts';
import { dispatch } from '../dispatch.ts';
import type { Hive } from '../hive.ts';
import { maxRequestBytes } from '../limits.ts';
import type { Peer, Session } from '../session.ts';
import type { Outlet, SlowReaders } from './slowReaders.ts';
import { textFrameHeader, textFrames } from './textFrames.ts';

/** Close codes of the real server (PROTOCOL.md 1.3, 1.5). */
const binaryRefused = 1003;
const readsTooSlowly = 4500;

/** What is said in one turn is collected up to this length, then written; a turn may go on for long. */
const maxCollectedLength = 1024 * 1024;

/**
 * A WebSocket with the session that it carries. What is sent within one turn of the event loop goes out in one write,
 * unless it is much.
 */
export class ClientConnection extends WebSocket implements Peer, Outlet {
  session: Session | undefined = undefined;
  slowReaders: SlowReaders | undefined = undefined;
  socket: Duplex | undefined = undefined;
  #hive: Hive | undefined = undefined;
  #unsent: string[] | undefined = undefined;
  #unsentLength = 0;

  /** Starts to carry a session over its socket. */
  carry(session: Session, socket: Duplex, slowReaders: SlowReaders): void {
    this.socket = socket;
    this.slowReaders = slowReaders;
    this.session = session;
    this.#hive = session.hive;
    this.on('message', onMessage);
    this.on('close', onClose);
    this.on('error', onError);
  }

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
  sendShared(start: Buffer, end: string): void {
    this.flush();
    const { socket } = this;
    if (socket === undefined || !this.#hasRoom() || !this.#isSettled()) return;
    const rest = Buffer.from(end);
    socket.cork();
    socket.write(textFrameHeader(start.length + rest.length));
    socket.write(start);
    socket.write(rest);
    socket.uncork();
    this.slowReaders?.watch(this);
  }

  /** The client sees 1000 where it gave no code itself (PROTOCOL.md 1.5). */
  override close(code = 1000, reason?: string | Buffer): void {
    this.flush();
    super.close(code, reason);
  }

  flush(): void {
    const texts = this.#unsent;
    if (texts === undefined) return;
    this.#unsent = undefined;
    this.#unsentLength = 0;
    if (!this.#hasRoom() || !this.#isSettled()) return;
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

  drop(): void {
    this.#endSession();
    this.close(readsTooSlowly, 'This client reads too slowly');
  }

  /**
   * Ends the TCP connection after what was said so far, without a close frame: the client sees 1006 (PROTOCOL.md 1.5).
   */
  hangUp(): void {
    this.flush();
    this.forget();
    this.socket?.end();
  }

  cut(): void {
    this.forget();
    this.terminate();
  }

  /** Nobody is there any more. */
  forget(): void {
    this.slowReaders?.forget(this);
    this.#endSession();
  }

  #hasRoom(): boolean {
    return this.readyState === WebSocket.OPEN && this.slowReaders?.hasRoom(this) !== false;
  }

  /** Whether what is acknowledged here is kept; otherwise nobody must hear of it. */
  #isSettled(): boolean {
    if (this.#hive?.settle() !== false) return true;
    this.cut();
    return false;
  }

  #endSession(): void {
    this.session?.end();
    this.session = undefined;
  }
}

function flush(connection: ClientConnection): void {
  connection.flush();
}

function onMessage(this: WebSocket, data: Buffer, isBinary: boolean): void {
  // what comes after the connection was given up is no longer heard
  if (this.readyState !== WebSocket.OPEN || !(this instanceof ClientConnection) || this.session === undefined) return;
  if (isBinary) this.close(binaryRefused, 'Binary messages not supported');
  else dispatch(data.toString(), this.session);
}

function onClose(this: WebSocket): void {
  if (this instanceof ClientConnection) this.forget();
}

/** A broken connection closes by itself, with the code that says why. */
function onError(): void {
  return;
}

/** A burst of pings is answered whole; `ws` would cut the connection after 60 (PROTOCOL.md 1.5). */
const sessionOptions = {
  noServer: true,
  WebSocket: ClientConnection,
  perMessageDeflate: false,
  maxPendingAutoPongs: 10_000,
  maxPayload: maxRequestBytes,
};

/** The sessions of one server, and what makes them of upgrades. */
export type Sessions = Server<typeof ClientConnection>;

/** No session yet. */
export function openSessions(): Sessions {
  return new WebSocketServer<typeof ClientConnection>(sessionOptions);
}
