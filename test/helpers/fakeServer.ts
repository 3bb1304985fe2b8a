import { readFileSync } from 'node:fs';
import { createServer as createPlain, type IncomingHttpHeaders } from 'node:http';
import { createServer as createSecure, type ServerOptions } from 'node:https';
import { WebSocketServer, type RawData, type WebSocket } from 'ws';
import type { Frame, RequestFrame } from '../../src/protocol/frames.ts';
import { listening } from './listening.ts';

/** A certificate for localhost, 127.0.0.1 and hive.test that nobody should trust, and its key. */
export const testCertificate = readFileSync(new URL('testOnlyCertificate.pem', import.meta.url), 'utf8');
/** A certificate of a client, with its key, that the one above has not signed. */
export const testClient = readFileSync(new URL('testOnlyClient.pem', import.meta.url), 'utf8');
export const testKey = readFileSync(new URL('testOnlyKey.pem', import.meta.url), 'utf8');

/** One client, as the server sees it. */
export interface Peer {
  /** Sends a frame, or any text. */
  send(frame: Frame | string): void;
  sendBinary(data: Buffer): void;
  close(code: number, reason?: string): void;
  /** Drops the connection without a close frame. */
  drop(): void;
}

/** Answers a request; missing `action`, `requestId` and `status: success` are filled in. Undefined is silence. */
export type Answer = (request: RequestFrame, peer: Peer) => Frame | undefined;

/** A scripted server: it answers every action outside of its script with success. */
export interface FakeServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly peers: readonly Peer[];
  /** All requests of all clients, in order. */
  readonly requests: readonly RequestFrame[];
  readonly handshakes: readonly IncomingHttpHeaders[];
  /** The paths of all handshakes, including refused ones. */
  readonly tried: readonly string[];
  /** Returns the requests of one action. */
  sent(action: string): RequestFrame[];
  /** Resolves with them once there are `count`, by default one. */
  received(action: string, count?: number): Promise<RequestFrame[]>;
  /** Resolves with the next close code of a client. */
  closed(): Promise<number>;
  close(): Promise<void>;
}

/** Options of a scripted server. */
export interface FakeOptions {
  readonly tls?: boolean;
  readonly port?: number;
  /** Path of its WebSocket; other paths get the status `elsewhere`, by default 404. */
  readonly path?: string;
  readonly elsewhere?: number;
  /** The certificate authority of clients, PEM: only they are let in. */
  readonly clients?: string;
  readonly maxTls?: 'TLSv1.2';
  /** A gateway in front of it: answers 401 to handshakes whose headers it does not want. */
  readonly admits?: (headers: IncomingHttpHeaders) => boolean;
}

function tlsOptions({ clients, maxTls }: FakeOptions): ServerOptions {
  return {
    cert: testCertificate,
    key: testKey,
    ...(clients === undefined ? {} : { ca: clients, requestCert: true, rejectUnauthorized: true }),
    ...(maxTls === undefined ? {} : { maxVersion: maxTls }),
  };
}

/** Starts a scripted server on 127.0.0.1. */
export async function fakeServer(script: Record<string, Answer> = {}, options: FakeOptions = {}): Promise<FakeServer> {
  const isSecure = options.tls === true;
  const http = isSecure ? createSecure(tlsOptions(options)) : createPlain();
  http.on('request', (_request, response) => response.writeHead(404).end());
  const { path = '/dh/websocket', elsewhere = 404, admits = () => true } = options;
  const server = new WebSocketServer({ noServer: true });
  const tried: string[] = [];
  http.on('upgrade', (request, socket, head) => {
    const { pathname } = new URL(request.url ?? '', 'ws://host');
    tried.push(pathname);
    if (!admits(request.headers)) socket.end('HTTP/1.1 401 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
    else if (pathname === path)
      server.handleUpgrade(request, socket, head, (client) => server.emit('connection', client, request));
    else socket.end(`HTTP/1.1 ${elsewhere} No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
  });
  const requests: RequestFrame[] = [];
  const peers: Peer[] = [];
  const handshakes: IncomingHttpHeaders[] = [];
  const closes: number[] = [];
  const waiting = new Set<() => void>();
  const changed = () => [...waiting].forEach((check) => check());
  const until = <T>(condition: () => T | undefined): Promise<T> =>
    new Promise((resolve) => {
      const check = () => {
        const value = condition();
        if (value === undefined) return;
        waiting.delete(check);
        resolve(value);
      };
      waiting.add(check);
      check();
    });
  server.on('connection', (socket, request) => {
    const peer = peerOf(socket);
    peers.push(peer);
    handshakes.push(request.headers);
    socket.on('message', (data: RawData) => {
      const frame = JSON.parse((data as Buffer).toString()) as RequestFrame;
      requests.push(frame);
      const answer = script[frame.action];
      const reply = answer === undefined ? {} : answer(frame, peer);
      const { action, requestId } = frame;
      if (reply !== undefined) peer.send({ action, requestId, status: 'success', ...reply });
      changed();
    });
    socket.on('error', () => undefined);
    socket.on('close', (code) => {
      closes.push(code);
      changed();
    });
  });
  const { port, close } = await listening(http, options.port);
  const sent = (action: string) => requests.filter((request) => request.action === action);
  return {
    url: `${isSecure ? 'wss' : 'ws'}://127.0.0.1:${port}${path}`,
    port,
    peers,
    requests,
    handshakes,
    tried,
    sent,
    received: (action, count = 1) => until(() => (sent(action).length >= count ? sent(action) : undefined)),
    closed: () => until(() => closes.shift()),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Answers with an error reply of DeviceHive (PROTOCOL.md 2.3). */
export function refusing(code: number, error: string | null): Answer {
  return () => ({ status: 'error', code, error });
}

/** Never answers. */
export const silent: Answer = () => undefined;

/** Returns a DeviceHive JWT with these claims (PROTOCOL.md 3.1) and an invalid signature. */
export function jwtWith(payload: Frame): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'HS256' })}.${part({ payload })}.c2lnbmF0dXJl`;
}

function peerOf(socket: WebSocket): Peer {
  return {
    send: (frame) => socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame)),
    sendBinary: (data) => socket.send(data),
    close: (code, reason) => socket.close(code, reason),
    drop: () => socket.terminate(),
  };
}
