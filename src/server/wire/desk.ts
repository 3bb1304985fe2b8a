import { IncomingMessage, type ServerResponse } from 'node:http';
import { logAccident } from '../failureReply.ts';
import { judgeHandshake, notUpgraded } from './handshake.ts';
import type { Hive } from '../hive.ts';
import type { Gateway } from '../rest/gateway.ts';

/** An HTTP request. One to REST is never upgraded, even if it asks for HTTP/2, as Java's own client does. */
export class HttpRequest extends IncomingMessage {
  // not a private field: the base constructor sets `upgrade` before private fields exist
  protected wanted = false;

  get upgrade(): boolean {
    return this.wanted && !isRest(this.url);
  }

  set upgrade(wanted: boolean | null) {
    this.wanted = wanted === true;
  }
}

/** Answers HTTP requests that are not handshakes. The REST code is loaded at the first request for it. */
export class Desk {
  readonly #hive: Hive;
  #gateway: Promise<Gateway> | undefined = undefined;

  constructor(hive: Hive) {
    this.#hive = hive;
  }

  /** Answers a request. Never throws. */
  answer(request: IncomingMessage, response: ServerResponse): void {
    if (!isRest(request.url)) return refuse(this.#hive, request, response);
    this.#gateway ??= import('../rest/gateway.ts').then(({ Gateway }) => new Gateway(this.#hive));
    this.#gateway.then(
      (gateway) => void gateway.answer(request, response),
      (error: unknown) => {
        this.#gateway = undefined;
        logAccident(error, this.#hive);
        response.writeHead(500).end();
      },
    );
  }

  /** Ends requests that wait for an event. */
  async close(): Promise<void> {
    (await this.#gateway?.catch(() => undefined))?.close();
  }
}

/** True if a request goes to one of the services over HTTP (PROTOCOL.md 10). */
function isRest(url = ''): boolean {
  return /^(?:[a-z]+:\/\/[^/]*)?\/(?:dh|api|auth|plugin)\/rest(?:[/?]|$)/.test(url);
}

function refuse(hive: Hive, request: IncomingMessage, response: ServerResponse): void {
  const verdict = judgeHandshake(hive, request);
  const { status, headers, body } = verdict.kind === 'refused' ? verdict : notUpgraded;
  response.writeHead(status, headers);
  response.end(body);
}
