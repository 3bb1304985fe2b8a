import { IncomingMessage, type ServerResponse } from 'node:http';
import { logAccident } from '../failureReply.ts';
import { judgeHandshake, notUpgraded } from './handshake.ts';
import type { Hive } from '../hive.ts';
import type { Gateway } from '../rest/gateway.ts';

/** An HTTP request; over REST it never becomes anything else, even if it asks for HTTP/2 as Java's own client does. */
export class HttpRequest extends IncomingMessage {
  // no private field: node's own constructor sets `upgrade` before there would be one
  protected wanted = false;

  get upgrade(): boolean {
    return this.wanted && !isRest(this.url);
  }

  set upgrade(wanted: boolean | null) {
    this.wanted = wanted === true;
  }
}

/** Answers requests that are no handshakes. What serves REST is loaded with the first that wants it. */
export class Desk {
  readonly #hive: Hive;
  #gateway: Promise<Gateway> | undefined = undefined;

  constructor(hive: Hive) {
    this.#hive = hive;
  }

  /** Never throws. */
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

  /** Ends what waits for something to happen. */
  async close(): Promise<void> {
    (await this.#gateway?.catch(() => undefined))?.close();
  }
}

/** Whether a request goes to one of the services that are served over HTTP (PROTOCOL.md 10). */
function isRest(url = ''): boolean {
  return /^(?:[a-z]+:\/\/[^/]*)?\/(?:dh|api|auth|plugin)\/rest(?:[/?]|$)/.test(url);
}

function refuse(hive: Hive, request: IncomingMessage, response: ServerResponse): void {
  const verdict = judgeHandshake(hive, request);
  const { status, headers, body } = verdict.kind === 'refused' ? verdict : notUpgraded;
  response.writeHead(status, headers);
  response.end(body);
}
