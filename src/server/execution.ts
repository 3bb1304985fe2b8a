import type { Replies } from '../protocol/frames.ts';
import type { ActionName } from '../protocol/schema.ts';
import { authorise } from './rights/access.ts';
import type { Action } from './actions.ts';
import type { Caller, Handler, Wire } from './rights/caller.ts';
import type { Fields } from './reading/fields.ts';
import { Refusal } from './outcome.ts';

/**
 * Serves a request, from WebSocket or REST: reads the fields that every action reads, checks the permission, then runs
 * the action's handler (PROTOCOL.md 1.3, 3.5). Throws a Refusal.
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
 * Runs an async handler. On the real server the frontend awaits the bus for such a request, even for one that then gets
 * no reply (PROTOCOL.md 1.4; 7, Q1).
 */
function handledOverBus<A extends ActionName>(handler: Handler<A>, request: Fields, caller: Caller): Wire<Replies[A]> {
  const { joins } = caller.hive;
  joins.admit(caller.line);
  let reply: Wire<Replies[A]>;
  try {
    reply = handler(request, caller);
  } catch (error) {
    if (error instanceof Refusal && error.kind === 'silent') joins.replyIsDue(caller.line);
    throw error;
  }
  joins.replyIsDue(caller.line);
  return reply;
}
