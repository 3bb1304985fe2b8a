import type { Handler } from '../rights/caller.ts';
import { refuse } from '../outcome.ts';
import { authenticate as check } from '../rights/principal.ts';

/**
 * Makes the token's user the session's principal (PROTOCOL.md 4.4). A failure changes nothing. This counts as a login
 * of the user; a token over REST or in the handshake does not (3.6).
 */
export const authenticate: Handler<'authenticate'> = (request, caller) => {
  const token = request.text('token') ?? '';
  if (token === '') return refuse(401, 'Unauthorized');
  const { hive } = caller;
  const principal = check(hive, token);
  const user = hive.users.find(principal.userId);
  if (user !== undefined) hive.users.noteLogin(user, hive.configuration, hive.clock.now());
  caller.principal = principal;
  caller.token = token;
  return {};
};
