import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Socket as NetSocket } from 'node:net';
import { WebSocket, type ClientOptions, type RawData } from 'ws';
import type { Failure } from '../../errors.ts';
import { nowMs } from '../clock.ts';
import { handshakeFailure, HandshakeRefusal, interrupted, notInTime } from './connectFailure.ts';
import type { Closed } from '../contract.ts';
import type { ClientSettings } from '../settings.ts';
import type { Tunnel } from './proxy.ts';
import { Heartbeat, type Beating } from './heartbeat.ts';
import { openAtPlace } from './search.ts';
import { maskedTextFrames } from './textFrames.ts';

/** Far above what any frame of DeviceHive takes. */
const maxFrameBytes = 256 * 1024 * 1024;
/** How long a peer that takes no more bytes may delay the end of the process, in ms. */
const lastWriteMs = 100;
const keepAliveMs = 30_000;
/** How long a server that has sent its close frame may keep the connection, in ms; a proxy may keep it for ever. */
const farewellMs = 100;

/** How a client ends a connection that it is done with. */
export const goodbye: Closed = { code: 1000, reason: '' };

/** Listens to a socket; called in order, never before the socket is open. */
export interface SocketListener {
  onText(text: string): void;
  onBinary(byteLength: number): void;
  onClosed(closed: Closed): void;
}

let openedSockets = 0;

/** An open WebSocket. */
export interface Socket {
  /** Counted from 1 as the sockets of this process open. */
  readonly number: number;
  /** Bytes that wait to be taken by the network. */
  readonly waitingBytes: number;
  /** Sends a text. Returns its number: texts are counted from 1. */
  send(text: string): number;
  /** False if the text with this number was not given to the network and never will be. */
  maySend(number: number): boolean;
  sendBinary(bytes: Uint8Array): void;
  /** Sends a close frame and drops the connection without waiting for the peer. */
  end(): void;
  /** Drops the connection without a word, as a device does that loses its network; the listener hears of it. */
  drop(): void;
}

/**
 * Connects within `connectTimeoutMs`, without a subprotocol, compression or a token (PROTOCOL.md 1.2). In the built
 * program `ws` finds `src/build/swapped/plainUpgrade.ts` where it looks for Node's `http`: a faster upgrade of `ws://`.
 * Throws a `Failure`: `connect`, `usage` or `interrupted`.
 */
export async function openSocket(settings: ClientSettings, listener: SocketListener): Promise<Socket> {
  const deadlineMs = nowMs() + settings.connectTimeoutMs;
  return openAtPlace(settings.place, (url) => openAt({ ...settings, url }, listener, deadlineMs));
}

async function openAt(settings: ClientSettings, listener: SocketListener, deadlineMs: number): Promise<Socket> {
  const route = needsRoute(settings) ? await (await import('./route.ts')).routeTo(settings) : undefined;
  const { localAddress } = settings;
  const options = {
    perMessageDeflate: false,
    closeTimeout: farewellMs,
    maxPayload: maxFrameBytes,
    ...(localAddress === undefined ? {} : { localAddress }),
    ...(route?.options satisfies ClientOptions | undefined),
  };
  const socket = new LiveSocket(settings.url, options);
  await opened(socket, { listener, settings, deadlineMs, tunnel: route?.tunnel });
  return socket;
}

/** Proxies, headers and certificates are rare; what they need is loaded only for them. */
function needsRoute({ url, ca, cert, headers, insecureTls, proxy }: ClientSettings): boolean {
  const hasTls = ca !== undefined || cert !== undefined || insecureTls === true;
  if (headers !== undefined || (hasTls && /^wss:/i.test(url))) return true;
  return proxy !== false && proxyVariables.some((name) => process.env[name]);
}

const proxyVariables = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY'].flatMap((name) => [name, name.toLowerCase()]);

interface Opening {
  readonly listener: SocketListener;
  readonly settings: ClientSettings;
  /** By the monotonic clock. */
  readonly deadlineMs: number;
  readonly tunnel: Tunnel | undefined;
}

/** Waits for the 101. From that moment on the listener is called. */
function opened(socket: LiveSocket, { listener, settings, deadlineMs, tunnel }: Opening): Promise<void> {
  const { signal } = settings;
  return new Promise((resolve, reject) => {
    const finish = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    };
    const fail = (failure: Failure) => {
      finish();
      reject(failure);
      socket.terminate();
    };
    const abort = () => fail(interrupted(`connecting to ${settings.peer}`));
    const timer = setTimeout(() => fail(notInTime(settings, tunnel)), Math.max(deadlineMs - nowMs(), 0));
    signal?.addEventListener('abort', abort, { once: true });
    socket.on('error', (error) => fail(handshakeFailure(error, settings, tunnel)));
    socket.once('unexpected-response', (_request: ClientRequest, response: IncomingMessage) =>
      fail(new HandshakeRefusal(response, settings, tunnel)),
    );
    socket.once('upgrade', ({ socket: net }: IncomingMessage) => {
      socket.once('open', () => {
        finish();
        socket.removeAllListeners('error').removeAllListeners('unexpected-response');
        socket.carry(net, listener, settings.pingMs);
        resolve();
      });
    });
    if (signal?.aborted === true) abort();
  });
}

/**
 * A WebSocket that tells one listener what it receives. A process may have ten thousand of them: they share their
 * handlers and one timer.
 */
class LiveSocket extends WebSocket implements Socket, Beating {
  listener: SocketListener | undefined = undefined;
  trouble = '';
  number = 0;
  #net: NetSocket | undefined = undefined;
  #heartbeat: Heartbeat | undefined = undefined;
  #unsent: string[] | undefined = undefined;
  #textCount = 0;
  #writtenCount = 0;

  /** Starts to tell, once the socket is open. */
  carry(net: NetSocket, listener: SocketListener, pingMs: number): void {
    this.#net = net;
    this.number = ++openedSockets;
    this.listener = listener;
    net.setKeepAlive(true, keepAliveMs);
    this.on('message', onMessage).on('error', onError).on('close', onClose);
    if (pingMs === Infinity) return;
    this.#heartbeat = new Heartbeat(this, pingMs);
    this.on('pong', onPong);
  }

  get bytesRead(): number {
    return this.#net?.bytesRead ?? 0;
  }

  ponged(): void {
    this.#heartbeat?.ponged();
  }

  fallSilent(reason: string): void {
    this.trouble = reason;
    this.terminate();
  }

  /** The connection is over. */
  still(): void {
    this.#heartbeat?.end();
  }

  get waitingBytes(): number {
    return this.#net?.writableLength ?? 0;
  }

  /** Frames of one turn of the event loop leave in one write. */
  override send(text: string): number {
    if (this.#unsent !== undefined) this.#unsent.push(text);
    else {
      this.#unsent = [text];
      process.nextTick(flush, this);
    }
    return ++this.#textCount;
  }

  maySend(number: number): boolean {
    return number <= this.#writtenCount || this.#isWritable;
  }

  /** A socket that is closing takes nothing more. */
  get #isWritable(): boolean {
    return this.readyState === WebSocket.OPEN && this.#net?.writable === true;
  }

  sendBinary(bytes: Uint8Array): void {
    this.flush();
    if (this.readyState === WebSocket.OPEN) super.send(bytes);
  }

  end(): void {
    this.flush();
    this.still();
    this.close(goodbye.code);
    const net = this.#net;
    // the close frame is on its way; taking the connection apart can wait, and need not be done by a process that ends
    // now
    setImmediate(() => {
      net?.destroySoon();
      if (net !== undefined && net.writableLength > 0) setTimeout(() => net.destroy(), lastWriteMs);
    });
  }

  drop(): void {
    this.terminate();
  }

  /**
   * `ws` would make two writes of each frame, so several are made here at once; without compression `ws` itself has
   * nothing half sent.
   */
  flush(): void {
    const texts = this.#unsent;
    this.#unsent = undefined;
    if (texts === undefined || !this.#isWritable) return;
    this.#writtenCount += texts.length;
    const [first = ''] = texts;
    if (texts.length === 1) super.send(first);
    else this.#net?.write(maskedTextFrames(texts));
  }
}

function flush(socket: LiveSocket): void {
  socket.flush();
}

function onMessage(this: WebSocket, data: RawData, isBinary: boolean): void {
  if (!(this instanceof LiveSocket)) return;
  if (isBinary) this.listener?.onBinary((data as Buffer).byteLength);
  else this.listener?.onText((data as Buffer).toString());
}

/** The close that follows tells about it. */
function onError(this: WebSocket, error: Error): void {
  if (this instanceof LiveSocket) this.trouble = error.message;
}

function onPong(this: WebSocket): void {
  if (this instanceof LiveSocket) this.ponged();
}

function onClose(this: WebSocket, code: number, reason: Buffer): void {
  if (!(this instanceof LiveSocket)) return;
  this.still();
  this.listener?.onClosed({ code, reason: reason.toString() || this.trouble });
}
