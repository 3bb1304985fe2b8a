import { largeProblem, maxMessageBytes } from '../protocol/limits.ts';
import type { Call } from './call.ts';

/** The frame of a call as JSON. A posted text is sent as it stands; it only gets the request id that it lacks. */
export function textOf(call: Call): string {
  if (call.posting === undefined) return JSON.stringify(call.frame);
  const { text } = call.posting;
  return call.wantedId === undefined ? `{"requestId":${String(call.requestId)},${text.slice(1)}` : text;
}

/** What is wrong with the size of a call, as a sentence, or undefined. A UTF-16 unit takes three bytes at most, so short texts need no measuring. */
export function sizeProblem(call: Call, text: string): string | undefined {
  return text.length * 3 <= maxMessageBytes ? undefined : largeProblem(call.action, call.payload);
}
