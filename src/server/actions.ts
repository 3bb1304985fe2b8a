import { traitsOf, type ActionTraits } from '../protocol/generated/traits.ts';
import { actionNames, type ActionName } from '../protocol/schema.ts';
import { own } from '../protocol/own.ts';
import type { CheckedField } from './rights/access.ts';
import type { Caller, Handler } from './rights/caller.ts';
import type { Fields } from './reading/fields.ts';
import * as authenticate from './handlers/authenticate.ts';
import * as cluster from './handlers/cluster.ts';
import * as command from './handlers/command.ts';
import * as configuration from './handlers/configuration.ts';
import * as device from './handlers/device.ts';
import * as devicetype from './handlers/devicetype.ts';
import * as network from './handlers/network.ts';
import * as notification from './handlers/notification.ts';
import * as server from './handlers/server.ts';
import * as subscription from './handlers/subscription.ts';
import * as token from './handlers/token.ts';
import * as user from './handlers/user.ts';
import { setOf, type PermissionSet } from './rights/permissions.ts';

/** How the server serves one action. */
export interface Action<A extends ActionName = ActionName> {
  readonly handler: Handler<A>;
  /** Permissions of which the caller needs one; empty: anybody may use the action. */
  readonly needs: PermissionSet;
  /** The field whose value the permission is checked against. */
  readonly target: CheckedField | undefined;
  /**
   * True if the real server sends this reply over its message bus, so that replies to later requests may overtake it
   * (PROTOCOL.md 1.4). Throws a Refusal as the handler does.
   */
  readonly isAsync: (request: Fields, caller: Caller) => boolean;
  /** The section of PROTOCOL.md that describes the action, such as `PROTOCOL.md 4.12`. */
  readonly section: string;
}

type Noun<A> = A extends `${infer N}/${string}` ? N : A;
type Verb<A, N extends string> = A extends `${N}/${infer V}` ? V : A extends N ? N : never;

/** The handler of each action, by noun and verb; an action without a verb has its noun as the verb. */
type Handlers = {
  readonly [N in Noun<ActionName>]: { readonly [A in ActionName as Verb<A, N>]: Handler<A> };
};

const handlers: Handlers = {
  authenticate,
  cluster,
  command,
  configuration,
  device,
  devicetype,
  network,
  notification,
  server,
  subscription,
  token,
  user,
};

/** For actions that are async only sometimes: when they are. */
const asyncWhen: Readonly<Partial<Record<ActionName, Action['isAsync']>>> = {
  'user/getDeviceTypes': user.hasAllDeviceTypes,
};

/** Handler and permissions of each action (the table of PROTOCOL.md 4.0); the permissions come from the schemas. */
export const actions = Object.fromEntries(actionNames().map((name) => [name, actionOf(name)])) as {
  readonly [A in ActionName]: Action<A>;
};

/** True if the server knows an action of this name, in the right case (PROTOCOL.md 1.3). */
export function isServedAction(name: string): name is ActionName {
  return Object.hasOwn(actions, name);
}

function actionOf<A extends ActionName>(name: A): Action<A> {
  const { needs, target, isAsync, section = '4.0' } = traitsOf(name);
  return {
    handler: handlerOf(name),
    needs: setOf(...needs),
    target,
    isAsync: asyncOf(name, isAsync),
    section: `PROTOCOL.md ${section}`,
  };
}

function handlerOf<A extends ActionName>(name: A): Handler<A> {
  const [noun = '', verb = noun] = name.split('/');
  const table: Readonly<Record<string, Readonly<Record<string, unknown>>>> = handlers;
  return own(own(table, noun) ?? {}, verb) as Handler<A>;
}

function asyncOf(name: ActionName, isAsync: ActionTraits['isAsync']): Action['isAsync'] {
  if (isAsync === 'sometimes') return asyncWhen[name] ?? always;
  return isAsync ? always : never;
}

function never(): boolean {
  return false;
}

function always(): boolean {
  return true;
}
