import { connect, createServer, type Socket } from 'node:net';
import { listening } from './listening.ts';

/** Ends one connection in some way; `frame` is the server's frame that was about to pass. */
export type Cut = (client: Socket, server: Socket, frame: Buffer) => void;

/** A close frame with code 1001: the server goes away. */
const closeFrame = Buffer.from([0x88, 0x02, 0x03, 0xe9]);

/** Ways in which a connection may end, as the client sees them. */
export const cuts = {
  'a reset': (client) => client.resetAndDestroy(),
  'a close frame and the end': (client) => client.end(closeFrame),
  'a close frame and nothing after it': (client) => client.write(closeFrame),
  'a half-close, while requests still pass': (client, server) => {
    client.end();
    client.pipe(server);
  },
  'the end within a reply': (client, _server, frame) => client.end(frame.subarray(0, frame.length / 2)),
  'a reset within a reply': (client, _server, frame) =>
    client.write(frame.subarray(0, frame.length / 2), () => client.resetAndDestroy()),
  'a reset within a request': (client, server, frame) => {
    client.once('data', (chunk: Buffer) => {
      server.end(chunk.subarray(0, -10));
      client.resetAndDestroy();
    });
    client.resume().write(frame);
  },
  'a frame with reserved bits': (client) => client.write(Buffer.from([0xf1, 0x02, 0x68, 0x69])),
  'a frame of an unknown kind': (client) => client.write(Buffer.from([0x8b, 0x00])),
  'a masked frame': (client) => client.write(Buffer.from([0x81, 0x81, 1, 2, 3, 4, 5])),
  'text that is not UTF-8': (client) => client.write(Buffer.from([0x81, 0x02, 0xc3, 0x28])),
  'a frame longer than any': (client) => client.write(Buffer.from([0x81, 0x7f, 0, 1, 0, 0, 0, 0, 0, 0])),
  'an answer of HTTP': (client) => client.write('HTTP/1.1 502 Bad Gateway\r\n\r\n'),
} satisfies Record<string, Cut>;

/** Sends a reply and a close frame in one piece: a client that reacts to the reply meets a closing connection. */
export const replyAndClose: Cut = (client, _server, frame) => client.write(Buffer.concat([frame, closeFrame]));

/** A close frame with a code, and the end. */
export function closing(code: number): Cut {
  return (client) => client.end(Buffer.from([0x88, 0x02, code >> 8, code & 0xff]));
}

/** A proxy to a server that breaks. */
export interface CuttingProxy extends AsyncDisposable {
  readonly url: string;
}

/**
 * Passes everything on up to the server's frame number `atFrame`, counted from 1, 0 being the answer to the handshake,
 * and cuts in its place. It leaves later connections alone, unless it cuts all.
 */
export async function cuttingProxy(
  target: string,
  cut: Cut,
  atFrame: number,
  which: 'first' | 'all' = 'first',
): Promise<CuttingProxy> {
  const { hostname, port, pathname } = new URL(target);
  let isCut = false;
  const proxy = createServer((client) => {
    const server = connect(Number(port), hostname);
    server.on('error', () => undefined);
    client.on('close', () => server.destroy());
    client.pipe(server);
    if (isCut) return void server.pipe(client);
    isCut = which === 'first';
    const end = (frame: Buffer) => cut(client.unpipe(server), server, frame);
    server.on(
      'data',
      untilFrame(atFrame, (frame) => void client.write(frame), end),
    );
  });
  const { port: ownPort, close } = await listening(proxy);
  return { url: `ws://127.0.0.1:${ownPort}${pathname}`, [Symbol.asyncDispose]: close };
}

/**
 * Returns a listener for the server's bytes that passes whole frames on, and gives the one with this number to `end`.
 */
function untilFrame(
  atFrame: number,
  pass: (frame: Buffer) => void,
  end: (frame: Buffer) => void,
): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  let frames = -1; // the head of HTTP comes first
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    while (frames < atFrame) {
      const length = frames === -1 ? headLength(rest) : frameLength(rest);
      if (length === undefined) return;
      const frame = rest.subarray(0, length);
      rest = rest.subarray(length);
      frames++;
      (frames < atFrame ? pass : end)(frame);
    }
  };
}

function headLength(bytes: Buffer): number | undefined {
  const end = bytes.indexOf('\r\n\r\n');
  return end === -1 ? undefined : end + 4;
}

/**
 * Returns the length of the frame at the start of these bytes, unmasked as servers send it; undefined where it is
 * incomplete.
 */
function frameLength(bytes: Buffer): number | undefined {
  const short = (bytes[1] ?? 0) & 0x7f;
  const headerLength = short < 126 ? 2 : short === 126 ? 4 : 10;
  if (bytes.length < headerLength) return undefined;
  const payload = short < 126 ? short : short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
  return bytes.length < headerLength + payload ? undefined : headerLength + payload;
}
