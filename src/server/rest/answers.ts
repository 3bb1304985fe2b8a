import type { IncomingMessage, ServerResponse } from 'node:http';
import { writeJson } from '../reading/json.ts';
import { Refusal, type Answer } from '../outcome.ts';
import type { PageGuard } from '../pageGuard.ts';

/** A part of a body; many answers may share one buffer. */
export type Piece = string | Buffer;

/** An HTTP answer. */
export interface RestAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | readonly Piece[];
}

/**
 * Headers of every answer (the real server's SimpleCORSFilter; PROTOCOL.md 10), besides the origin; answers must not be
 * cached.
 */
const always: Readonly<Record<string, string>> = {
  'Access-Control-Allow-Credentials': 'true',
  'Access-Control-Allow-Methods': 'OPTIONS, GET, POST, PUT, DELETE, HEAD',
  'Access-Control-Max-Age': '0',
  'Access-Control-Allow-Headers': 'Origin, Authorization, Accept, Content-Type, Auth-DeviceID, Auth-DeviceKey',
  'Cache-Control': 'no-store',
};

/** The origin whose pages may read an answer: any; on a guarded server the one that asked, if it is let in. */
function originHeaders({ headers }: IncomingMessage, guard: PageGuard | undefined): Readonly<Record<string, string>> {
  const origin = guard === undefined ? '*' : guard.originFor(headers);
  if (origin === '*') return { 'Access-Control-Allow-Origin': origin };
  return { ...(origin === undefined ? {} : { 'Access-Control-Allow-Origin': origin }), Vary: 'Origin' };
}

/** Sends an answer and ends the response. */
export function sendAnswer(
  response: ServerResponse,
  { status, headers, body }: RestAnswer,
  guard: PageGuard | undefined,
): void {
  const pieces = typeof body === 'string' ? [body] : body;
  const length = pieces.reduce((sum, piece) => sum + Buffer.byteLength(piece), 0);
  const allowed = { ...always, ...originHeaders(response.req, guard) };
  response.writeHead(status, { ...allowed, ...headers, ...(status === 204 ? {} : { 'Content-Length': length }) });
  response.cork();
  for (const piece of pieces) if (piece.length > 0) response.write(piece);
  response.uncork();
  response.end();
}

/** Returns a JSON answer. The real server labels all its own answers so, even empty ones (PROTOCOL.md 10). */
export function jsonAnswer(status: number, pieces: readonly Piece[]): RestAnswer {
  return { status, headers: { 'Content-Type': 'application/json' }, body: pieces };
}

/** Returns an answer that reports success: the value as JSON, or a 204 where it is undefined. */
export function success(status: number, value: unknown): RestAnswer {
  return value === undefined ? jsonAnswer(204, []) : jsonAnswer(status, [writeJson(value)]);
}

/** Returns an error in the usual shape; the HTTP status is its code unless another is given. */
export function errorAnswer({ code, text }: Answer, status = code): RestAnswer {
  return jsonAnswer(status, [writeJson({ error: code, message: text })]);
}

/**
 * A refusal answered in another shape than usual: by the real server's framework with a bare phrase, or with an HTTP
 * status other than the code in the body (PROTOCOL.md 10).
 */
export class OddRefusal extends Refusal {
  readonly oddity: { readonly phrase: string } | { readonly status: number };

  constructor(oddity: OddRefusal['oddity'], answer: Answer) {
    super('refused', answer);
    this.oddity = oddity;
  }
}
