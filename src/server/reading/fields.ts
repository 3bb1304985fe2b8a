import { parseTimestamp } from '../../protocol/timestamps.ts';
import { writeJson } from './json.ts';
import { isObject, JsonText, SpelledNumber, type Json, type JsonObject } from './jsonValues.ts';
import { exactLongOf, integerOf, longOf, type Long } from './integers.ts';
import { malformed, malformedText, refuse, stumble } from '../outcome.ts';

/**
 * The fields of a request as the real server reads them, with its coercions and its texts (PROTOCOL.md 2.6). A field
 * that is absent reads as undefined; so does null, where nothing else is said. All readers throw a Refusal on a value
 * that cannot be read.
 */
export class Fields {
  readonly #object: JsonObject;

  constructor(object: JsonObject) {
    this.#object = object;
  }

  /** The value as it came; undefined only where it is absent. */
  raw(name: string): Json | undefined {
    // the names are those of the protocol, none of which an object inherits
    // eslint-disable-next-line house/own-lookups
    return this.#object[name];
  }

  /** A text; numbers and booleans become theirs. */
  text(name: string): string | undefined {
    const value = this.raw(name);
    if (typeof value === 'string') return value;
    return value === undefined || value === null ? undefined : textOf(value);
  }

  /** A text by a stricter road: null and objects end in a 500, a list of one is its element. */
  castText(name: string): string | undefined {
    const value = this.raw(name);
    return value === undefined ? undefined : castTextOf(value);
  }

  /** A 64-bit integer; out of range it wraps. */
  long(name: string): Long | undefined {
    const value = this.raw(name);
    return value === undefined || value === null ? undefined : longOf(value);
  }

  /** A 64-bit integer without a fraction and in range. */
  exactLong(name: string): Long | undefined {
    const value = this.raw(name);
    return value === undefined || value === null ? undefined : exactLongOf(value);
  }

  /** A 32-bit integer; out of range it wraps. */
  integer(name: string): number | undefined {
    const value = this.raw(name);
    return value === undefined || value === null ? undefined : integerOf(value);
  }

  /** True or false; of texts only `true`, in any case, is true. */
  boolean(name: string): boolean | undefined {
    const value = this.raw(name);
    if (value === undefined || value === null || typeof value === 'boolean') return value ?? undefined;
    return typeof value === 'string' ? value.toLowerCase() === 'true' : malformed();
  }

  /** A time in ms since 1970 (PROTOCOL.md 6.1). */
  timestamp(name: string): number | undefined {
    const value = this.raw(name);
    if (value === undefined || value === null) return undefined;
    return timestampOf(value);
  }

  /** A nested object. */
  object(name: string): Fields | undefined {
    const value = this.raw(name);
    if (value === undefined || value === null) return undefined;
    return isObject(value) ? new Fields(value) : malformed();
  }

  /** A nested object whose null, too, ends in a 500: `command` of insert and update. */
  castObject(name: string): Fields | undefined {
    const value = this.raw(name);
    if (value === undefined) return undefined;
    return isObject(value) ? new Fields(value) : wrongClass(value, 'JsonObject');
  }

  /** A free JSON object, kept as text. */
  json(name: string): JsonText | undefined {
    const value = this.raw(name);
    if (value === undefined || value === null) return undefined;
    return isObject(value) ? new JsonText(writeJson(value)) : refuse(400, "'parameters' must be JSON Object!");
  }

  /** A list of integers; null and what is no list end in a 500. */
  castLongs(name: string): Long[] | undefined {
    return this.#castList(name)
      ?.filter((item) => item !== null)
      .map(longOf);
  }

  /** A list of texts; null and what is no list end in a 500. */
  castTexts(name: string): string[] | undefined {
    return this.#castList(name)
      ?.filter((item) => item !== null)
      .map(textOf);
  }

  /** A list of texts. */
  texts(name: string): string[] | undefined {
    const value = this.raw(name);
    if (value === undefined || value === null) return undefined;
    return isList(value) ? value.filter((item) => item !== null).map(textOf) : malformed();
  }

  #castList(name: string): readonly Json[] | undefined {
    const value = this.raw(name);
    if (value === undefined || isList(value)) return value;
    return wrongClass(value, 'JsonArray');
  }
}

/** Whether a received value is a list. */
export function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function textOf(value: Json): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return value instanceof SpelledNumber ? value.text : malformed();
}

function castTextOf(value: Json): string {
  if (value === null) return stumble('JsonNull', malformedText);
  if (isObject(value)) return stumble('JsonObject', malformedText);
  if (!isList(value)) return textOf(value);
  const [only] = value;
  return value.length === 1 && only !== undefined ? castTextOf(only) : malformed();
}

function timestampOf(value: Json): number | undefined {
  if (typeof value === 'string') {
    if (isBlankTime(value)) return undefined;
    return parseTimestamp(value) ?? malformed();
  }
  const text = value instanceof SpelledNumber || typeof value === 'number' ? textOf(value) : malformed();
  return (/^-?\d+$/.test(text) ? parseTimestamp(text) : undefined) ?? malformed();
}

/** Whether a text is as no time at all (PROTOCOL.md 2.6). */
export function isBlankTime(text: string): boolean {
  const bare = text.trim();
  return bare === '' || bare === 'null';
}

function wrongClass(value: Json, wanted: string): never {
  const found =
    value === null ? 'JsonNull' : isList(value) ? 'JsonArray' : isObject(value) ? 'JsonObject' : 'JsonPrimitive';
  return stumble(`class com.google.gson.${found} cannot be cast to class com.google.gson.${wanted}`, malformedText);
}
