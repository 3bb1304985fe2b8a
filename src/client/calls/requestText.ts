import { carriesSecrets, type Secrets } from '../../protocol/secrets.ts';
import { largeProblem, maxMessageBytes } from '../../protocol/limits.ts';
import type { Call } from './call.ts';

/**
 * The frame of a call as JSON; its secrets are noted. A posted text is sent as it stands; it only gets the request id
 * that it lacks.
 */
export function callText(call: Call, secrets: Secrets): string {
  if (carriesSecrets(call.action)) secrets.note(call.payload);
  if (call.posting === undefined) return JSON.stringify(call.frame);
  const { text } = call.posting;
  return call.wantedId === undefined ? `{"requestId":${String(call.requestId)},${text.slice(1)}` : text;
}

/**
 * Returns what is wrong with the size of a call, as a sentence, or undefined. A UTF-16 unit takes three bytes at most,
 * so short texts need no measuring.
 */
export function sizeProblem(call: Call, text: string): string | undefined {
  return text.length * 3 <= maxMessageBytes ? undefined : largeProblem(call.action, call.payload);
}
