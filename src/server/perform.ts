import { authorise } from './access.ts';
import type { Action } from './actions.ts';
import type { Caller } from './caller.ts';
import type { Fields } from './fields.ts';

/** Serves a request, whatever it came over: reads what every action reads, checks the permission, then lets the action's handler work (protocol.md 1.3, 3.5). Throws a Refusal. */
export function perform({ handler, needs, target }: Action, request: Fields, caller: Caller): object {
  request.text('deviceId');
  request.long('networkId');
  request.long('deviceTypeId');
  authorise(caller, needs, target, request);
  return handler(request, caller);
}
