/** Headers that belong to the handshake itself (RFC 6455 4.1), or would change how it is read (RFC 9110 7.6.1). */
const reserved = /^(sec-websocket-.*|upgrade|connection|keep-alive|content-length|transfer-encoding|te|trailer)$/i;
const namePattern = /^[!#$%&'*+.^_`|~\w-]{1,200}$/;
const valuePattern = /^[\t\x20-\x7e\x80-\xff]{0,8000}$/;

/**
 * Returns what is wrong with a header of a handshake, as the end of a sentence; undefined where nothing is. The value,
 * which may be a secret, is never repeated.
 */
export function headerProblem(name: string, value: string): string | undefined {
  if (!namePattern.test(name)) return 'has no name that a header may have';
  if (reserved.test(name)) return `cannot set ${name}, which belongs to the handshake`;
  return valuePattern.test(value) ? undefined : `gives ${name} a value that a header cannot have`;
}
