import type { Failure } from '../../errors.ts';

/** What the client adds about frames that came meanwhile: others for each request, which would make as many rows. */
const aboutOthers = /; \d+ frames? came that (?:is|are) no reply to it.*$/s;

/** What a table of errors says of a failure: the server's own words where it has said something, else ours. */
export function saidBy({ action, message, reply }: Failure): string {
  const said = reply?.['error'];
  return typeof said === 'string' ? `${action ?? 'request'}: ${said}` : message.replace(aboutOthers, '');
}
