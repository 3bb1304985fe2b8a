import { asyncActions } from './generated/asyncActions.ts';

/**
 * True if a success reply to this action proves that the backend answers, because the reply travels over the message
 * bus (PROTOCOL.md 1.4). An error reply proves nothing: the frontend may send it alone. Actions that use the bus only
 * sometimes do not count.
 */
export function isAsync(action: string): boolean {
  return asyncActions.has(action);
}
