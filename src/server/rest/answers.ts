import type { ServerResponse } from 'node:http';
import { writeJson } from '../reading/json.ts';
import { Refusal, type Answer } from '../outcome.ts';

/** A part of a body; buffers may be shared by many answers. */
export type Piece = string | Buffer;

/** What is answered to an HTTP request. */
export interface RestAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | readonly Piece[];
}

/**
 * Browsers may come from anywhere, as the real server's SimpleCORSFilter tells them (PROTOCOL.md 10); what a server
 * says now is not what it says next time.
 */
const always: Readonly<Record<string, string>> = {
  'Access-Control-Allow-Credentials': 'true',
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Allow-Methods': 'OPTIONS, GET, POST, PUT, DELETE, HEAD',
  'Access-Control-Max-Age': '0',
  'Access-Control-Allow-Headers': 'Origin, Authorization, Accept, Content-Type, Auth-DeviceID, Auth-DeviceKey',
  'Cache-Control': 'no-store',
};

/** Sends an answer. */
export function sendAnswer(response: ServerResponse, { status, headers, body }: RestAnswer): void {
  const pieces = typeof body === 'string' ? [body] : body;
  const length = pieces.reduce((sum, piece) => sum + Buffer.byteLength(piece), 0);
  response.writeHead(status, { ...always, ...headers, ...(status === 204 ? {} : { 'Content-Length': length }) });
  response.cork();
  for (const piece of pieces) if (piece.length > 0) response.write(piece);
  response.uncork();
  response.end();
}

/** JSON; everything the real server answers itself is called so, even where there is nothing (PROTOCOL.md 10). */
export function jsonAnswer(status: number, pieces: readonly Piece[]): RestAnswer {
  return { status, headers: { 'Content-Type': 'application/json' }, body: pieces };
}

/** Success; without a value 204. */
export function success(status: number, value: unknown): RestAnswer {
  return value === undefined ? jsonAnswer(204, []) : jsonAnswer(status, [writeJson(value)]);
}

/** An error in the usual shape; the HTTP status is its code where nothing else is said. */
export function errorAnswer({ code, text }: Answer, status = code): RestAnswer {
  return jsonAnswer(status, [writeJson({ error: code, message: text })]);
}

/**
 * A refusal that is answered in another shape than usual: by the real server's framework, which says little, or with a
 * status that is not the code in the body (PROTOCOL.md 10).
 */
export class OddRefusal extends Refusal {
  readonly oddity: { readonly phrase: string } | { readonly status: number };

  constructor(oddity: OddRefusal['oddity'], answer: Answer) {
    super('refused', answer);
    this.oddity = oddity;
  }
}
