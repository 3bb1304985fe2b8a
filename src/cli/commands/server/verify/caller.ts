import type { Connection } from '../../../../client/index.ts';
import { Failure } from '../../../../errors.ts';
import { isAction, schemaOf } from '../../../../protocol/schema.ts';
import { readToken } from '../../../../protocol/tokens.ts';
import { userOfToken, permissionNames } from '../../../target/tokenRights.ts';

/** The owner and the permissions of the token that the command was given. */
export interface TokenOwner {
  readonly token: string;
  readonly userId: number | undefined;
  readonly login: string | null;
  /** True for an administrator whose token covers all networks and device types. */
  readonly isAdministrator: boolean;
  /** Returns the permission that an action needs and the token lacks. */
  missing(action: unknown): string | undefined;
}

/** Reads the token and asks the server for its owner. Throws a `Failure` if there is no answer at all. */
export async function callerOf(token: string, connection: Connection): Promise<TokenOwner> {
  const user = await userOf(connection);
  const claims = readToken(token);
  const held = permissionNames(claims?.actions);
  // a user with access to all device types has it, whatever the token lists (PROTOCOL.md 3.4)
  const hasAllTypes = isAll(claims?.deviceTypes) || user?.allDeviceTypesAvailable === true;
  return {
    token,
    userId: claims?.userId ?? user?.id,
    login: user?.login ?? null,
    isAdministrator: (user === null ? held.includes('*') : user.role === 0) && isAll(claims?.networks) && hasAllTypes,
    missing: (action) => missingPermission(action, held),
  };
}

/** Returns what the server says of the user; a wrong answer does not stop the verification. */
async function userOf(connection: Connection): Promise<Partial<VerifyUser> | null> {
  try {
    return (await userOfToken(connection)) ?? null;
  } catch (error) {
    if (error instanceof Failure && error.reply !== undefined) return null;
    throw error;
  }
}

type VerifyUser = NonNullable<Awaited<ReturnType<typeof userOfToken>>>;

function isAll(ids: readonly string[] | null | undefined): boolean {
  return ids?.includes('*') === true;
}

function missingPermission(action: unknown, held: readonly string[]): string | undefined {
  if (typeof action !== 'string' || !isAction(action) || held.includes('*')) return undefined;
  const permission = schemaOf(action)['x-permission'];
  const isHeld = permission === undefined || permission.split(' or ').some((name) => held.includes(name));
  return isHeld ? undefined : permission;
}

/** Returns the failure for a token that the server does not accept. */
export function refusedToken(reply: Readonly<Record<string, unknown>>): Failure {
  const { code, error } = reply;
  return new Failure('auth', `the server did not take the token any more: ${String(error)} (${String(code)})`, {
    hint: 'Log in again.',
    code: typeof code === 'number' ? code : null,
    reply,
  });
}
