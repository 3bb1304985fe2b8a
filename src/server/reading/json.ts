import { maxDepth } from '../../protocol/depth.ts';
import { endOfString } from '../../protocol/notation/jsonStrings.ts';
import { JsonText, SpelledNumber, type Json } from './jsonValues.ts';
import { parseLenient } from './lenientJson.ts';

/**
 * Matches numbers that `JSON.parse` would change: exponents, `-0`, trailing zeros, very small ones, more than 15
 * digits.
 */
const respelled = /[[:,\s](?:-0(?![.\d])|-?\d(?:[\d.]*[eE]|[\d.]{15}|\d*\.(?:\d*0(?!\d)|0{6})))/;

/**
 * Parses JSON as leniently as the real server does (PROTOCOL.md 1.3). Throws a SyntaxError where even that fails, a
 * RangeError beyond `maxDepth` levels or `maxValues` values.
 */
export function parseLenientJson(text: string): Json {
  // each value takes at least two characters
  if (text.length > 2 * maxValues && hasTooManyValues(text)) throw new RangeError(`more than ${maxValues} values`);
  if (respelled.test(text)) return parseLenient(text);
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch {
    return parseLenient(text);
  }
  // each level takes two characters
  if (text.length > 2 * maxDepth && isNestedDeeper(text, maxDepth))
    throw new RangeError(`deeper than ${maxDepth} levels`);
  return value;
}

/**
 * The most values, lists and objects included, in one request. A message of the largest size could hold two million,
 * which would take seconds to parse, and everybody waits meanwhile.
 */
export const maxValues = 120_000;

/** Counts separators and opening brackets outside of double-quoted texts, as an estimate of the number of values. */
function hasTooManyValues(text: string): boolean {
  let count = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x22) at = endOfString(text, at);
    else if (code === 0x2c || code === 0x3b || code === 0x5b || code === 0x7b) count++;
    if (count > maxValues) return true;
  }
  return false;
}

/** True if brackets of this JSON lie in each other beyond these levels; a walk through many names takes far longer. */
function isNestedDeeper(text: string, levels: number): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x22) at = endOfString(text, at);
    else if (code === 0x5b || code === 0x7b) depth++;
    else if (code === 0x5d || code === 0x7d) depth--;
    if (depth > levels) return true;
  }
  return false;
}

const separator = /[\u2028\u2029]/;
/** Texts that JSON writes as they are. */
const plain = /^[ !#-[\]-~]*$/;

/** Returns a text as a JSON string, with U+2028 and U+2029 escaped as the real server does (PROTOCOL.md 1.3). */
export function quote(text: string): string {
  if (plain.test(text)) return `"${text}"`;
  const quoted = JSON.stringify(text);
  return separator.test(quoted) ? quoted.replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029') : quoted;
}

/**
 * Returns a value as compact JSON. Spelled numbers and JSON texts are written as received, undefined properties left
 * out.
 */
export function writeJson(value: unknown): string {
  if (typeof value === 'string') return quote(value);
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null) return 'null';
  if (value instanceof JsonText || value instanceof SpelledNumber) return value.text;
  return Array.isArray(value) ? writeArray(value) : `{${writeProperties(value)}}`;
}

/** Returns the properties of a JSON object, separated by commas, without the braces. */
export function writeProperties(value: object): string {
  let text = '';
  // with very many names, `Object.entries` takes five times as long
  for (const name of Object.keys(value)) {
    const child: unknown = value[name as keyof typeof value];
    if (child === undefined) continue;
    text += `${text === '' ? '' : ','}${quote(name)}:${writeJson(child)}`;
  }
  return text;
}

function writeArray(items: readonly unknown[]): string {
  let text = '[';
  for (let index = 0; index < items.length; index++) {
    text += index === 0 ? writeJson(items[index]) : `,${writeJson(items[index])}`;
  }
  return `${text}]`;
}
