import type { Replies } from '../../protocol/frames.ts';
import type { ActionName } from '../../protocol/schema.ts';
import type { CheckedField } from '../rights/access.ts';
import { actions, type Action } from '../actions.ts';
import type { Caller, Handler, Wire } from '../rights/caller.ts';
import type { Fields } from '../reading/fields.ts';
import { perform } from '../execution.ts';
import type { Body } from './bodies.ts';
import { long, anyText, type Parameter } from './parameters.ts';

/** HTTP methods of routes; HEAD and OPTIONS are derived. */
export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** The address that a request was sent to. */
export interface RequestAddress {
  /** The URL of the service, such as `http://127.0.0.1:8080/dh/rest`. */
  readonly url: string;
  /** The URL of the server's WebSocket, as the client would reach it. */
  readonly webSocketServerUrl: string;
}

/**
 * One method of one path: the action that serves it, how the HTTP request becomes its fields, and its reply the answer.
 */
export interface RestRoute {
  readonly method: Method;
  /** A name in braces stands for one segment: `/network/{networkId}`. */
  readonly path: string;
  /** Parameters of path and query, by the names of the fields. */
  readonly parameters: Readonly<Record<string, Parameter>>;
  readonly body: Body | undefined;
  /** HTTP status of a success with a body. */
  readonly status: number;
  /** Content type of the answer. */
  readonly type: string;
  /** The action that serves the route. */
  readonly action: ActionName;
  readonly isAsync: Action['isAsync'];
  /** The section that describes the action. */
  readonly section: string;
  /** True if the answer contains the time of the event that it reports. */
  readonly tellsTime: boolean;
  /** True if the answer describes the service itself; such a route serves no action. */
  readonly isDocument: boolean;
  /** The answer of a poll: a list, or one thing or a 204. Undefined: the route answers at once. */
  readonly poll: 'all' | 'one' | undefined;
  /** Returns the body of the answer; undefined: none. Throws a Refusal. */
  readonly serve: (request: Fields, caller: Caller, place: RequestAddress) => unknown;
  /** As `serve`, where the body is empty or null. */
  readonly serveNothing: (request: Fields, caller: Caller, place: RequestAddress) => unknown;
  /** Returns the body of the answer from the reply, by choosing and wrapping fields only; undefined: no body. */
  readonly gives: ((reply: object, place: Readonly<Record<keyof RequestAddress, unknown>>) => unknown) | undefined;
}

/** Differences between a route and its action over a WebSocket. */
interface Variation<A extends ActionName> {
  /** Parameters of the query, and those of the path that are not plain texts or ids. */
  readonly parameters?: Readonly<Record<string, Parameter>>;
  readonly body?: Body;
  readonly tellsTime?: boolean;
  /** The field that the permission is checked against. */
  readonly target?: CheckedField | undefined;
  /** Replaces the action's handler. */
  readonly handler?: Handler<A>;
  /** Replaces the handler where the body is empty or null. */
  readonly withoutBody?: Handler<A>;
}

/** The reply of a poll, and how it differs from that of its action. */
interface PollVariation extends Pick<Variation<ActionName>, 'parameters' | 'target'> {
  readonly gives: 'all' | 'one';
}

/** Returns the body of the answer from a reply. */
type Gives<A extends ActionName> = (reply: Wire<Replies[A]>, place: RequestAddress) => unknown;

/** Declares a route, such as `GET /network/{networkId}`. Without `gives`, success is a 204. */
export function route<A extends ActionName>(
  place: `${Method} /${string}`,
  name: A,
  gives?: Gives<A>,
  variation: Variation<A> = {},
): RestRoute {
  const [method, path] = place.split(' ') as [Method, string];
  const own: Action<A> = actions[name];
  const action = { ...own, ...('target' in variation ? { target: variation.target } : {}) };
  const servedBy = (handler: Handler<A>) => (request: Fields, caller: Caller, place: RequestAddress) => {
    const reply = perform<A>({ ...action, handler }, request, caller);
    return gives?.(reply, place);
  };
  const { handler = own.handler, withoutBody = handler, body, tellsTime = false } = variation;
  return {
    method,
    path,
    parameters: { ...pathParameters(path), ...variation.parameters },
    body,
    status: method === 'POST' ? 201 : 200,
    type: 'application/json',
    action: name,
    isAsync: own.isAsync,
    section: own.section,
    tellsTime,
    isDocument: false,
    poll: undefined,
    serve: servedBy(handler),
    serveNothing: servedBy(withoutBody),
    gives: gives && ((reply, place) => gives(reply as Wire<Replies[A]>, place as RequestAddress)),
  };
}

/**
 * Declares a poll. Its handler subscribes the caller to the awaited events, and pushes those that exist already.
 * `gives` says whether the answer is a list (`all`), or one thing or a 204 (`one`).
 */
export function poll(
  path: `/${string}`,
  name: ActionName,
  handler: (request: Fields, caller: Caller) => void,
  { gives, ...variation }: PollVariation,
): RestRoute {
  const subscribe = (request: Fields, caller: Caller) => {
    handler(request, caller);
    return {};
  };
  return { ...route(`GET ${path}`, name, undefined, { ...variation, handler: subscribe }), poll: gives };
}

/** Path parameters that the real server requires to be numbers when it looks for a route. */
const numbers = new Set(['networkId', 'deviceTypeId', 'userId', 'notificationId']);

function pathParameters(path: string): Record<string, Parameter> {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  return Object.fromEntries(names.map((name) => [name, numbers.has(name) ? long : anyText]));
}
