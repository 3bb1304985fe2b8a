import type { JsonSchema } from '../../protocol/schema.ts';
import { isBlankTime } from '../reading/fields.ts';
import type { Json } from '../reading/jsonValues.ts';
import { refuse } from '../outcome.ts';

/** How a parameter of a path or query becomes a field of the request. */
export interface Parameter {
  /**
   * Returns the field's value, undefined where it counts as absent. `nowMs` is the server's time. Throws a Refusal 404
   * on a text of the wrong type, as if the resource did not exist (PROTOCOL.md 10).
   */
  readonly read: (text: string | undefined, nowMs: number) => Json | undefined;
  /**
   * Returns what is wrong with a value, in the words of the real server's validator, which runs before rights are
   * checked.
   */
  readonly problem?: (value: Json | undefined) => string | undefined;
  /** Overrides the action's schema in the description of the parameter. */
  readonly schema?: JsonSchema;
}

/** The values of a parameter that is absent, or empty. */
interface Defaults {
  readonly byDefault?: number;
  /** Default: `byDefault`. */
  readonly whenEmpty?: number | undefined;
}

/** Any text, even an empty one. */
export const anyText: Parameter = { read: (given) => given };

/** A text; an empty one counts as absent. */
export const filledText: Parameter = { read: (given) => (given === '' ? undefined : given) };

/** A text in any letter case, read as lower case. */
export const lowerText: Parameter = { read: (given) => given?.toLowerCase() };

/** Returns a parameter for a text with a default. */
export function textOr(byDefault: string): Parameter {
  return { read: (given) => given ?? byDefault };
}

/** A boolean: true only for `true`, in any case. */
export const flag: Parameter = {
  read: (given) => given?.toLowerCase() === 'true',
  schema: { type: 'boolean', default: false },
};

/** A time, left as text. Default: the next millisecond, so that events of the current one count as past. */
export const timeOrNow: Parameter = {
  read: (given, nowMs) => (given === undefined || isBlankTime(given) ? nowMs + 1 : given),
  schema: { description: 'What came since this time; by default from now on.' },
};

/** Texts separated by commas; empty ones are dropped. */
export const texts: Parameter = {
  read: (given) => given?.split(',').filter((item) => item !== ''),
  schema: { type: 'array' },
};

/** A 64-bit integer, left as text until it is used. */
export const long: Parameter = {
  read: (given) => (given === undefined || given === '' ? undefined : String(whole(given, 64))),
};

/** Returns a parameter for a 32-bit integer. */
export function integer({ byDefault, whenEmpty = byDefault }: Defaults = {}): Parameter {
  return {
    read: (given) => (given === undefined ? byDefault : given === '' ? whenEmpty : Number(whole(given, 32))),
    schema: { type: 'integer', ...(byDefault === undefined ? {} : { default: byDefault }) },
  };
}

/** Returns a parameter with a description, for those that the action's schema describes differently or not at all. */
export function described(parameter: Parameter, description: string): Parameter {
  return { ...parameter, schema: { ...parameter.schema, description } };
}

/** Returns a parameter that must not be below 0, with the real server's words for those that are. */
export function notNegative(parameter: Parameter, problem = 'must be greater than or equal to 0'): Parameter {
  return {
    ...parameter,
    problem: (value) => (typeof value === 'number' && value < 0 ? problem : undefined),
    schema: { ...parameter.schema, minimum: 0 },
  };
}

/** How long a poll waits, in seconds: 0 to 60, by default 30 (PROTOCOL.md 10). */
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

/** Returns a parameter for a text that must match a rule. */
export function textLike(rule: RegExp, problem: string): Parameter {
  return { ...anyText, problem: (value) => (typeof value === 'string' && rule.test(value) ? undefined : problem) };
}

/** Refuses with 404, as for a resource that does not exist (PROTOCOL.md 10). */
export function noResource(): never {
  return refuse(404, 'HTTP 404 Not Found');
}

/** Returns an integer as Java reads it. Throws a Refusal 404. */
function whole(given: string, bits: 32 | 64): bigint {
  return wholeNumber(given, bits) ?? noResource();
}

/** Returns the integer that a text holds, if it fits into `bits`; undefined for any other text. */
export function wholeNumber(given: string, bits: 32 | 64): bigint | undefined {
  if (!/^[+-]?\d{1,30}$/.test(given)) return undefined;
  const value = BigInt(given.replace('+', ''));
  return BigInt.asIntN(bits, value) === value ? value : undefined;
}
