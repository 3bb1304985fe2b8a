import type { IncomingMessage, ServerResponse } from 'node:http';
import { Fields, isList } from '../reading/fields.ts';
import { parseLenientJson } from '../reading/json.ts';
import { isObject, type Json, type JsonObject } from '../reading/jsonValues.ts';
import { Arrival, type Intake, type Visitor } from '../intake.ts';
import { malformed, malformedText, refuse } from '../outcome.ts';

/** The type of a body's field; any field may be absent or null. */
export type FieldKind = keyof typeof readers;

/** The fields of a body that count, and where they go in the request: into the field `into`, or beside the others. */
export interface Body {
  readonly into?: string;
  readonly fields: Readonly<Record<string, FieldKind>>;
}

const readers = {
  text: (body: Fields, name: string) => body.text(name),
  integer: (body: Fields, name: string) => body.integer(name),
  long: (body: Fields, name: string) => body.long(name),
  exactLong: (body: Fields, name: string) => body.exactLong(name),
  boolean: (body: Fields, name: string) => body.boolean(name),
  timestamp: (body: Fields, name: string) => body.timestamp(name),
  json: (body: Fields, name: string) => body.json(name),
  texts: (body: Fields, name: string) => body.texts(name),
  list: (body: Fields, name: string) => isList(body.raw(name) ?? []) || malformed(),
};

/** The error text for a body that cannot be read (PROTOCOL.md 10). */
export const unreadableText = 'Invalid request parameters';

/** Who sends a body, and what bounds it. */
interface BodySource {
  readonly intake: Intake;
  readonly visitor: Visitor;
}

/**
 * Reads a whole body as text; undefined where the client left meanwhile. Throws a Refusal 413 for a body that is too
 * large, or where too many others are arriving, and discards the rest of it.
 */
export async function readBody(
  request: IncomingMessage,
  response: ServerResponse,
  { intake, visitor }: BodySource,
): Promise<string | undefined> {
  const maxBytes = intake.largest(visitor);
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) return tooLarge(maxBytes);
  if (request.headers.expect !== undefined) response.writeContinue();
  const arrival = new Arrival(intake);
  try {
    const chunks = await collected(request, (chunk) => arrival.add(visitor, chunk.length));
    return chunks === 'over' ? tooLarge(maxBytes) : chunks && Buffer.concat(chunks).toString();
  } finally {
    arrival.end();
  }
}

function collected(
  request: IncomingMessage,
  hasRoom: (chunk: Buffer) => boolean,
): Promise<Buffer[] | 'over' | undefined> {
  const chunks: Buffer[] = [];
  return new Promise((resolve) => {
    const take = (chunk: Buffer) => {
      if (hasRoom(chunk)) return void chunks.push(chunk);
      request.off('data', take);
      chunks.length = 0;
      request.resume();
      resolve('over');
    };
    request.on('data', take);
    request.once('end', () => resolve(chunks));
    request.once('close', () => resolve(undefined));
    request.on('error', () => resolve(undefined));
  });
}

function tooLarge(maxBytes: number): never {
  return refuse(413, `a body of more than ${maxBytes} bytes is not read, nor many large ones at once`);
}

/**
 * Returns the fields of a body that count; null for an empty body or `null`. Throws a Refusal 400 unless the body is an
 * object with fields of the right types; that comes before any check of rights (PROTOCOL.md 10).
 */
export function parseBody(text: string, { fields }: Body): JsonObject | null {
  const value = text.trim() === '' ? null : parsed(text);
  if (value === null) return null;
  if (!isObject(value)) return refuse(400, unreadableText);
  const body = new Fields(value);
  const counting = Object.entries(value).filter(([name, field]) => field !== null && Object.hasOwn(fields, name));
  for (const [name] of counting) readers[fields[name] ?? 'text'](body, name);
  return Object.fromEntries(counting);
}

function parsed(text: string): Json {
  try {
    return parseLenientJson(text);
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError) return refuse(400, unreadableText);
    throw error;
  }
}

/**
 * The fields of a REST request. An unreadable time is refused in other words than over a WebSocket (PROTOCOL.md 10).
 */
export class RestFields extends Fields {
  override timestamp(name: string): number | undefined {
    try {
      return super.timestamp(name);
    } catch (error) {
      if (error instanceof Error && error.message === malformedText) return refuse(400, 'Unparseable timestamp');
      throw error;
    }
  }
}
