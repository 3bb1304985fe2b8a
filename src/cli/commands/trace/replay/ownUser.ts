import type { Frame } from '../../../../protocol/frames.ts';

/** Actions that change a user; new users made in the replay are never the owner of the token in force. */
const changesUser = /^user\/(?!get|list$|count$|insert$)/;

/**
 * True if a request would change the user whose token is in force, or might: a replay that did could not go on, and
 * nobody could log in again. `undefined` is a user who is not known.
 */
export function changesOwnUser(action: string, { userId }: Frame, ownUserId: number | undefined): boolean {
  if (!changesUser.test(action)) return false;
  if (action === 'user/updateCurrent' || ownUserId === undefined) return true;
  const number = typeof userId === 'string' && userId.trim() !== '' ? Number(userId) : userId;
  if (typeof number !== 'number' || Number.isNaN(number)) return false;
  // servers cut fractions off, and numbers beyond their range may become any (PROTOCOL.md 2.6)
  return Math.trunc(number) === ownUserId || !Number.isSafeInteger(Math.trunc(number));
}
