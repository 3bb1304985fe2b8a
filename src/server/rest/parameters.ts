import type { JsonSchema } from '../../protocol/schema.ts';
import { isBlankTime } from '../reading/fields.ts';
import type { Json } from '../reading/jsonValues.ts';
import { refuse } from '../outcome.ts';

/** How one parameter of a path or a query becomes a field of the request. */
export interface Parameter {
  /**
   * Gives undefined for what counts as absent; `nowMs` is the server's time. Throws a Refusal 404 on a text that is not
   * of its type, as if there were no such resource (PROTOCOL.md 10).
   */
  readonly read: (text: string | undefined, nowMs: number) => Json | undefined;
  /** What is wrong with a value, in the words of the real server's validator, which comes before all rights. */
  readonly problem?: (value: Json | undefined) => string | undefined;
  /** What the text may be, where the schema of the action does not say so or says otherwise. */
  readonly schema?: JsonSchema;
}

/** What a parameter is where it is absent, or there without a value. */
interface Defaults {
  readonly byDefault?: number;
  /** Default: the same. */
  readonly whenEmpty?: number | undefined;
}

/** Any text, the empty one included. */
export const anyText: Parameter = { read: (given) => given };

/** A text; the empty one is as none. */
export const filledText: Parameter = { read: (given) => (given === '' ? undefined : given) };

/** A text whose letter case does not count. */
export const lowerText: Parameter = { read: (given) => given?.toLowerCase() };

/** A text, or this one. */
export function textOr(byDefault: string): Parameter {
  return { read: (given) => given ?? byDefault };
}

/** True or false; whatever is not `true`, in any case, is false. */
export const flag: Parameter = {
  read: (given) => given?.toLowerCase() === 'true',
  schema: { type: 'boolean', default: false },
};

/** A time, which is read later; by default from now on, what happened in this very millisecond being past. */
export const timeOrNow: Parameter = {
  read: (given, nowMs) => (given === undefined || isBlankTime(given) ? nowMs + 1 : given),
  schema: { description: 'What came since this time; by default from now on.' },
};

/** Texts with commas between; empty ones do not count. */
export const texts: Parameter = {
  read: (given) => given?.split(',').filter((item) => item !== ''),
  schema: { type: 'array' },
};

/** A 64-bit integer, which stays a text until it is used. */
export const long: Parameter = {
  read: (given) => (given === undefined || given === '' ? undefined : String(whole(given, 64))),
};

/** A 32-bit integer. */
export function integer({ byDefault, whenEmpty = byDefault }: Defaults = {}): Parameter {
  return {
    read: (given) => (given === undefined ? byDefault : given === '' ? whenEmpty : Number(whole(given, 32))),
    schema: { type: 'integer', ...(byDefault === undefined ? {} : { default: byDefault }) },
  };
}

/** A parameter that the schema of its action does not describe, or otherwise. */
export function described(parameter: Parameter, description: string): Parameter {
  return { ...parameter, schema: { ...parameter.schema, description } };
}

/** A number that may not be below 0; the texts are the real server's. */
export function notNegative(parameter: Parameter, problem = 'must be greater than or equal to 0'): Parameter {
  return {
    ...parameter,
    problem: (value) => (typeof value === 'number' && value < 0 ? problem : undefined),
    schema: { ...parameter.schema, minimum: 0 },
  };
}

/** How long a poll waits, in seconds (PROTOCOL.md 10). */
export const waitTimeout: Parameter = {
  read: (given) => (given === undefined || given.trim() === '' ? 30 : Number(whole(given, 64))),
  problem: (value) => {
    if (Number(value) < 0) return "Timeout can't be less than 0 seconds. ";
    return Number(value) > 60 ? "Timeout can't be more than 60 seconds. " : undefined;
  },
  schema: {
    type: 'integer',
    minimum: 0,
    maximum: 60,
    default: 30,
    description: 'How long to wait for it, in seconds.',
  },
};

/** A text that must be as the rule says. */
export function textLike(rule: RegExp, problem: string): Parameter {
  return { ...anyText, problem: (value) => (typeof value === 'string' && rule.test(value) ? undefined : problem) };
}

/** There is no such resource (PROTOCOL.md 10). */
export function noResource(): never {
  return refuse(404, 'HTTP 404 Not Found');
}

/** Reads as Java does. Throws a Refusal 404. */
function whole(given: string, bits: 32 | 64): bigint {
  return wholeNumber(given, bits) ?? noResource();
}

/** An integer of so many bits; undefined for any other text. */
export function wholeNumber(given: string, bits: 32 | 64): bigint | undefined {
  if (!/^[+-]?\d{1,30}$/.test(given)) return undefined;
  const value = BigInt(given.replace('+', ''));
  return BigInt.asIntN(bits, value) === value ? value : undefined;
}
