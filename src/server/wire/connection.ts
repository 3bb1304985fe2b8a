import type { Duplex } from 'node:stream';
import { WebSocket, WebSocketServer, type Server } from 'ws';
import { messageOf } from '../../errors.ts';
import { dispatch } from '../dispatch.ts';
import type { Hive } from '../hive.ts';
import { Arrival, type Visitor } from '../intake.ts';
import { maxFragments, maxRequestBytes } from '../limits.ts';
import type { Peer, Session } from '../session.ts';
import { sendLimits, type Outlet, type SlowReaders } from './slowReaders.ts';
import { textFrameHeader, textFrames } from './textFrames.ts';

/**
 * Close codes of the server: the real one's for a binary message, RFC 6455's for one that is too large, and one for a
 * client that reads too slowly (PROTOCOL.md 1.3, 1.5).
 */
const binaryRefused = 1003;
const tooLarge = 1009;
const readsTooSlowly = 4500;

/** Bytes of a client's ping or pong before its data: two, and a mask (RFC 6455, 5.2). */
const controlHeaderBytes = 6;

/** Texts of one turn are collected up to this length (UTF-16 units) before they are written. */
const maxCollectedLength = 1024 * 1024;

/**
 * A WebSocket and the session that it carries. Texts sent within one turn of the event loop go out in one write, or in
 * a few if they are long.
 */
export class ClientConnection extends WebSocket implements Peer, Outlet {
  session: Session | undefined = undefined;
  slowReaders: SlowReaders | undefined = undefined;
  socket: Duplex | undefined = undefined;
  #hive: Hive | undefined = undefined;
  #unsent: string[] | undefined = undefined;
  #unsentLength = 0;
  #arrival: Arrival | undefined = undefined;
  #hasArrived = false;
  #controlBytes = 0;

  /** Starts to carry a session over this connection. */
  carry(session: Session, socket: Duplex, slowReaders: SlowReaders): void {
    this.socket = socket;
    this.slowReaders = slowReaders;
    this.session = session;
    this.#hive = session.hive;
    this.#arrival = new Arrival(session.hive.intake);
    // runs after the listener of `ws`, which has emitted by then every message that is complete
    socket.on('data', (piece: Buffer) => this.#hold(piece));
    this.on('message', onMessage);
    this.on('ping', onControlFrame);
    this.on('pong', onControlFrame);
    this.on('close', onClose);
    this.on('error', onError);
  }

  /** Serves a complete message. */
  receive(message: Buffer, isBinary: boolean): void {
    // messages that arrive after the connection was given up are ignored
    const { session } = this;
    if (this.readyState !== WebSocket.OPEN || session === undefined) return;
    this.#hasArrived = true;
    this.#arrival?.end();
    if (isBinary) this.close(binaryRefused, 'Binary messages not supported');
    else if (message.length > session.hive.intake.largest(visitorOf(session))) this.#refuseLarge();
    else dispatch(message.toString(), session);
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

  /** Writes a text in pieces, so that its start stays in memory only once for all recipients. */
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

  /** Closes with code 1000 unless another is given (PROTOCOL.md 1.5). */
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
      // out of memory: give up this client rather than the process
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
   * Ends the TCP connection after the texts sent so far, without a close frame: the client sees 1006 (PROTOCOL.md 1.5).
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

  /** Ends the session and its supervision. */
  forget(): void {
    this.slowReaders?.forget(this);
    this.#arrival?.end();
    this.#endSession();
  }

  /** Leaves a ping or pong out of what is kept; they may come between the parts of a message. */
  passControlFrame(data: Buffer): void {
    this.#controlBytes += controlHeaderBytes + data.length;
  }

  /** Counts what `ws` keeps of a message that is not complete. */
  #hold(piece: Buffer): void {
    const kept = piece.length - this.#controlBytes;
    this.#controlBytes = 0;
    const { session } = this;
    if (this.#hasArrived || session === undefined) this.#hasArrived = false;
    else if (this.#arrival?.add(visitorOf(session), kept) === false) this.#refuseLarge();
  }

  /** Closes the connection and discards whatever else the client sends. */
  #refuseLarge(): void {
    const { socket } = this;
    this.forget();
    this.close(tooLarge, 'The message is too large');
    socket?.removeAllListeners('data').resume();
    this.#hive?.clock.schedule(sendLimits.graceMs, () => this.terminate());
  }

  #hasRoom(): boolean {
    return this.readyState === WebSocket.OPEN && this.slowReaders?.hasRoom(this) !== false;
  }

  /**
   * True if the changes that this write acknowledges are saved. If not, cuts the connection, so that the client never
   * learns of them.
   */
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

function visitorOf({ principal }: Session): Visitor {
  return principal === undefined ? 'stranger' : 'user';
}

function onMessage(this: WebSocket, message: Buffer, isBinary: boolean): void {
  if (this instanceof ClientConnection) this.receive(message, isBinary);
}

function onControlFrame(this: WebSocket, data: Buffer): void {
  if (this instanceof ClientConnection) this.passControlFrame(data);
}

function onClose(this: WebSocket): void {
  if (this instanceof ClientConnection) this.forget();
}

/** A broken connection closes by itself, with a code that says why; without a listener the error would be thrown. */
function onError(): void {
  return;
}

/**
 * Options of `ws`. It would cut a connection after 60 pending pongs; a burst of pings must be answered whole
 * (PROTOCOL.md 1.5).
 */
const sessionOptions = {
  noServer: true,
  WebSocket: ClientConnection,
  perMessageDeflate: false,
  maxPendingAutoPongs: 10_000,
  maxPayload: maxRequestBytes,
  maxFragments,
  maxBufferedChunks: 4 * maxFragments,
};

/** The WebSocket sessions of one server; accepts upgrades. */
export type Sessions = Server<typeof ClientConnection>;

/** Returns a server for sessions that holds none yet. */
export function openSessions(): Sessions {
  return new WebSocketServer<typeof ClientConnection>(sessionOptions);
}
