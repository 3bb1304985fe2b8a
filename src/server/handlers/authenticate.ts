import type { Handler } from '../rights/caller.ts';
import { refuse } from '../outcome.ts';
import { authenticate as check } from '../rights/principal.ts';

/**
 * PROTOCOL.md 4.4; a failure leaves things as they were, and only this, a login and a refresh count as one: a token
 * that comes over REST or with the handshake does not (3.6)
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
