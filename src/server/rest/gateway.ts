import type { IncomingMessage, ServerResponse } from 'node:http';
import { accidentText, answerTo, logAccident } from '../answering.ts';
import { admit, httpAnswer, springError, type Admission, type HttpAnswer } from '../door.ts';
import type { Hive } from '../hive.ts';
import type { Json, JsonObject } from '../json.ts';
import { malformedText, Refusal, refuse } from '../outcome.ts';
import { Session, type Peer } from '../session.ts';
import { errorAnswer, jsonAnswer, OddRefusal, send, success, type RestAnswer } from './answers.ts';
import { parseBody, readBody, RestFields, unreadableText } from './bodies.ts';
import { accepts, isJson } from './negotiation.ts';
import { noResource } from './parameters.ts';
import { Poll } from './polls.ts';
import type { Place, Route } from './route.ts';
import { Router, type Found } from './router.ts';
import { authRoutes, frontendRoutes } from './routes.ts';
import { describedAsWadl } from './wadl.ts';

/** One HTTP request on its way through the gateway. */
interface Visit {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly admission: Admission;
  readonly base: Base;
  /** What is known of it so far, for the log. */
  frame: JsonObject;
  section: string;
}

/** A service of the real server, and where it is found. */
interface Base {
  readonly path: string;
  /** The context of the WebSocket that belongs to it (protocol.md 1.1). */
  readonly context: string;
  readonly router: Router;
}

const frontend = new Router(frontendRoutes);
const auth = new Router(authRoutes);

const bases: readonly Base[] = [
  { path: '/dh/rest', context: '/dh', router: frontend },
  { path: '/api/rest', context: '/api', router: frontend },
  { path: '/auth/rest', context: '/dh', router: auth },
];

/** Nobody hears what is pushed to a request that is answered at once. */
const nobody: Peer = { send: () => undefined, sendShared: () => undefined };

/** Serves REST requests by the handlers of the WebSocket's actions (protocol.md 10). */
export class Gateway {
  readonly #hive: Hive;
  /** What ends each open poll. */
  readonly #polls = new Set<() => void>();

  constructor(hive: Hive) {
    this.#hive = hive;
  }

  /** Answers one request, or leaves it unanswered as the real server does. Never throws. */
  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('error', () => undefined);
    try {
      const admission = admit(this.#hive, request);
      if (admission.kind === 'refused') return send(response, admission);
      const base = bases.find(({ path }) => isBelow(path, admission.path));
      if (base === undefined) return send(response, springError(this.#hive, 404, 'Not Found', admission.path));
      const visit = { request, response, admission, base, frame: {}, section: 'protocol.md 10' };
      const refused = await this.#serve(visit).catch((error: unknown) => this.#refusalOf(error, visit));
      if (refused !== undefined) send(response, refused);
    } catch (error) {
      logAccident(error, this.#hive);
      response.destroy();
    }
  }

  /** Ends all polls as if their time were over. */
  close(): void {
    for (const finish of this.#polls) finish();
  }

  /** Answers by itself, or gives the answer of a request that comes no further. Throws a Refusal. */
  async #serve(visit: Visit): Promise<RestAnswer | undefined> {
    const { request, response, base, admission } = visit;
    const found = foundAt(base.router, admission.path.slice(base.path.length)) ?? noResource();
    if (request.method === 'OPTIONS') return options(found, base, request);
    const route = found.routes.get(request.method === 'HEAD' ? 'GET' : (request.method ?? ''));
    if (route === undefined) return notAllowed(found);
    visit.section = route.section;
    if (route.body !== undefined && !isJson(request.headers['content-type'])) {
      return refuse(415, 'HTTP 415 Unsupported Media Type');
    }
    if (!accepts(request.headers.accept, route.type)) return refuse(406, 'HTTP 406 Not Acceptable');
    const given = fieldsOf(route, found, admission.query, this.#hive.clock.now());
    visit.frame = given;
    if (route.body === undefined) return this.#perform(route, given, false, visit);
    const text = await readBody(request, response);
    if (text === undefined) return undefined;
    const body = parseBody(text, route.body);
    const { into } = route.body;
    visit.frame = into === undefined || body === null ? { ...body, ...given } : { [into]: body, ...given };
    return this.#perform(route, visit.frame, body === null, visit);
  }

  #perform(route: Route, frame: JsonObject, isNothing: boolean, visit: Visit): RestAnswer | undefined {
    const { response } = visit;
    refuseProblems(route, frame);
    const fields = new RestFields(frame);
    if (route.poll !== undefined) return this.#poll(route, route.poll, fields, visit);
    const session = this.#session(visit, nobody);
    const value = (isNothing ? route.serveNothing : route.serve)(fields, session, placeOf(visit));
    send(response, success(route.status, value));
    session.runAfterReply();
    return undefined;
  }

  #poll(route: Route, gives: NonNullable<Route['poll']>, fields: RestFields, visit: Visit): RestAnswer | undefined {
    const poll = new Poll();
    const session = this.#session(visit, poll);
    const answer = () => {
      session.end();
      send(visit.response, found(poll, gives));
    };
    try {
      route.serve(fields, session, placeOf(visit));
    } catch (error) {
      session.end();
      throw error;
    }
    session.runAfterReply();
    const waitMs = Number(fields.long('waitTimeout') ?? 0) * 1000;
    if (poll.found.length > 0 || waitMs === 0 || session.subscriptions === undefined) answer();
    else this.#wait(poll, waitMs, answer, session, visit);
    return undefined;
  }

  #wait(poll: Poll, waitMs: number, answer: () => void, session: Session, { response }: Visit): void {
    const finish = poll.wait(this.#hive.clock, waitMs, () => {
      this.#polls.delete(finish);
      if (!session.isOver) answer();
    });
    this.#polls.add(finish);
    response.once('close', () => {
      session.end();
      finish();
    });
  }

  #session({ base, request, admission }: Visit, peer: Peer): Session {
    const restServerUrl = `http://${request.headers.host ?? ''}${base.context}/rest`;
    const session = new Session(this.#hive, peer, restServerUrl, admission.principal, { seesUnassignedDevices: true });
    session.token = admission.token;
    return session;
  }

  /** What is answered to what went wrong; undefined where the real server stays silent. */
  #refusalOf(error: unknown, { request, admission, frame, section }: Visit): RestAnswer | undefined {
    if (!(error instanceof Refusal)) {
      logAccident(error, this.#hive, frame);
      return errorAnswer({ code: 500, text: accidentText });
    }
    const what = `${request.method ?? ''} ${admission.path}`;
    const answer = answerTo(error, { what, frame, section }, this.#hive);
    if (answer === undefined) return undefined;
    if (!(error instanceof OddRefusal)) return errorAnswer({ ...answer, text: restText(answer.text) });
    if ('status' in error.oddity) return errorAnswer(answer, error.oddity.status);
    return springError(this.#hive, answer.code, answer.code === 401 ? 'Unauthorized' : 'Not Found', admission.path);
  }
}

/** Whether a path is that of a service, or lies below it. */
function isBelow(base: string, path: string): boolean {
  return path.startsWith(base) && (path.length === base.length || path[base.length] === '/');
}

function foundAt(router: Router, path: string): Found | undefined {
  try {
    return router.find(path);
  } catch {
    return refuse(400, 'HTTP 400 Bad Request');
  }
}

/** Over a WebSocket the same is said otherwise (protocol.md 10). */
function restText(text: string | null): string | null {
  return text === malformedText ? unreadableText : text;
}

function methodsOf({ routes }: Found): string {
  const methods = [...routes.keys()];
  return [...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].join(', ');
}

function notAllowed(found: Found): RestAnswer {
  const answer = errorAnswer({ code: 405, text: 'HTTP 405 Method Not Allowed' });
  return { ...answer, headers: { ...answer.headers, Allow: methodsOf(found) } };
}

/** Preflights and other questions about what there is. */
function options(found: Found, { path }: Base, { headers }: IncomingMessage): HttpAnswer {
  const Allow = methodsOf(found);
  const type = 'application/vnd.sun.wadl+xml';
  if (!accepts(headers.accept, type)) return httpAnswer(200, '', { Allow });
  return httpAnswer(200, describedAsWadl(found, `http://${headers.host ?? ''}${path}`), {
    Allow,
    'Content-Type': type,
  });
}

/** The fields of path and query; of several equal names the first counts. Throws a Refusal 404. */
function fieldsOf(route: Route, { values }: Found, query: string, nowMs: number): Record<string, Json> {
  const given = new URLSearchParams(query);
  const fields = Object.entries(route.parameters).map(([name, parameter]) => {
    const text = Object.hasOwn(values, name) ? values[name] : (given.get(name) ?? undefined);
    return [name, parameter.read(text, nowMs)] as const;
  });
  return Object.fromEntries(fields.filter((field): field is [string, Json] => field[1] !== undefined));
}

/** Refuses with 400 what the real server's validator refuses, before rights are looked at (protocol.md 10). */
function refuseProblems({ parameters }: Route, frame: JsonObject): void {
  const problems = Object.entries(parameters).map(([name, { problem }]) => problem?.(frame[name]) ?? '');
  const text = problems.join('');
  if (text !== '') refuse(400, text);
}

function found(poll: Poll, gives: NonNullable<Route['poll']>): RestAnswer {
  const [first] = poll.found;
  if (gives === 'one') return first === undefined ? success(204, undefined) : jsonAnswer(200, [first]);
  return jsonAnswer(200, ['[', ...poll.found.flatMap((piece, index) => (index === 0 ? [piece] : [',', piece])), ']']);
}

/** A client that came through a proxy with TLS would come to the WebSocket through it too (protocol.md 1.1). */
function placeOf({ request: { headers }, base }: Visit): Place {
  const scheme = headers['x-forwarded-proto'] === 'https' ? 'wss' : 'ws';
  return { webSocketServerUrl: `${scheme}://${headers.host ?? ''}${base.context}/websocket` };
}
