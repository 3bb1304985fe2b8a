import type { Handler } from '../caller.ts';
import { refuse } from '../outcome.ts';
import { authenticate as check } from '../principal.ts';

/** protocol.md 4.4; a failure leaves things as they were (3.6) */
export const authenticate: Handler<'authenticate'> = (request, caller) => {
  const token = request.text('token') ?? '';
  if (token === '') return refuse(401, 'Unauthorized');
  caller.principal = check(caller.hive, token);
  caller.token = token;
  return {};
};
