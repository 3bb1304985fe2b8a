import type { Json, JsonObject } from '../reading/jsonValues.ts';
import { refuse } from '../outcome.ts';
import type { Body } from './bodies.ts';
import type { RestRoute } from './route.ts';
import type { FoundPath } from './router.ts';
import { own } from '../../protocol/own.ts';

/**
 * Returns the request's fields from path and query; of equal names in a query the first counts. Throws a Refusal 404.
 */
export function fieldsOf(route: RestRoute, { values }: FoundPath, query: string, nowMs: number): JsonObject {
  const given = new URLSearchParams(query);
  const fields = Object.entries(route.parameters).map(([name, parameter]) => {
    const text = Object.hasOwn(values, name) ? values[name] : (given.get(name) ?? undefined);
    return [name, parameter.read(text, nowMs)] as const;
  });
  return Object.fromEntries(fields.filter((field): field is [string, Json] => field[1] !== undefined));
}

/** Returns the fields together with those of a body; the path's fields take precedence. */
export function withBody(fields: JsonObject, body: JsonObject | null, { into }: Body): JsonObject {
  if (body === null) return fields;
  return { ...(into === undefined ? body : { [into]: body }), ...fields };
}

/** Refuses with 400 what the real server's validator refuses, before rights are checked (PROTOCOL.md 10). */
export function refuseProblems({ parameters }: RestRoute, fields: JsonObject): void {
  const problems = Object.entries(parameters).map(([name, { problem }]) => problem?.(own(fields, name)) ?? '');
  const text = problems.join('');
  if (text !== '') refuse(400, text);
}
