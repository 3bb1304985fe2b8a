import { EventEmitter } from 'node:events';
import type * as http from 'node:http';
import type { Socket } from 'node:net';

/**
 * Requests the upgrade of a plain `ws://` connection. The build gives it to the client's `ws` in place of Node's
 * `http.request`, because loading and running Node's HTTP client costs a tenth of a whole command. It knows one GET and
 * the head of its answer; requests with an agent (a proxy) or a password go to Node, as `wss://` always does (RFC 6455
 * 4.1).
 */
export function request(options: UpgradeOptions): UpgradeRequest | http.ClientRequest {
  if (options.agent === undefined && options.auth === undefined) return new UpgradeRequest(options);
  return process.getBuiltinModule('node:http').request(options);
}

/** The options that `ws` passes to `http.request`. */
export interface UpgradeOptions extends http.RequestOptions {
  readonly createConnection: (options: http.RequestOptions) => Socket;
  readonly headers: Readonly<Record<string, string | number>>;
}

/** The head of the answer: the part of an `IncomingMessage` that `ws` and its users read. */
export interface UpgradeAnswer {
  readonly statusCode: number;
  readonly statusMessage: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly socket: Socket;
}

/** Far more than any answer to an upgrade needs; Node's own limit is 16 KiB. */
const maxHeadBytes = 64 * 1024;

/** One upgrade request; emits `upgrade`, `response` or `error`, as Node's would. */
export class UpgradeRequest extends EventEmitter {
  readonly socket: Socket;
  #received: Buffer | undefined;
  #isDone = false;

  constructor(options: UpgradeOptions) {
    super();
    const head = headOf(options);
    this.socket = options.createConnection(options);
    this.socket.on('data', this.#onData).on('end', this.#onEnd).on('close', this.#onEnd).on('error', this.#onError);
    this.socket.write(head, 'latin1');
  }

  /** Does nothing: the request was sent whole. */
  end(): void {
    return;
  }

  /** Exists because `ws` takes an object with this method for a request, not a socket. Throws. */
  setHeader(): void {
    throw new Error('the request has been sent');
  }

  abort(): void {
    this.destroy();
  }

  destroy(): void {
    this.#isDone = true;
    this.socket.destroy();
  }

  readonly #onData = (chunk: Buffer): void => {
    const received = this.#received === undefined ? chunk : Buffer.concat([this.#received, chunk]);
    this.#received = received;
    if (!'HTTP/1.'.startsWith(received.toString('latin1', 0, 7)))
      return this.#fail('Parse Error: Expected HTTP/', 'HPE_INVALID_CONSTANT');
    const end = received.indexOf('\r\n\r\n');
    if ((end === -1 ? received.length : end) > maxHeadBytes)
      this.#fail('Parse Error: Header overflow', 'HPE_HEADER_OVERFLOW');
    else if (end !== -1) this.#answered(received.toString('latin1', 0, end), received.subarray(end + 4));
  };

  #answered(head: string, rest: Buffer): void {
    const [status = '', ...lines] = head.split('\r\n');
    const [, code, statusMessage = ''] = /^HTTP\/1\.\d (\d{3}) ?(.*)$/.exec(status) ?? [];
    if (code === undefined) return this.#fail('Parse Error: Invalid status line', 'HPE_INVALID_STATUS');
    if (code.startsWith('1') && code !== '101') {
      // an interim answer, such as 103 Early Hints (RFC 9110 15.2)
      this.#received = undefined;
      if (rest.length > 0) this.#onData(rest);
      return;
    }
    const answer: UpgradeAnswer = {
      statusCode: Number(code),
      statusMessage,
      headers: headersOf(lines),
      socket: this.socket,
    };
    this.#letGo();
    if (answer.statusCode === 101) this.emit('upgrade', answer, this.socket, rest);
    else this.emit('response', answer);
  }

  readonly #onEnd = (): void => this.#fail('socket hang up', 'ECONNRESET');

  readonly #onError = (error: Error): void => {
    if (this.#isDone) return;
    this.#letGo();
    this.emit('error', error);
  };

  #fail(message: string, code: string): void {
    this.#onError(Object.assign(new Error(message), { code }));
    this.socket.destroy();
  }

  /** Hands the socket over: it keeps nothing of this request in memory, and late errors are ignored. */
  #letGo(): void {
    this.#isDone = true;
    this.socket.off('data', this.#onData).off('end', this.#onEnd).off('close', this.#onEnd);
    this.socket.off('error', this.#onError).on('error', ignored);
  }
}

function ignored(): void {
  return;
}

function headOf({ path, host, port, defaultPort, headers }: UpgradeOptions): string {
  const name = String(host);
  const address = name.includes(':') ? `[${name}]` : name;
  const authority = Number(port) === Number(defaultPort) ? address : `${address}:${String(port)}`;
  const given = Object.entries(headers);
  const isNamed = given.some(([key]) => /^host$/i.test(key));
  const all = isNamed ? given : [['Host', authority] as const, ...given];
  const lines = all.map(([key, value]) => `${key}: ${value}\r\n`);
  return `GET ${path ?? '/'} HTTP/1.1\r\n${lines.join('')}\r\n`;
}

/** Returns headers by lower-case names; repeated ones are joined, as Node does. */
function headersOf(lines: readonly string[]): Record<string, string> {
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).trim().toLowerCase();
    const value = line.slice(colon + 1).trim();
    const known = headers.get(name);
    headers.set(name, known === undefined ? value : `${known}, ${value}`);
  }
  return Object.fromEntries(headers);
}
