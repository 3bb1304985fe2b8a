import { once } from 'node:events';
import WebSocket from 'ws';

/** A reply, as parsed. */
export type RawReply = Readonly<Record<string, unknown>>;

/** A connection that sends requests without waiting for replies. */
export class Pipelining {
  readonly socket: WebSocket;
  readonly #waiting = new Map<unknown, (reply: RawReply) => void>();
  #lastId = 0;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('error', () => undefined);
    socket.on('message', (data) => {
      const reply = JSON.parse((data as Buffer).toString()) as RawReply;
      this.#waiting.get(reply['requestId'])?.(reply);
      this.#waiting.delete(reply['requestId']);
    });
  }

  /** Connects with an access token. */
  static async open({ url, accessToken }: { readonly url: string; readonly accessToken: string }): Promise<Pipelining> {
    const headers = { Authorization: `Bearer ${accessToken}` };
    const socket = new WebSocket(url, { perMessageDeflate: false, headers });
    await once(socket, 'open');
    return new Pipelining(socket);
  }

  /** Resolves with the reply to a request; never, if the connection ends before it. */
  ask(action: string, fields: object = {}): Promise<RawReply> {
    const requestId = ++this.#lastId;
    return new Promise((resolve) => {
      this.#waiting.set(requestId, resolve);
      this.socket.send(JSON.stringify({ action, requestId, ...fields }));
    });
  }

  /** Resolves with the reply to a request that must succeed. Rejects on an error reply. */
  async done(action: string, fields: object = {}): Promise<RawReply> {
    const reply = await this.ask(action, fields);
    if (reply['status'] !== 'success') throw new Error(JSON.stringify(reply));
    return reply;
  }
}
