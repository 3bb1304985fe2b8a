import { Failure } from '../errors.ts';
import type { Authentication } from './authentication.ts';
import type { Call } from './calls/call.ts';
import { isExpiry } from './calls/failures.ts';
import { ClientSession } from './session.ts';

/** Actions that a new token does not help: they are about tokens themselves. */
const aboutTokens: ReadonlySet<string> = new Set(['authenticate', 'token', 'token/refresh']);

/**
 * Sends a request once more, under a new token, where it was refused because the token had expired: refused, even an
 * insert was not executed. Gives false, and does nothing, where that is not so or no token can be had.
 */
export function renewedFor(call: Call, failure: Failure, authentication: Authentication): boolean {
  const { session } = call;
  const mayRenew = authentication.canRenew && !call.wasRenewed && !aboutTokens.has(call.action);
  if (!isExpiry(failure) || !(session instanceof ClientSession) || !mayRenew) return false;
  void sendRenewed(call, session, authentication);
  return true;
}

async function sendRenewed(call: Call, session: ClientSession, authentication: Authentication): Promise<void> {
  call.wasRenewed = true;
  // what was refused was not carried out
  call.textNumber = undefined;
  try {
    if (call.authentication === session.authentication) await authentication.renew(session);
    session.send(call);
  } catch (error) {
    if (error instanceof Failure) call.fail(error);
    else call.reject(error);
  }
}
