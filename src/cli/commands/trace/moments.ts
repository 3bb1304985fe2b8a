import { classify, isFrame, type Frame, type PushFrame, type ReplyFrame } from '../../../protocol/frames.ts';
import { shallowJson } from '../../../protocol/depth.ts';
import type { TraceEntry } from './traceFile.ts';

interface Base {
  /** The line of the trace file. */
  readonly line: number;
  readonly atMs: number;
  readonly connection: number;
}

/** A request of the recorded client; `frame` is undefined if it was not a JSON object. */
export interface RequestMoment extends Base {
  readonly kind: 'request';
  readonly action: string;
  readonly frame: Frame;
  /** Of an `authenticate`: the owner of its token, if recorded. */
  readonly bearer: Frame | undefined;
}

/** A reply, with its request. */
export interface ReplyMoment extends Base {
  readonly kind: 'reply';
  readonly frame: ReplyFrame;
  readonly request: RequestMoment;
  readonly replyMs: number;
}

/** A request that had no reply when its connection, or the trace, ended. */
export interface SilenceMoment extends Base {
  readonly kind: 'silence';
  readonly request: RequestMoment;
  readonly waitedMs: number;
}

/** The contents of a push. */
export interface PushMoment extends Base {
  readonly kind: 'push';
  readonly frame: PushFrame;
}

/**
 * The events of a recorded conversation, in order; `noise` are meaningless frames, such as replies that nobody waited
 * for.
 */
export type TraceMoment =
  | (Base & { readonly kind: 'opened'; readonly url: string })
  | RequestMoment
  | ReplyMoment
  | SilenceMoment
  | PushMoment
  | (Base & { readonly kind: 'noise'; readonly text: string; readonly reason: string })
  | (Base & { readonly kind: 'closed'; readonly code: number; readonly reason: string });

/** If more requests wait, the oldest counts as unanswered. */
const maxWaiting = 100_000;

/** Turns entries into moments: pairs replies with requests, and finds unanswered requests. */
export async function* moments(entries: AsyncIterable<TraceEntry>): AsyncGenerator<TraceMoment, void> {
  const waiting = new Waiting();
  let last: TraceEntry | undefined;
  for await (const entry of entries) {
    last = entry;
    const { line, atMs, connection, url, code = 1006, reason } = entry;
    if (entry.kind === 'opened') yield { kind: 'opened', line, atMs, connection, url };
    else if (entry.kind === 'sent') yield* waiting.add(sent(entry));
    else if (entry.kind === 'received') yield received(entry, waiting);
    else {
      yield* waiting.end(entry, connection);
      yield { kind: 'closed', line, atMs, connection, code, reason };
    }
  }
  if (last !== undefined) yield* waiting.end(last);
}

function sent({ line, atMs, connection, text, bearer }: TraceEntry): RequestMoment {
  const frame = parsed(text);
  const { action } = frame;
  return { kind: 'request', line, atMs, connection, action: typeof action === 'string' ? action : '', frame, bearer };
}

/** Parses a JSON object; returns an empty one for any other text, or one nested too deeply. */
function parsed(text: string): Frame {
  try {
    const value = shallowJson(text);
    return isFrame(value) ? value : {};
  } catch {
    return {};
  }
}

function received({ line, atMs, connection, text }: TraceEntry, waiting: Waiting): TraceMoment {
  const base = { line, atMs, connection };
  const said = classify(text);
  if (said.kind === 'push') return { kind: 'push', ...base, frame: said.frame };
  if (said.kind === 'noise') return { kind: 'noise', ...base, text, reason: said.reason };
  const request = waiting.take(connection, said.frame.requestId);
  if (request === undefined) return { kind: 'noise', ...base, text, reason: 'a reply to no waiting request' };
  return { kind: 'reply', ...base, frame: said.frame, request, replyMs: atMs - request.atMs };
}

/** Requests without a reply, in the order they were sent. */
class Waiting {
  readonly #requests = new Map<string, RequestMoment>();

  /**
   * Adds a request. Yields it, after the silence of those that it displaces: one of the same id, and the oldest if too
   * many wait.
   */
  *add(request: RequestMoment): Generator<TraceMoment> {
    const key = keyOf(request.connection, request.frame['requestId']);
    const [oldest] = this.#requests.size < maxWaiting ? [] : this.#requests.keys();
    for (const silent of new Set([oldest, key])) yield* this.#silence(silent, request);
    this.#requests.set(key, request);
    yield request;
  }

  take(connection: number, requestId: unknown): RequestMoment | undefined {
    const key = keyOf(connection, requestId);
    const request = this.#requests.get(key);
    this.#requests.delete(key);
    return request;
  }

  /** Yields the silence of all waiting requests of a connection that ends, or of all connections. */
  *end(at: Base, connection?: number): Generator<TraceMoment> {
    for (const [key, request] of this.#requests) {
      if (connection === undefined || request.connection === connection) yield* this.#silence(key, at);
    }
  }

  *#silence(key: string | undefined, { line, atMs }: Base): Generator<TraceMoment> {
    const request = key === undefined ? undefined : this.#requests.get(key);
    if (key === undefined || request === undefined) return;
    this.#requests.delete(key);
    yield { kind: 'silence', line, atMs, connection: request.connection, request, waitedMs: atMs - request.atMs };
  }
}

function keyOf(connection: number, requestId: unknown): string {
  return `${connection} ${JSON.stringify(requestId ?? null)}`;
}
