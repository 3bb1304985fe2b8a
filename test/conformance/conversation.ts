import { once } from 'node:events';
import WebSocket from 'ws';

/** A JSON object as it came. */
export type Received = Readonly<Record<string, unknown>>;

/** One connection of a scenario: keeps received frames in order until they are taken. */
export class Conversation {
  readonly #socket: WebSocket;
  readonly #unread: Received[] = [];
  #wake: () => void = () => undefined;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data) => {
      this.#unread.push(JSON.parse((data as Buffer).toString()) as Received);
      this.#wake();
    });
    socket.on('close', () => this.#wake());
    socket.on('error', () => undefined);
  }

  static async open(url: string): Promise<Conversation> {
    const socket = new WebSocket(url, { perMessageDeflate: false });
    const conversation = new Conversation(socket);
    await once(socket, 'open');
    return conversation;
  }

  send(frame: string | Buffer): void {
    this.#socket.send(frame);
  }

  /**
   * Waits for the answer to a request sent now: the server answers in order, so frames that have not arrived by then
   * never will.
   */
  async settle(): Promise<void> {
    const requestId = `probe-${Math.random()}`;
    this.send(JSON.stringify({ action: 'server/info', requestId }));
    while (this.#socket.readyState !== WebSocket.CLOSED) {
      if (this.take((frame) => frame['requestId'] === requestId) !== undefined) return;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  /** Removes and returns the first received frame that is wanted. */
  take(isWanted: (frame: Received) => boolean): Received | undefined {
    const index = this.#unread.findIndex(isWanted);
    return index < 0 ? undefined : this.#unread.splice(index, 1)[0];
  }

  /** Removes and returns all received frames. */
  takeAll(): Received[] {
    return this.#unread.splice(0);
  }

  /** Waits for the close. Returns all received frames and the close code. */
  async end(): Promise<{ readonly frames: Received[]; readonly code: number }> {
    const [code] = (await once(this.#socket, 'close')) as [number];
    return { frames: this.#unread, code };
  }

  async close(): Promise<void> {
    if (this.#socket.readyState === WebSocket.CLOSED) return;
    const closed = once(this.#socket, 'close');
    this.#socket.close();
    await closed;
  }
}
