import type { Replies } from '../protocol/frames.ts';
import type { ActionName } from '../protocol/schema.ts';
import { authorise } from './rights/access.ts';
import type { Action } from './actions.ts';
import type { Caller, Handler, Wire } from './rights/caller.ts';
import type { Fields } from './reading/fields.ts';
import { Refusal } from './outcome.ts';

/**
 * Serves a request, whatever it came over: reads what every action reads, checks the permission, then lets the action's
 * handler work (PROTOCOL.md 1.3, 3.5). Throws a Refusal.
 */
export function perform<A extends ActionName>(
  { handler, needs, target, isAsync }: Action<A>,
  request: Fields,
  caller: Caller,
): Wire<Replies[A]> {
  request.text('deviceId');
  request.long('networkId');
  request.long('deviceTypeId');
  authorise(caller, needs, target, request);
  return isAsync(request, caller) ? handledOverBus(handler, request, caller) : handler(request, caller);
}

/**
 * The real server replies to this only when its bus has: even to what it then leaves without a reply (PROTOCOL.md 1.4;
 * 7, Q1).
 */
function handledOverBus<A extends ActionName>(handler: Handler<A>, request: Fields, caller: Caller): Wire<Replies[A]> {
  const { joining } = caller.hive;
  joining.admit(caller.line);
  let reply: Wire<Replies[A]>;
  try {
    reply = handler(request, caller);
  } catch (error) {
    if (error instanceof Refusal && error.kind === 'silent') joining.replyIsDue(caller.line);
    throw error;
  }
  joining.replyIsDue(caller.line);
  return reply;
}
