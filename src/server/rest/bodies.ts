import type { IncomingMessage, ServerResponse } from 'node:http';
import { Fields, isList } from '../reading/fields.ts';
import { parseLenientJson } from '../reading/json.ts';
import { isObject, type Json, type JsonObject } from '../reading/jsonValues.ts';
import { maxRequestBytes } from '../limits.ts';
import { malformed, malformedText, refuse } from '../outcome.ts';

/** What a field of a body must be; all of them may be absent or null. */
export type FieldKind = keyof typeof readers;

/** What of a body counts, and where it goes in the request: into a field of its own, or among the others. */
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

/** What is said of a body that cannot be read (PROTOCOL.md 10). */
export const unreadableText = 'Invalid request parameters';

/**
 * Reads the whole body as text; undefined where the client left meanwhile. Throws a Refusal 413, and lets the rest of
 * the body pass unheard.
 */
export async function readBody(
  request: IncomingMessage,
  response: ServerResponse,
  maxBytes = maxRequestBytes,
): Promise<string | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) return tooLarge(maxBytes);
  if (request.headers.expect !== undefined) response.writeContinue();
  const chunks = await collected(request, maxBytes);
  return chunks === 'over' ? tooLarge(maxBytes) : chunks && Buffer.concat(chunks).toString();
}

function collected(request: IncomingMessage, maxBytes: number): Promise<Buffer[] | 'over' | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  return new Promise((resolve) => {
    const take = (chunk: Buffer) => {
      length += chunk.length;
      if (length <= maxBytes) return void chunks.push(chunk);
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
  return refuse(413, `a body of more than ${maxBytes} bytes is not read`);
}

/**
 * What of a body counts; null where there is nothing. Throws a Refusal 400 on anything but an object with fields of the
 * right types, before any rights are looked at (PROTOCOL.md 10).
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

/** Fields of a request that came over REST: a time in its query has a refusal of its own (PROTOCOL.md 10). */
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
