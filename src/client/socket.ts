import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Socket as NetSocket } from 'node:net';
import { WebSocket, type ClientOptions, type RawData } from 'ws';
import type { Failure } from '../errors.ts';
import { nowMs } from './clock.ts';
import { handshakeFailure, notInTime, statusFailure } from './connectFailure.ts';
import type { Closed } from './contract.ts';
import { interrupted } from './failures.ts';
import type { Settings } from './settings.ts';
import { maskedTextFrames } from './textFrames.ts';

/** Far above what any frame of DeviceHive takes. */
const maxFrameBytes = 256 * 1024 * 1024;
/** How long a peer that takes no more bytes may delay the end of the process, in ms. */
const lastWriteMs = 100;
const keepAliveMs = 30_000;
/** How long a server that has sent its close frame may keep the connection, in ms; a proxy may keep it for ever. */
const farewellMs = 100;

/** Who hears of what a socket receives; called in order, never before the socket is open. */
export interface SocketListener {
  onText(text: string): void;
  onBinary(byteLength: number): void;
  onClosed(closed: Closed): void;
}

/** An open WebSocket. */
export interface Socket {
  send(text: string): void;
  /** Sends a close frame and drops the connection without waiting for the peer. */
  end(): void;
}

/** Connects within `connectTimeoutMs`, without a subprotocol, compression or a token (protocol.md 1.2). Throws a `Failure`: `connect`, `usage` or `interrupted`. */
export async function openSocket(settings: Settings, listener: SocketListener): Promise<Socket> {
  const deadlineMs = nowMs() + settings.connectTimeoutMs;
  const route = needsRoute(settings) ? await (await import('./route.ts')).routeTo(settings) : undefined;
  const options = {
    perMessageDeflate: false,
    closeTimeout: farewellMs,
    maxPayload: maxFrameBytes,
    ...(route?.options satisfies ClientOptions | undefined),
  };
  const socket = new WebSocket(settings.url, options);
  socket.on('message', (data: RawData, isBinary: boolean) => {
    if (isBinary) listener.onBinary((data as Buffer).byteLength);
    else listener.onText((data as Buffer).toString());
  });
  const net = await opened(socket, settings, deadlineMs, route?.proxy);
  let trouble = '';
  socket.on('error', (error) => (trouble = error.message));
  socket.on('close', (code: number, reason: Buffer) =>
    listener.onClosed({ code, reason: reason.toString() || trouble }),
  );
  return new LiveSocket(socket, net);
}

/** Proxies and certificate authorities are rare; their packages are loaded only for them. */
function needsRoute({ url, ca, proxy }: Settings): boolean {
  if (ca !== undefined && /^wss:/i.test(url)) return true;
  const { HTTP_PROXY, HTTPS_PROXY, http_proxy, https_proxy } = process.env;
  return proxy !== false && Boolean(HTTP_PROXY || HTTPS_PROXY || http_proxy || https_proxy);
}

/** Waits for the 101 and gives the socket below. */
function opened(socket: WebSocket, settings: Settings, deadlineMs: number, proxy?: string): Promise<NetSocket> {
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
    const timer = setTimeout(() => fail(notInTime(settings, proxy)), Math.max(deadlineMs - nowMs(), 0));
    signal?.addEventListener('abort', abort, { once: true });
    socket.on('error', (error) => fail(handshakeFailure(error, settings, proxy)));
    socket.once('unexpected-response', (_request: ClientRequest, response: IncomingMessage) =>
      fail(statusFailure(response, settings, proxy)),
    );
    socket.once('upgrade', ({ socket: net }: IncomingMessage) => {
      socket.once('open', () => {
        finish();
        resolve(net);
      });
    });
    if (signal?.aborted === true) abort();
  });
}

class LiveSocket implements Socket {
  readonly #socket: WebSocket;
  readonly #net: NetSocket;
  #unsent: string[] | undefined;

  constructor(socket: WebSocket, net: NetSocket) {
    this.#socket = socket;
    this.#net = net;
    net.setKeepAlive(true, keepAliveMs);
  }

  /** Frames of one turn of the event loop leave in one write. */
  send(text: string): void {
    if (this.#unsent !== undefined) return void this.#unsent.push(text);
    this.#unsent = [text];
    process.nextTick(this.#flush);
  }

  end(): void {
    this.#flush();
    this.#socket.close(1000);
    // the close frame is on its way; taking the connection apart can wait, and need not be done by a process that ends now
    setImmediate(() => {
      this.#net.destroySoon();
      if (this.#net.writableLength > 0) setTimeout(() => this.#net.destroy(), lastWriteMs);
    });
  }

  /** `ws` would make two writes of each frame, so several are made here; without compression nothing of its own can be half sent. */
  readonly #flush = (): void => {
    const texts = this.#unsent;
    this.#unsent = undefined;
    if (texts === undefined || this.#socket.readyState !== WebSocket.OPEN) return;
    const [first = ''] = texts;
    if (texts.length === 1) this.#socket.send(first);
    else this.#net.write(maskedTextFrames(texts));
  };
}
