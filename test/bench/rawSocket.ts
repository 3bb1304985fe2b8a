import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { randomBytes } from 'node:crypto';

/**
 * A WebSocket client that costs next to nothing: it sends prepared frames, and counts messages without reading them.
 */
export class RawSocket {
  readonly #socket: Socket;
  #rest: Buffer = Buffer.alloc(0);
  #skip = 0;
  #count = 0;
  #awaited = Infinity;
  #then: () => void = () => undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
  }

  static async open(url: string, token: string): Promise<RawSocket> {
    const { hostname, port, pathname } = new URL(url);
    const socket = connect(Number(port), hostname);
    socket.setNoDelay(true);
    const key = randomBytes(16).toString('base64');
    const lines = [
      `GET ${pathname} HTTP/1.1`,
      `Host: ${hostname}:${port}`,
      'Connection: Upgrade',
      'Upgrade: websocket',
    ];
    const authorization = token === '' ? [] : [`Authorization: Bearer ${token}`];
    lines.push('Sec-WebSocket-Version: 13', `Sec-WebSocket-Key: ${key}`, ...authorization, '', '');
    socket.write(lines.join('\r\n'));
    const [answer] = (await once(socket, 'data')) as [Buffer];
    if (!answer.toString('latin1').startsWith('HTTP/1.1 101')) throw new Error(answer.toString('latin1'));
    return new RawSocket(socket);
  }

  /** Sends frames. Resolves once this many messages have come. */
  exchange(frames: Buffer, replies: number): Promise<void> {
    return new Promise((resolve) => {
      this.expect(replies, resolve);
      this.#socket.write(frames);
    });
  }

  /** Calls back once this many more messages have come. */
  expect(messages: number, then: () => void): void {
    this.#awaited = this.#count + messages;
    this.#then = then;
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(chunk: Buffer): void {
    let at = this.#skip;
    const data = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    while (at + 10 <= data.length || (at + 2 <= data.length && ((data[at + 1] ?? 0) & 0x7f) < 126)) {
      const short = (data[at + 1] ?? 0) & 0x7f;
      const length =
        short < 126
          ? 2 + short
          : short === 126
            ? 4 + data.readUInt16BE(at + 2)
            : 10 + Number(data.readBigUInt64BE(at + 2));
      at += length;
      if (++this.#count >= this.#awaited) {
        this.#awaited = Infinity;
        this.#then();
      }
    }
    this.#skip = Math.max(0, at - data.length);
    this.#rest = at < data.length ? data.subarray(at) : Buffer.alloc(0);
  }
}

/** Returns a text as a client's frame. The mask is zero, so that the text needs no masking. */
export function clientFrame(text: string): Buffer {
  const payload = Buffer.from(text);
  const header =
    payload.length < 126
      ? Buffer.from([0x81, 0x80 | payload.length])
      : Buffer.from([0x81, 0x80 | 126, payload.length >> 8, payload.length & 0xff]);
  return Buffer.concat([header, Buffer.alloc(4), payload]);
}
