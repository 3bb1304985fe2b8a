import type { IncomingMessage, ServerResponse } from 'node:http';
import { accidentText, failureReply, logAccident } from '../failureReply.ts';
import { admit, springError, type Admission } from '../wire/door.ts';
import { checkReply, isLarge } from '../harm/busSize.ts';
import type { Hive } from '../hive.ts';
import { writeJson } from '../reading/json.ts';
import type { JsonObject } from '../reading/jsonValues.ts';
import { malformedText, Refusal, refuse } from '../outcome.ts';
import { Session, type Peer } from '../session.ts';
import { errorAnswer, jsonAnswer, OddRefusal, sendAnswer, success, type RestAnswer } from './answers.ts';
import { parseBody, readBody, RestFields, unreadableText } from './bodies.ts';
import { noPlugins, notAllowed, options, routeFor } from './methods.ts';
import { accepts, isJson } from './negotiation.ts';
import { noResource } from './parameters.ts';
import { Poll } from './polls.ts';
import { fieldsOf, refuseProblems, withBody } from './requestFields.ts';
import type { RequestAddress, RestRoute } from './route.ts';
import { addressOf, serviceOf, type Service } from './services.ts';

/** A request that waits for the end of its poll, and the answer for it. */
interface WaitingRequest {
  readonly session: Session;
  readonly request: IncomingMessage;
  readonly answer: () => void;
}

/** One HTTP request while the gateway serves it. */
interface Visit {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly admission: Admission;
  readonly service: Service;
  readonly place: RequestAddress;
  /** The fields read so far, for the log. */
  fields: JsonObject;
  section: string;
}

/** The peer of a request that is answered at once: nothing is pushed to it. */
const nobody: Peer = { send: () => undefined, sendShared: () => undefined };

/** Serves REST requests with the handlers of the WebSocket actions (PROTOCOL.md 10). */
export class Gateway {
  readonly #hive: Hive;
  /** Functions that end the open polls. */
  readonly #polls = new Set<() => void>();

  constructor(hive: Hive) {
    this.#hive = hive;
  }

  /** Answers a request, or leaves it unanswered as the real server does. Never throws. */
  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const admission = admit(this.#hive, request);
      if (admission.kind === 'refused') return this.#send(response, admission);
      const service = serviceOf(admission.path);
      if (service === undefined)
        return this.#send(response, springError(this.#hive, { status: 404, error: 'Not Found', path: admission.path }));
      const place = addressOf(service, request.headers);
      const visit = { request, response, admission, service, place, fields: {}, section: 'PROTOCOL.md 10' };
      const refusal = await this.#serve(visit).catch((error: unknown) => this.#refusalOf(error, visit));
      if (refusal !== undefined) this.#send(response, refusal);
    } catch (error) {
      logAccident(error, this.#hive);
      response.destroy();
    }
  }

  /** Ends all polls as if their time were up. */
  close(): void {
    for (const finish of this.#polls) finish();
  }

  /**
   * Serves a request. Returns the answer where no action is needed for it; otherwise sends it itself and returns
   * undefined. Throws a Refusal.
   */
  async #serve(visit: Visit): Promise<RestAnswer | undefined> {
    const { request, response, service, admission, place } = visit;
    if (service.routes.length === 0) return noPlugins(request.method);
    const found = service.router.find(admission.path.slice(service.path.length)) ?? noResource();
    if (request.method === 'OPTIONS') return options(found, request.headers.accept, place.url);
    const route = routeFor(request.method, found);
    if (route === undefined) return notAllowed(found);
    visit.section = route.section;
    refuseTypes(route, request);
    if (route.isDocument) return describedAt(place.url, service);
    visit.fields = fieldsOf(route, found, admission.query, this.#hive.clock.now());
    if (route.body === undefined) return this.#perform(route, route.serve, visit);
    const visitor = admission.principal === undefined ? 'stranger' : 'user';
    const text = await readBody(request, response, { intake: this.#hive.intake, visitor });
    if (text === undefined) return undefined;
    const body = parseBody(text, route.body);
    visit.fields = withBody(visit.fields, body, route.body);
    return this.#perform(route, body === null ? route.serveNothing : route.serve, visit);
  }

  #perform(route: RestRoute, serve: RestRoute['serve'], visit: Visit): undefined {
    refuseProblems(route, visit.fields);
    const { bus } = this.#hive;
    if (bus === undefined) this.#answerBy(route, serve, visit);
    else bus.carry(() => this.#answerBy(route, serve, visit), true);
  }

  #answerBy(route: RestRoute, serve: RestRoute['serve'], visit: Visit): undefined {
    const fields = new RestFields(visit.fields);
    if (route.poll !== undefined) return this.#poll(route.poll, serve, fields, visit);
    const session = this.#session(visit, nobody);
    const value = serve(fields, session, visit.place);
    const answer = value === undefined ? success(204, value) : this.#sized(route, fields, session, value);
    const respond = () =>
      route.tellsTime ? this.#sendLater(visit.response, answer) : this.#send(visit.response, answer);
    if (route.isAsync(fields, session)) this.#overBus(respond);
    else respond();
    session.runAfterReply();
  }

  /**
   * Returns a success with a value. Throws a Refusal 503 if it is too large for the bus of a real server and this one
   * is strict.
   */
  #sized(route: RestRoute, fields: RestFields, session: Session, value: unknown): RestAnswer {
    const text = writeJson(value);
    if (isLarge(text) && route.isAsync(fields, session)) {
      checkReply(this.#hive, { action: route.action, text, payload: value });
    }
    return jsonAnswer(route.status, [text]);
  }

  #poll(gives: NonNullable<RestRoute['poll']>, serve: RestRoute['serve'], fields: RestFields, visit: Visit): undefined {
    const poll = new Poll();
    const session = this.#session(visit, poll);
    serve(fields, session, visit.place);
    session.runAfterReply();
    const answer = () => {
      session.end();
      const respond = () => this.#send(visit.response, poll.answer(gives));
      if (poll.hasFound) this.#overBus(respond);
      else respond();
    };
    // even the shortest wait of the real server lasts as long as its bus takes (PROTOCOL.md 7, Q46)
    const waitMs = Math.max(Number(fields.long('waitTimeout') ?? 0) * 1000, this.#hive.bus?.latencyMs ?? 0);
    if (poll.hasFound || session.subscriptions === undefined) answer();
    else this.#wait(poll, waitMs, { session, request: visit.request, answer });
  }

  #overBus(respond: () => void): void {
    if (this.#hive.bus === undefined) respond();
    else this.#hive.bus.post(respond);
  }

  #wait(poll: Poll, waitMs: number, { session, request, answer }: WaitingRequest): void {
    const finish = poll.wait(this.#hive.clock, waitMs, () => {
      this.#polls.delete(finish);
      if (!session.isOver) answer();
    });
    this.#polls.add(finish);
    const leave = () => {
      session.end();
      finish();
    };
    if (request.destroyed) leave();
    // listen on the request: a response queued behind others gets no `close` when its connection ends
    else request.once('close', leave);
  }

  /**
   * Sends an answer in a later millisecond than the one that it reports: clients poll for what came since they received
   * it. Behind the real server's message bus it always is later.
   */
  #sendLater(response: ServerResponse, answer: RestAnswer): void {
    const { clock } = this.#hive;
    const send = () => this.#send(response, answer);
    if (clock.whenPast === undefined) send();
    else clock.whenPast(clock.now(), send);
  }

  /** Sends an answer. Where the changes that it acknowledges cannot be saved, ends the connection instead. */
  #send(response: ServerResponse, answer: RestAnswer): void {
    if (this.#hive.settle()) sendAnswer(response, answer, this.#hive.pageGuard);
    else response.destroy();
  }

  #session({ request, admission, place }: Visit, peer: Peer): Session {
    const session = new Session(this.#hive, peer, {
      restServerUrl: place.url,
      principal: admission.principal,
      restLine: request.socket,
    });
    session.token = admission.token;
    return session;
  }

  /** Returns the answer to a failed request; undefined where the real server stays silent. */
  #refusalOf(error: unknown, { request, admission: { path }, fields, section }: Visit): RestAnswer | undefined {
    if (!(error instanceof Refusal)) {
      logAccident(error, this.#hive, fields);
      return errorAnswer({ code: 500, text: accidentText });
    }
    const what = `${request.method ?? ''} ${path}`;
    const answer = failureReply(error, { what, frame: fields, section }, this.#hive);
    if (answer === undefined) return undefined;
    if (!(error instanceof OddRefusal)) return errorAnswer({ ...answer, text: restText(answer.text) });
    if ('status' in error.oddity) return errorAnswer(answer, error.oddity.status);
    return springError(this.#hive, { status: answer.code, error: error.oddity.phrase, path });
  }
}

/** Returns the OpenAPI document of a service; the code for it is loaded at the first request. */
async function describedAt(url: string, { routes }: Service): Promise<RestAnswer> {
  const { documentOf } = await import('./openapi/document.ts');
  return jsonAnswer(200, [JSON.stringify(documentOf(routes, url))]);
}

/** Refuses bodies that are not JSON, and clients that do not accept the type of the answer (PROTOCOL.md 10). */
function refuseTypes({ body, type }: RestRoute, { headers }: IncomingMessage): void {
  if (body !== undefined && !isJson(headers['content-type'])) refuse(415, 'HTTP 415 Unsupported Media Type');
  if (!accepts(headers.accept, type)) refuse(406, 'HTTP 406 Not Acceptable');
}

/** Returns the words that REST uses for a text of the WebSocket (PROTOCOL.md 10). */
function restText(text: string | null): string | null {
  return text === malformedText ? unreadableText : text;
}
