import type { Connection } from '../../client/index.ts';
import { Failure } from '../../errors.ts';
import { isFrame, type Reply } from '../../protocol/frames.ts';
import { clientPermissionIds, permissionIds } from '../../server/index.ts';

type CurrentUser = Reply<'user/getCurrent'>['current'];

/**
 * Returns the user that a connection's token acts for; null if the token does not permit the question, or the server
 * does not say. Throws as `Connection.request` does.
 */
export async function userOfToken(connection: Connection): Promise<CurrentUser | null> {
  try {
    const { current } = (await connection.request('user/getCurrent', {})).reply;
    return isFrame(current) ? current : null;
  } catch (error) {
    if (error instanceof Failure && error.code === 403) return null;
    throw error;
  }
}

/**
 * The permissions that the action ids of a token stand for: everything is `*`; an empty list is what a client may, and
 * a missing one nothing (PROTOCOL.md 3.4).
 */
export function permissionNames(ids: readonly number[] | null | undefined): readonly string[] {
  if (ids === null || ids === undefined) return [];
  if (ids.includes(0)) return ['*'];
  const names = new Map<number, string>(Object.entries(permissionIds).map(([name, id]) => [id, name]));
  const held = ids.length === 0 ? clientPermissionIds : ids;
  return held.flatMap((id) => names.get(id) ?? []);
}
