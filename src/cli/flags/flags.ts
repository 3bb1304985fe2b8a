import { isFreeForm, type JsonSchema } from '../../protocol/schema.ts';
import { own } from '../../protocol/own.ts';

/** The type that a flag's text is read as. */
export type FlagKind = 'text' | 'integer' | 'number' | 'boolean' | 'json';

/** One leaf of an action's schema, as a flag of its command. */
export interface Flag {
  /** Long name without dashes: `device-type`. */
  readonly name: string;
  /** Where the value goes in the payload: `['command', 'status']`. */
  readonly path: readonly string[];
  readonly kind: FlagKind;
  /** May be given several times; the payload gets an array. */
  readonly repeatable: boolean;
  readonly required: boolean;
  readonly secret: boolean;
  readonly schema: JsonSchema;
}

/** One flag for each leaf of the schema, in the schema's order. */
export function flagsOf(schema: JsonSchema, path: readonly string[] = [], needed = true): Flag[] {
  const required = new Set(schema.required);
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    const here = [...path, name];
    const isNeeded = needed && required.has(name);
    const nested = property.properties !== undefined && !isFreeForm(property);
    return nested ? flagsOf(property, here, isNeeded) : [flagOf(name, property, here, isNeeded)];
  });
}

function flagOf(name: string, schema: JsonSchema, path: readonly string[], required: boolean): Flag {
  const repeatable = schema.type === 'array';
  return {
    name: schema['x-flag'] ?? (repeatable ? singular(flagName(name)) : flagName(name)),
    path,
    kind: kindOf(repeatable ? (schema.items ?? {}) : schema),
    repeatable,
    required,
    secret: schema['x-secret'] === true,
    schema,
  };
}

function flagName(name: string): string {
  const bare = /^[a-z].*Ids?$/.test(name) ? name.replace(/Id(s?)$/, '$1') : name;
  return bare.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function singular(name: string): string {
  return name.replace(/s$/, '');
}

function kindOf(schema: JsonSchema): FlagKind {
  const types = Array.isArray(schema.type) ? schema.type : [schema.type];
  if (types.includes('string')) return 'text';
  if (types.includes('integer')) return 'integer';
  if (types.includes('number')) return 'number';
  return types.includes('boolean') ? 'boolean' : 'json';
}

/** The flag that a path of the payload belongs to; a path inside a free-form object or list belongs to that flag. */
export function flagAt(flags: readonly Flag[], path: readonly string[]): Flag | undefined {
  return flags.find((flag) => flag.path.every((name, index) => path[index] === name));
}

/** Returns the payload that these values make, in the schema's order; required objects are present even if empty. */
export function toPayload(
  schema: JsonSchema,
  flags: readonly Flag[],
  values: ReadonlyMap<Flag, unknown>,
): Record<string, unknown> {
  const given = new Map(flags.map((flag) => [flag.path.join('.'), values.get(flag)]));
  return objectOf(schema, [], given) ?? {};
}

function objectOf(
  schema: JsonSchema,
  path: readonly string[],
  given: ReadonlyMap<string, unknown>,
): Record<string, unknown> | undefined {
  const entries = Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    const here = [...path, name];
    const isNested = property.properties !== undefined && !isFreeForm(property);
    const value = isNested ? objectOf(property, here, given) : given.get(here.join('.'));
    if (value !== undefined) return [[name, value] as const];
    return isNested && schema.required?.includes(name) === true ? [[name, {}] as const] : [];
  });
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

/** The flags and values that make this payload: the way back of `toPayload`, as words of a command line. */
export function toWords(flags: readonly Flag[], payload: Readonly<Record<string, unknown>>): string[] {
  return flags.flatMap((flag) => {
    const value = valueAt(flag, payload);
    if (value === undefined) return [];
    const items: readonly unknown[] = flag.repeatable && Array.isArray(value) ? value : [value];
    return items.flatMap((item) => words(flag, item));
  });
}

/**
 * The choices of a field with what they stand for, such as `0 administrator, 1 client`; undefined where they speak for
 * themselves.
 */
export function labelled({ enum: choices = [], 'x-labels': labels }: JsonSchema): string | undefined {
  return labels && choices.map((choice, index) => `${String(choice)} ${labels[index] ?? ''}`).join(', ');
}

/** The value of a flag in a payload. */
export function valueAt({ path }: Flag, payload: Readonly<Record<string, unknown>>): unknown {
  return path.reduce<unknown>((node, name) => own(node as Record<string, unknown> | undefined, name), payload);
}

function words(flag: Flag, value: unknown): string[] {
  if (flag.kind === 'boolean') return value === false ? [`--no-${flag.name}`] : [`--${flag.name}`];
  return [`--${flag.name}`, typeof value === 'string' && flag.kind !== 'json' ? value : JSON.stringify(value)];
}
