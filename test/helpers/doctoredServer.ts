import { createServer } from 'node:http';
import { WebSocket, WebSocketServer, type RawData } from 'ws';
import { isFrame, type Frame } from '../../src/protocol/frames.ts';
import { listening } from './listening.ts';

/** The fate of a frame on its way: another frame in its place, or a word for what to do. */
export type Treatment = Frame | 'pass' | 'swallow' | 'hang up';

/** Decides about the frames of both directions; `request` is the one that a reply answers. */
export interface Doctor {
  readonly onReply?: (reply: Frame, request: Frame | undefined, client: WebSocket) => Treatment;
  readonly onRequest?: (request: Frame, client: WebSocket) => Treatment;
  /** True if a new client may connect; others get no answer at all, as from a hanging server. */
  readonly lets?: () => boolean;
}

/** A server that passes everything on to another one, except for the changes of its doctor. */
export interface DoctoredServer extends AsyncDisposable {
  readonly url: string;
  /** Hangs up on all clients and stops listening. */
  close(): Promise<void>;
}

/** Starts such a server in front of the one at `target`. */
export async function doctoredServer(target: string, doctor: Doctor): Promise<DoctoredServer> {
  const http = createServer();
  const server = new WebSocketServer({ noServer: true, path: '/dh/websocket' });
  http.on('upgrade', (request, socket, head) => {
    if (doctor.lets?.() === false) return;
    server.handleUpgrade(request, socket, head, (client) =>
      connected(client, new WebSocket(target, { perMessageDeflate: false }), doctor),
    );
  });
  const { port, close } = await listening(http);
  return { url: `ws://127.0.0.1:${port}/dh/websocket`, close, [Symbol.asyncDispose]: close };
}

function connected(client: WebSocket, hive: WebSocket, { onReply, onRequest }: Doctor): void {
  const asked = new Map<unknown, Frame>();
  const open = new Promise((resolve) => hive.once('open', resolve));
  for (const socket of [client, hive]) socket.on('error', () => undefined);
  client.on('message', (data: RawData, isBinary) => {
    const request = isBinary ? undefined : parsed(data);
    if (request?.['requestId'] !== undefined) asked.set(request['requestId'], request);
    const treatment = request === undefined ? 'pass' : (onRequest?.(request, client) ?? 'pass');
    void open.then(() => (treatment === 'hang up' ? client.terminate() : pass(treatment, data, isBinary, hive)));
  });
  hive.on('message', (data: RawData, isBinary) => {
    const reply = parsed(data) ?? {};
    const treatment = onReply?.(reply, asked.get(reply['requestId']), client) ?? 'pass';
    if (treatment === 'hang up') client.terminate();
    else pass(treatment, data, isBinary, client);
  });
  client.on('close', () => hive.terminate());
  hive.on('close', (code) => (code === 1006 ? client.terminate() : client.close(code)));
}

function pass(treatment: Exclude<Treatment, 'hang up'>, data: RawData, isBinary: boolean, to: WebSocket): void {
  if (treatment === 'pass') to.send(data, { binary: isBinary });
  else if (treatment !== 'swallow') to.send(JSON.stringify(treatment));
}

function parsed(data: RawData): Frame | undefined {
  try {
    const value: unknown = JSON.parse((data as Buffer).toString());
    return isFrame(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
