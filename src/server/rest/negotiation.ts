/** True if an `Accept` header admits a type; without one any type will do (PROTOCOL.md 10, 406). */
export function accepts(accept: string | undefined, type: string): boolean {
  if (accept === undefined || accept.trim() === '') return true;
  return accept
    .split(',')
    .filter((range) => !/;\s*q=0(?:\.0*)?\s*(?:;|$)/i.test(range))
    .some((range) => isOf(type, essence(range)));
}

/** True if a body is declared as JSON, or as nothing (PROTOCOL.md 10, 415). */
export function isJson(contentType: string | undefined): boolean {
  return contentType === undefined || isOf('application/json', essence(contentType));
}

function essence(range: string): string {
  return (range.split(';', 1)[0] ?? '').trim().toLowerCase();
}

function isOf(type: string, range: string): boolean {
  return range === '*/*' || range === '*' || range === type || range === `${type.split('/', 1)[0] ?? ''}/*`;
}
