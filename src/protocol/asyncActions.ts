import { asyncActions } from './generated/asyncActions.ts';

/**
 * True if a success reply to this action proves that the backend answers, because it comes over the message bus
 * (PROTOCOL.md 1.4); refusals may come from the frontend alone, and so may what is async only sometimes.
 */
export function isAsync(action: string): boolean {
  return asyncActions.has(action);
}
