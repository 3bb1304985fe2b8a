import { once } from 'node:events';
import { type Agent, request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { listen } from '../../src/server/wire/listener.ts';
import { accessToken, type Claims } from '../../src/server/rights/tokens.ts';
import { world } from './inMemory.ts';

/** The port of a server on this machine. */
export interface Listening {
  readonly port: number;
}

/** An HTTP answer. */
export interface HttpReply {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
  /** The body as JSON; undefined where it is not JSON. */
  readonly body: unknown;
}

/** Options of a request. */
export interface HttpOptions {
  readonly token?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; a text is sent unchanged. */
  readonly body?: unknown;
  readonly agent?: Agent;
}

/** Starts a server on the network, with access to its clock and its hive. */
export async function restWorld(options: Parameters<typeof world>[0] = {}) {
  const inside = world(options);
  const listener = await listen(inside.hive, '127.0.0.1', 0);
  const issued = (claims: Partial<Claims> = {}) => {
    const all = { u: 1, a: [0], n: ['*'], dt: ['*'], e: inside.clock.now() + 1_800_000, t: accessToken, ...claims };
    return inside.hive.tokens.issue(all);
  };
  const close = () => listener.close();
  return { ...inside, port: listener.port, issued, token: issued(), [Symbol.asyncDispose]: close };
}

/** Starts a request to the frontend (`/device`), or to any path that begins with `/dh`, `/api`, `/auth` or `/plugin`. */
export function send(server: Listening, method: string, path: string, options: HttpOptions = {}): ClientRequest {
  const { token, headers, body, agent } = options;
  const call = httpRequest({
    host: '127.0.0.1',
    port: server.port,
    method,
    path: /^\/(?:dh|api|auth|plugin)\//.test(path) ? path : `/dh/rest${path}`,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(agent === undefined ? {} : { agent }),
  });
  call.end(body === undefined || typeof body === 'string' ? body : JSON.stringify(body));
  return call;
}

/** Returns the answer to a started request. */
export async function replyTo(call: ClientRequest): Promise<HttpReply> {
  const [message] = (await once(call, 'response')) as [IncomingMessage];
  let text = '';
  for await (const chunk of message) text += String(chunk);
  return { status: message.statusCode ?? 0, headers: message.headers, text, body: parsed(text) };
}

/** Sends a request and waits for its answer. */
export function ask(server: Listening, method: string, path: string, options: HttpOptions = {}): Promise<HttpReply> {
  return replyTo(send(server, method, path, options));
}

/** Returns status and body of an answer; the body alone where it contains its code. */
export async function outcome(
  server: Listening,
  method: string,
  path: string,
  options: HttpOptions = {},
): Promise<string> {
  const { status, body } = await ask(server, method, path, options);
  const { error, message } = (body ?? {}) as { error?: unknown; message?: unknown };
  if (error === undefined) return String(status);
  return error === status
    ? `${status} ${String(message)}`
    : `${status} with ${JSON.stringify(error)} ${String(message)}`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
