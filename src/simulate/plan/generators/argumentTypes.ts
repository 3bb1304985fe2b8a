import { endOfString } from '../../../protocol/notation/jsonStrings.ts';
import { parseDuration } from '../../../protocol/notation/quantities.ts';
import type { ArgumentType } from './generator.ts';

/** The largest number: larger ones could lead to values that JSON cannot represent. */
const largest = 1e15;

/** A number with at most 15 digits before its point. */
export const number: ArgumentType<number> = {
  expected: 'a number from -1e15 to 1e15',
  fromText: json,
  read: (value) => (typeof value === 'number' && Math.abs(value) <= largest ? value : undefined),
};

/** A whole number, at least 0. */
const count: ArgumentType<number> = {
  expected: 'a whole number from 0',
  fromText: json,
  read: (value) => (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined),
};

/** The number of digits after a value's point. */
export const digits: ArgumentType<number> = {
  expected: 'a whole number from 0 to 12',
  fromText: json,
  read: (value) => {
    const read = count.read(value);
    return read !== undefined && read <= 12 ? read : undefined;
  },
};

/** A duration above 0, in ms. */
export const duration: ArgumentType<number> = {
  expected: 'a duration such as 90s, 10m or 1h',
  fromText: unquoted,
  read: (value) => {
    const ms = typeof value === 'string' ? parseDuration(value) : undefined;
    return ms !== undefined && ms > 0 ? ms : undefined;
  },
};

/** Where in its period something begins: a duration in ms, or a random place. */
export const phase: ArgumentType<number | 'random'> = {
  expected: 'a duration such as 90s, or random',
  fromText: unquoted,
  read: (value) => (value === 'random' ? value : typeof value === 'string' ? parseDuration(value) : undefined),
};

/** The first row: a number from 0, or a random one. */
export const row: ArgumentType<number | 'random'> = {
  expected: 'the number of a row, from 0, or random',
  fromText: json,
  read: (value) => (value === 'random' ? value : count.read(value)),
};

/** A text that is not empty. */
export const nonEmptyText: ArgumentType<string> = {
  expected: 'a text',
  fromText: unquoted,
  read: (value) => (typeof value === 'string' && value !== '' ? value : undefined),
};

/** Anything that JSON can hold. */
export const anything: ArgumentType<{ readonly value: unknown }> = {
  expected: 'a value',
  fromText: json,
  read: (value) => ({ value }),
};

/** The format of a time. */
export const timeFormat: ArgumentType<string> = {
  expected: 'iso, ms or s',
  fromText: unquoted,
  read: (value) => (value === 'iso' || value === 'ms' || value === 's' ? value : undefined),
};

/** A value of an enumeration, and how often it comes compared with the others. */
export interface WeightedValue {
  readonly value: unknown;
  readonly weight: number;
}

/** A value, or `{value, weight}`; in flags `value` or `value:weight`. */
export const choice: ArgumentType<WeightedValue> = {
  expected: 'a value, or {value, weight} with a weight of at least 0',
  fromText: (written) => {
    const text = written.trim();
    const colon = text.startsWith('"') ? endOfString(text, 0) + 1 : text.lastIndexOf(':');
    const [value, weight] = text.charAt(colon) === ':' ? [text.slice(0, colon), text.slice(colon + 1)] : [text, ''];
    return weight === '' ? json(written) : { value: json(value), weight: json(weight) };
  },
  read: (value) => {
    if (!isChoice(value)) return { value, weight: 1 };
    const weight = number.read(value.weight);
    return weight !== undefined && weight >= 0 ? { value: value.value, weight } : undefined;
  },
};

function isChoice(value: unknown): value is { value: unknown; weight: unknown } {
  if (typeof value !== 'object' || value === null) return false;
  return Object.keys(value).sort().join() === 'value,weight';
}

/** A place on Earth, in degrees. */
export interface GeoPoint {
  readonly latitude: number;
  readonly longitude: number;
}

/** `[latitude, longitude]` or `{latitude, longitude}`; in flags `latitude:longitude`. */
export const place: ArgumentType<GeoPoint> = {
  expected: 'a place such as [48.14, 11.58]: latitude from -90 to 90, longitude from -180 to 180',
  fromText: (written) => written.split(':').map(json),
  read: (value) => {
    const pair: readonly unknown[] = Array.isArray(value)
      ? value
      : [(value as Partial<GeoPoint> | null)?.latitude, (value as Partial<GeoPoint> | null)?.longitude];
    const [latitude, longitude] = pair.map((part) => number.read(part));
    if (pair.length !== 2 || latitude === undefined || longitude === undefined) return undefined;
    return Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180 ? { latitude, longitude } : undefined;
  },
};

/** Parses JSON; other text stays text: `walk`, `eco`. */
function json(written: string): unknown {
  try {
    return JSON.parse(written) as unknown;
  } catch {
    return written.trim();
  }
}

/** Parses a text in double quotes as JSON, so that it can hold commas and spaces. */
function unquoted(written: string): unknown {
  const value = json(written);
  return typeof value === 'string' ? value : written.trim();
}
