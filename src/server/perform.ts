import type { Replies } from '../protocol/frames.ts';
import type { ActionName } from '../protocol/schema.ts';
import { authorise } from './rights/access.ts';
import type { Action } from './actions.ts';
import type { Caller, Wire } from './rights/caller.ts';
import type { Fields } from './reading/fields.ts';

/** Serves a request, whatever it came over: reads what every action reads, checks the permission, then lets the action's handler work (PROTOCOL.md 1.3, 3.5). Throws a Refusal. */
export function perform<A extends ActionName>(
  { handler, needs, target }: Action<A>,
  request: Fields,
  caller: Caller,
): Wire<Replies[A]> {
  request.text('deviceId');
  request.long('networkId');
  request.long('deviceTypeId');
  authorise(caller, needs, target, request);
  return handler(request, caller);
}
