import type { Replies } from '../../protocol/frames.ts';
import type { ActionName } from '../../protocol/schema.ts';
import type { CheckedField } from '../rights/access.ts';
import { actions, type Action } from '../actions.ts';
import type { Caller, Handler, Wire } from '../rights/caller.ts';
import type { Fields } from '../reading/fields.ts';
import { perform } from '../perform.ts';
import type { Body } from './bodies.ts';
import { long, anyText, type Parameter } from './parameters.ts';

/** Methods that routes have; HEAD and OPTIONS come by themselves. */
export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** The address under which a request came. */
export interface RequestAddress {
  /** Of the service, such as `http://127.0.0.1:8080/dh/rest`. */
  readonly url: string;
  /** Of the server's WebSocket, as the client would reach it. */
  readonly webSocketServerUrl: string;
}

/**
 * One method of one path: which action serves it, what of the HTTP request becomes its fields, and what of its reply
 * the answer.
 */
export interface RestRoute {
  readonly method: Method;
  /** Names in braces stand for one segment: `/network/{networkId}`. */
  readonly path: string;
  /** By the names of the fields. */
  readonly parameters: Readonly<Record<string, Parameter>>;
  readonly body: Body | undefined;
  /** Of success, where there is something to tell. */
  readonly status: number;
  /** What the route can give. */
  readonly type: string;
  /** The action that serves it. */
  readonly action: ActionName;
  readonly isAsync: Action['isAsync'];
  /** Where the action is described. */
  readonly section: string;
  /** The answer tells when what it made happened. */
  readonly tellsTime: boolean;
  /** Whether the answer describes the service itself; such a route serves no action. */
  readonly isDocument: boolean;
  /** How a poll answers; absent: the route answers at once. */
  readonly poll: 'all' | 'one' | undefined;
  /** Gives the body of the answer; undefined: none. Throws a Refusal. */
  readonly serve: (request: Fields, caller: Caller, place: RequestAddress) => unknown;
  /** The same where the body is empty or null. */
  readonly serveNothing: (request: Fields, caller: Caller, place: RequestAddress) => unknown;
  /**
   * What of the reply is the body of the answer; absent where there is none. It does no more than choose and wrap
   * fields.
   */
  readonly gives: ((reply: object, place: Readonly<Record<keyof RequestAddress, unknown>>) => unknown) | undefined;
}

/** Where a route differs from what its action does over a WebSocket. */
interface Variation<A extends ActionName> {
  /** Fields from the query, and those of the path that are not just texts or ids. */
  readonly parameters?: Readonly<Record<string, Parameter>>;
  readonly body?: Body;
  readonly tellsTime?: boolean;
  /** What the permission is checked against. */
  readonly target?: CheckedField | undefined;
  /** In place of the action's. */
  readonly handler?: Handler<A>;
  /** The same where the body is empty or null. */
  readonly withoutBody?: Handler<A>;
}

/** What of a reply is the body of the answer. */
type Gives<A extends ActionName> = (reply: Wire<Replies[A]>, place: RequestAddress) => unknown;

/** Declares a route; without `gives` success is a 204. */
export function route<A extends ActionName>(
  method: Method,
  path: string,
  name: A,
  gives?: Gives<A>,
  variation: Variation<A> = {},
): RestRoute {
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
 * Declares a poll: its handler subscribes the caller to what ends it, and pushes what is there already. `one` gives a
 * thing or a 204, `all` a list.
 */
export function poll(
  path: string,
  name: ActionName,
  gives: 'all' | 'one',
  handler: (request: Fields, caller: Caller) => void,
  variation: Pick<Variation<ActionName>, 'parameters' | 'target'> = {},
): RestRoute {
  const subscribe = (request: Fields, caller: Caller) => {
    handler(request, caller);
    return {};
  };
  return { ...route('GET', path, name, undefined, { ...variation, handler: subscribe }), poll: gives };
}

/** The real server reads these as numbers while it looks for a route. */
const numbers = new Set(['networkId', 'deviceTypeId', 'userId', 'notificationId']);

function pathParameters(path: string): Record<string, Parameter> {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  return Object.fromEntries(names.map((name) => [name, numbers.has(name) ? long : anyText]));
}
