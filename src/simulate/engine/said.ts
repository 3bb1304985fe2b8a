import type { Failure } from '../../errors.ts';

/** What a table of errors says of a failure: the server's own words where it has said something, else ours. */
export function saidBy({ action, message, reply }: Failure): string {
  const said = reply?.['error'];
  return typeof said === 'string' ? `${action ?? 'request'}: ${said}` : message;
}
