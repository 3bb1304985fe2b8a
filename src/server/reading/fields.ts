import { parseTimestamp } from '../../protocol/timestamps.ts';
import { writeJson } from './json.ts';
import { isObject, JsonText, SpelledNumber, type Json, type JsonObject } from './jsonValues.ts';
import { exactLongOf, integerOf, longOf, type Long } from './integers.ts';
import { malformed, malformedText, refuse, stumble } from '../outcome.ts';

/**
 * Reads the fields of a request with the coercions and error texts of the real server (PROTOCOL.md 2.6). Absent fields
 * read as undefined, and so does null unless the reader says otherwise. Readers throw a Refusal on a value that they
 * cannot read.
 */
export class Fields {
  readonly #object: JsonObject;

  constructor(object: JsonObject) {
    this.#object = object;
  }

  /** Returns the value as received; undefined only where the field is absent. */
  raw(name: string): Json | undefined {
    // callers pass names of the protocol, none of which objects inherit
    // eslint-disable-next-line house/own-lookups
    return this.#object[name];
  }

  /** Reads a text; numbers and booleans become text. */
  text(name: string): string | undefined {
    const value = this.raw(name);
    if (typeof value === 'string') return value;
    return value === undefined || value === null ? undefined : textOf(value);
  }

  /** Reads a text more strictly: null and objects end in a 500; a list of one item reads as that item. */
  castText(name: string): string | undefined {
    const value = this.raw(name);
    return value === undefined ? undefined : castTextOf(value);
  }

  /** Reads a 64-bit integer; one out of range wraps. */
  long(name: string): Long | undefined {
    const value = this.raw(name);
    return value === undefined || value === null ? undefined : longOf(value);
  }

  /** Reads a 64-bit integer, which must have no fraction and be in range. */
  exactLong(name: string): Long | undefined {
    const value = this.raw(name);
    return value === undefined || value === null ? undefined : exactLongOf(value);
  }

  /** Reads a 32-bit integer; one out of range wraps. */
  integer(name: string): number | undefined {
    const value = this.raw(name);
    return value === undefined || value === null ? undefined : integerOf(value);
  }

  /** Reads a boolean; a text is true only if it is `true`, in any case. */
  boolean(name: string): boolean | undefined {
    const value = this.raw(name);
    if (value === undefined || value === null || typeof value === 'boolean') return value ?? undefined;
    return typeof value === 'string' ? value.toLowerCase() === 'true' : malformed();
  }

  /** Reads a time and returns ms since 1970 (PROTOCOL.md 6.1). */
  timestamp(name: string): number | undefined {
    const value = this.raw(name);
    if (value === undefined || value === null) return undefined;
    return timestampOf(value);
  }

  /** Reads a nested object. */
  object(name: string): Fields | undefined {
    const value = this.raw(name);
    if (value === undefined || value === null) return undefined;
    return isObject(value) ? new Fields(value) : malformed();
  }

  /** Reads a nested object, such as `command` of insert and update; null or another type ends in a 500. */
  castObject(name: string): Fields | undefined {
    const value = this.raw(name);
    if (value === undefined) return undefined;
    return isObject(value) ? new Fields(value) : wrongClass(value, 'JsonObject');
  }

  /** Reads a free-form JSON object and returns it as text. */
  json(name: string): JsonText | undefined {
    const value = this.raw(name);
    if (value === undefined || value === null) return undefined;
    return isObject(value) ? new JsonText(writeJson(value)) : refuse(400, "'parameters' must be JSON Object!");
  }

  /** Reads a list of integers, leaving nulls out; null in place of the list or another type ends in a 500. */
  castLongs(name: string): Long[] | undefined {
    return this.#castList(name)
      ?.filter((item) => item !== null)
      .map(longOf);
  }

  /** Reads a list of texts, leaving nulls out; null in place of the list or another type ends in a 500. */
  castTexts(name: string): string[] | undefined {
    return this.#castList(name)
      ?.filter((item) => item !== null)
      .map(textOf);
  }

  /** Reads a list of texts, leaving nulls out. */
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

/** True if a received value is a list. */
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

/** True if a text counts as no time: blank, or `null` (PROTOCOL.md 2.6). */
export function isBlankTime(text: string): boolean {
  const bare = text.trim();
  return bare === '' || bare === 'null';
}

function wrongClass(value: Json, wanted: string): never {
  const found =
    value === null ? 'JsonNull' : isList(value) ? 'JsonArray' : isObject(value) ? 'JsonObject' : 'JsonPrimitive';
  return stumble(`class com.google.gson.${found} cannot be cast to class com.google.gson.${wanted}`, malformedText);
}
