import type { IncomingHttpHeaders } from 'node:http';
import {
  allowedHost,
  allowedOrigin,
  hostNameOf,
  originOf,
  strangerIn,
  type LetIn,
  type Stranger,
} from '../protocol/webOrigins.ts';

/** Hosts and origins that are let in besides this machine. */
export interface GuardOptions {
  readonly allowHosts?: readonly string[];
  readonly allowOrigins?: readonly string[];
}

/**
 * Keeps web pages of other sites off a server on loopback, whose password everybody knows. The real server lets all in
 * (PROTOCOL.md 1.2, 10).
 */
export class PageGuard {
  readonly #letIn: LetIn;

  /** Throws a usage `Failure` where an entry is not a host name or an origin. */
  constructor({ allowHosts = [], allowOrigins = [] }: GuardOptions) {
    this.#letIn = {
      hosts: allowHosts.map((host) => allowedHost(host, 'allowHosts')),
      origins: allowOrigins.map((origin) => allowedOrigin(origin, 'allowOrigins')),
    };
  }

  /** Returns why a request is refused, in words for the client and the log; undefined where it is let in. */
  refusal(headers: IncomingHttpHeaders): string | undefined {
    const stranger = strangerIn(headers, this.#letIn);
    return stranger === undefined ? undefined : reasons[stranger.kind](stranger);
  }

  /** Returns the origin to name in an answer to a browser; undefined where its page may not read it. */
  originFor(headers: IncomingHttpHeaders): string | undefined {
    const { origin = '*' } = headers;
    return strangerIn(headers, this.#letIn) === undefined ? origin : undefined;
  }
}

const reasons: Readonly<Record<Stranger['kind'], (stranger: Stranger) => string>> = {
  host: ({ text }) =>
    `this server on loopback answers to no other names: Host was '${text.slice(0, 200)}'; let it in with --allow-host ${word(hostNameOf(text), 'NAME')}`,
  origin: ({ text }) =>
    text === 'null'
      ? "this server on loopback answers pages of this machine only: Origin was 'null', which any page can have; let all in with --allow-origin '*'"
      : `this server on loopback answers pages of this machine only: Origin was '${text.slice(0, 200)}'; let it in with --allow-origin ${word(originOf(text), 'ORIGIN')}`,
};

/** Returns a text that is safe to copy into a shell, or the placeholder `instead`. */
function word(text: string | undefined, instead: string): string {
  return text !== undefined && /^[\w.:/[\]-]{1,200}$/.test(text) ? text : instead;
}
