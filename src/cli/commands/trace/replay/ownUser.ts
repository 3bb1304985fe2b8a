import type { Frame } from '../../../../protocol/frames.ts';

/** Actions that change a user. Creating users is not among them: a new one never owns the token in force. */
const changesUser = /^user\/(?!get|list$|count$|insert$)/;

/**
 * True if a request changes the owner of the token in force, or might: a replay could not go on then, and nobody could
 * log in again. `ownUserId` is undefined if unknown.
 */
export function changesOwnUser(action: string, { userId }: Frame, ownUserId: number | undefined): boolean {
  if (!changesUser.test(action)) return false;
  if (action === 'user/updateCurrent' || ownUserId === undefined) return true;
  const number = typeof userId === 'string' && userId.trim() !== '' ? Number(userId) : userId;
  if (typeof number !== 'number' || Number.isNaN(number)) return false;
  // servers drop fractions, and numbers beyond their range may become any (PROTOCOL.md 2.6)
  return Math.trunc(number) === ownUserId || !Number.isSafeInteger(Math.trunc(number));
}
