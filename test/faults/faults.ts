import { connect, createServer } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import {
  deadUrl,
  forgesTheKey,
  hangsUp,
  refusingProxy,
  saysNothing,
  speaksFirst,
  tcpServer,
  webServer,
} from '../helpers/badServer.ts';
import { closing, cuts, cuttingProxy, replyAndClose, type Cut } from '../helpers/cuttingProxy.ts';
import { fakeServer } from '../helpers/fakeServer.ts';
import { listening } from '../helpers/listening.ts';

/**
 * How far a command gets: not connected; connected, but the connection falls or stays silent before anything is
 * answered or after the login; or to its end. The exit codes follow from that.
 */
export type Stage = 'no connection' | 'login lost' | 'login silent' | 'reply lost' | 'reply silent' | 'well';

/** A way to a server on which something goes wrong, every time. */
export interface Way extends AsyncDisposable {
  readonly url: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** What a network, a proxy or a hostile peer does. */
export interface Fault {
  readonly name: string;
  readonly stage: Stage;
  /** What the command must say of it. */
  readonly says: RegExp;
  /** Opens a way to the server at a URL; the server's frame number `atFrame` meets the fault. */
  open(url: string, atFrame: number): Promise<Way>;
}

const unreachable = (name: string, says: RegExp, open: (url: string) => Promise<Way>): Fault => ({
  name,
  stage: 'no connection',
  says,
  open,
});

const cutting = (name: string, stage: Stage, says: RegExp, cut: Cut): Fault => ({
  name,
  stage,
  says,
  open: (url, atFrame) => cuttingProxy(url, cut, atFrame, 'all'),
});

const lost = /lost|closed|ended|hung up/i;
const silence = /within|no reply|not answered|no answer|unanswered/i;

/** Requests go on to the server; nothing comes back. */
const nothingBack: Cut = (client, server) => client.pipe(server);

/** The reply comes with an id that nobody asked with. */
const otherId: Cut = (client, server, frame) => {
  const text = frame
    .toString('latin1')
    .replace(/("requestId":)("?)./, (_, key: string, quote: string) => `${key}${quote}0`);
  client.pipe(server);
  client.write(text, 'latin1');
};

/** Everything that networks did to the commands, the healthy but slow one last. */
export const faults: readonly Fault[] = [
  unreachable('refused', /connection refused/, async () => nowhere(await deadUrl())),
  unreachable('closed on accept', /closed during the handshake/, () => tcpServer((socket) => socket.destroy())),
  unreachable('reset on accept', /closed during the handshake/, () => tcpServer((socket) => socket.resetAndDestroy())),
  unreachable('closed at the handshake', /closed during the handshake/, () => tcpServer(hangsUp)),
  unreachable('silence on accept', /not connected within/, () => tcpServer(saysNothing)),
  unreachable('another protocol', /not HTTP/, () => tcpServer(speaksFirst)),
  ...[200, 302, 401, 500, 502].map((status) =>
    unreachable(`HTTP ${status}`, new RegExp(`HTTP ${status}`), () => webServer(status)),
  ),
  unreachable('wrong Sec-WebSocket-Accept', /Sec-WebSocket-Accept/i, () => tcpServer(forgesTheKey)),
  unreachable('wss to a plain server', /does not speak TLS/, (url) =>
    Promise.resolve(nowhere(url.replace('ws:', 'wss:'))),
  ),
  unreachable('ws to a TLS server', /wss:\/\//, async () => {
    const server = await fakeServer({}, { tls: true });
    return { url: server.url.replace('wss:', 'ws:'), [Symbol.asyncDispose]: () => server.close() };
  }),
  unreachable('a certificate of nobody', /--ca/, () => fakeServer({}, { tls: true })),
  unreachable('no such name', /the name/, () => Promise.resolve(nowhere('ws://no-such-host.invalid:8080'))),
  unreachable('a proxy that refuses CONNECT', /refused the tunnel/, async () => {
    const proxy = await refusingProxy(403);
    const env = { HTTP_PROXY: proxy.url.replace('ws:', 'http:') };
    return { url: 'ws://hive.test:8080', env, [Symbol.asyncDispose]: () => proxy.close() };
  }),
  { ...cutting('closed after the handshake', 'login lost', lost, replyAndClose), open: atHandshake(replyAndClose) },
  { ...cutting('reset after the handshake', 'login lost', lost, replyAndReset), open: atHandshake(replyAndReset) },
  { ...cutting('black hole after the handshake', 'login silent', silence, onlyReply), open: atHandshake(onlyReply) },
  cutting('reset', 'reply lost', lost, cuts['a reset']),
  cutting('half-close', 'reply lost', lost, cuts['a half-close, while requests still pass']),
  cutting('the end within a frame', 'reply lost', lost, cuts['the end within a reply']),
  cutting('reserved bits', 'reply lost', lost, cuts['a frame with reserved bits']),
  cutting('unknown opcode', 'reply lost', lost, cuts['a frame of an unknown kind']),
  cutting('masked frame', 'reply lost', lost, cuts['a masked frame']),
  cutting('oversized frame', 'reply lost', lost, cuts['a frame longer than any']),
  cutting('invalid UTF-8', 'reply lost', lost, cuts['text that is not UTF-8']),
  cutting('HTTP within the WebSocket', 'reply lost', lost, cuts['an answer of HTTP']),
  ...[1001, 1008, 1011, 1013].map((code) =>
    cutting(`close ${code}`, 'reply lost', new RegExp(String(code)), closing(code)),
  ),
  cutting('no reply', 'reply silent', silence, nothingBack),
  cutting('another requestId', 'reply silent', silence, otherId),
  { name: 'byte by byte', stage: 'well', says: /(?:)/, open: byteByByte },
];

function nowhere(url: string): Way {
  return { url, [Symbol.asyncDispose]: () => Promise.resolve() };
}

function atHandshake(cut: Cut): Fault['open'] {
  return (url) => cuttingProxy(url, cut, 0, 'all');
}

function replyAndReset(...[client, , frame]: Parameters<Cut>): void {
  client.write(frame, () => client.resetAndDestroy());
}

function onlyReply(...[client, , frame]: Parameters<Cut>): void {
  client.write(frame);
  client.resume();
}

async function byteByByte(url: string): Promise<Way> {
  const { hostname, port, pathname } = new URL(url);
  const proxy = createServer((client) => {
    const server = connect(Number(port), hostname).on('error', () => undefined);
    client.setNoDelay(true).pipe(server);
    client.on('close', () => server.destroy());
    void drip(server, client);
  });
  const place = await listening(proxy);
  return { url: `ws://127.0.0.1:${place.port}${pathname}`, [Symbol.asyncDispose]: place.close };
}

async function drip(from: AsyncIterable<Buffer>, to: NodeJS.WritableStream): Promise<void> {
  try {
    for await (const chunk of from)
      for (const byte of chunk) {
        to.write(Buffer.of(byte));
        await turn();
      }
  } catch {
    // the server has gone
  }
  to.end();
}
