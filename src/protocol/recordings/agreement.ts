import type { Bindings } from './bindings.ts';
import { isFrame, type Frame } from '../frames.ts';
import { own } from '../own.ts';

/** How a value is compared with a pattern. */
export interface AgreementOptions {
  /** True if lists must have the same order. */
  readonly isOrdered: boolean;
}

/** A place where a value differs from its pattern; `expected` or `actual` is undefined where that side has nothing. */
export interface Difference {
  /** Names of the nested properties, outermost first, joined by dots; empty for the whole value. */
  readonly at: string;
  readonly expected: unknown;
  readonly actual: unknown;
}

/**
 * Returns the id that a decimal text holds; undefined where the text is not an id in its usual form (no leading zeros)
 * or is not a safe integer.
 */
export function idIn(text: string): number | undefined {
  if (!/^\d{1,16}$/.test(text)) return undefined;
  const id = Number(text);
  return Number.isSafeInteger(id) && String(id) === text ? id : undefined;
}

const timestamp = /^\d{4,}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}$/;
const placeholder = /\$\{(\w+(?::\d+)?)\}/g;
const wholeId = /^\$\{(id:\d+)\}$/;
const wholeIdText = /^\$\{idText:(\d+)\}$/;
const wholeTime = /^\$\{(time:\d+)\}$/;
const wholeToken = /^\$\{(token:\d+)\}$/;

/** Placeholders that accept any value of a shape. */
const shapes: ReadonlyMap<string, (value: unknown) => boolean> = new Map([
  ['${any}', () => true],
  ['${timestamp}', (value: unknown) => typeof value === 'string' && timestamp.test(value)],
  ['${expiry}', Number.isInteger],
  ['${integer}', Number.isInteger],
  ['${text}', (value: unknown) => typeof value === 'string'],
  ['${boolean}', (value: unknown) => typeof value === 'boolean'],
]);

/** `{"${each}": pattern}` accepts a list of any length whose items all agree with the pattern. */
const each = '${each}';

/**
 * Bound on the comparisons for one unordered list; enough for every list that agrees, beyond it the lists count as
 * different.
 */
const maxTries = 250_000;

/**
 * True if a value agrees with a pattern, whose texts may hold placeholders: `${id:3}` is an integer, bound at first
 * use; `${time:3}` a timestamp, bound likewise; `${timestamp}`, `${expiry}`, `${integer}`, `${text}`, `${boolean}` and
 * `${any}` accept a shape; any other name stands for its bound value. `{"token": "${token:2}", "claims": {…}}` is a
 * JWT, `{"${each}": …}` a list of any length. Objects need the same keys: `null` is not absent.
 *
 * Agreement keeps its new bindings; disagreement leaves none behind.
 */
export function agree(pattern: unknown, actual: unknown, bindings: Bindings, options: AgreementOptions): boolean {
  if (typeof pattern === 'string') return agreeText(pattern, actual, bindings);
  if (Array.isArray(pattern)) return Array.isArray(actual) && agreeLists(pattern, actual, bindings, options);
  if (!isFrame(pattern)) return pattern === actual;
  if (isToken(pattern)) return agreeToken(pattern, actual, bindings);
  if (isEach(pattern)) return Array.isArray(actual) && agreeLists(repeated(pattern, actual), actual, bindings, options);
  return isFrame(actual) && agreeObjects(pattern, actual, bindings, options);
}

/** Returns a pattern with its placeholders replaced by their bound values. Throws where one is not bound. */
export function filled(pattern: unknown, bindings: Bindings): unknown {
  if (typeof pattern === 'string') return filledText(pattern, bindings);
  if (Array.isArray(pattern)) return pattern.map((item) => filled(item, bindings));
  if (!isFrame(pattern)) return pattern;
  return Object.fromEntries(Object.entries(pattern).map(([name, child]) => [name, filled(child, bindings)]));
}

/** Returns the names of the placeholders that are not bound yet, for which `filled` would throw. */
export function unboundIn(pattern: unknown, bindings: Bindings): string[] {
  if (typeof pattern === 'string') return namesIn(pattern).filter((name) => !bindings.has(name));
  if (typeof pattern !== 'object' || pattern === null) return [];
  return Object.values(pattern).flatMap((child) => unboundIn(child, bindings));
}

/** Returns the names that agreement with a pattern would bind; shapes such as `${timestamp}` bind nothing. */
export function bindableIn(pattern: unknown, bindings: Bindings): string[] {
  return unboundIn(pattern, bindings).filter((name) => !shapes.has(`\${${name}}`));
}

/**
 * Returns the innermost differences between a value and a pattern; empty where they agree. Parts that agree are bound.
 */
export function differences(
  pattern: unknown,
  actual: unknown,
  bindings: Bindings,
  options: AgreementOptions,
): Difference[] {
  if (agree(pattern, actual, bindings, options)) return [];
  if (isFrame(pattern) && isEach(pattern) && Array.isArray(actual)) {
    return differences(repeated(pattern, actual), actual, bindings, options);
  }
  const inside = (name: string, expected: unknown, found: unknown) =>
    differences(expected, found, bindings, options).map((difference) => ({
      ...difference,
      at: difference.at === '' ? name : `${name}.${difference.at}`,
    }));
  if (isFrame(pattern) && isFrame(actual) && !isToken(pattern)) {
    const names = new Set([...Object.keys(pattern), ...Object.keys(actual)]);
    return [...names].flatMap((name) => {
      const isThere = Object.hasOwn(pattern, name) && Object.hasOwn(actual, name);
      if (isThere) return inside(name, pattern[name], actual[name]);
      return [{ at: name, expected: shownPattern(pattern[name], bindings), actual: actual[name] }];
    });
  }
  if (Array.isArray(pattern) && Array.isArray(actual) && pattern.length === actual.length) {
    return pattern.flatMap((item, index) => inside(String(index), item, actual[index]));
  }
  return [{ at: '', expected: shownPattern(pattern, bindings), actual }];
}

/** Returns a pattern for people: placeholders are replaced by their values where those are known. */
export function shownPattern(pattern: unknown, bindings: Bindings): unknown {
  if (typeof pattern === 'string' && unboundIn(pattern, bindings).length > 0) return pattern;
  if (typeof pattern !== 'object' || pattern === null) return filled(pattern, bindings);
  if (Array.isArray(pattern)) return pattern.map((item) => shownPattern(item, bindings));
  return Object.fromEntries(Object.entries(pattern).map(([name, child]) => [name, shownPattern(child, bindings)]));
}

function namesIn(text: string): string[] {
  return [...text.matchAll(placeholder)].map(([, name = '']) => name.replace('idText', 'id'));
}

function filledText(text: string, bindings: Bindings): unknown {
  const whole = wholeId.exec(text)?.[1];
  if (whole !== undefined) return valueOf(whole, bindings);
  if (!text.includes('${')) return text;
  return text.replaceAll(placeholder, (_all, name: string) => String(valueOf(name.replace('idText', 'id'), bindings)));
}

function valueOf(name: string, bindings: Bindings): unknown {
  if (!bindings.has(name)) throw new Error(`\${${name}} is used before it is bound`);
  return bindings.get(name);
}

function agreeText(pattern: string, actual: unknown, bindings: Bindings): boolean {
  const isOfShape = shapes.get(pattern);
  if (isOfShape !== undefined) return isOfShape(actual);
  const time = wholeTime.exec(pattern)?.[1];
  if (time !== undefined) return agreeTime(time, actual, bindings);
  const name = wholeId.exec(pattern)?.[1];
  if (name !== undefined && !bindings.has(name)) return bindId(name, actual, bindings);
  const number = wholeIdText.exec(pattern)?.[1];
  if (number !== undefined && !bindings.has(`id:${number}`)) return bindIdText(`id:${number}`, actual, bindings);
  if (unboundIn(pattern, bindings).length > 0) return agreeAround(pattern, actual, bindings);
  return filledText(pattern, bindings) === actual;
}

function bindId(name: string, actual: unknown, bindings: Bindings): boolean {
  if (!Number.isInteger(actual)) return false;
  bindings.bind(name, actual);
  return true;
}

function bindIdText(name: string, actual: unknown, bindings: Bindings): boolean {
  return typeof actual === 'string' && bindId(name, idIn(actual), bindings);
}

/**
 * Compares a text that holds more than a placeholder: an id that is not bound yet may be any number, and stays unbound.
 */
function agreeAround(pattern: string, actual: unknown, bindings: Bindings): boolean {
  if (typeof actual !== 'string') return false;
  const parts = pattern.split(/(\$\{id:\d+\})/).map((part) => {
    const isUnknown = wholeId.test(part) && unboundIn(part, bindings).length > 0;
    return isUnknown ? '-?\\d+' : String(filledText(part, bindings)).replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  });
  return new RegExp(`^${parts.join('')}$`).test(actual);
}

/** Accepts any timestamp, and binds the first: times that were equal in the recording may differ in another run. */
function agreeTime(name: string, actual: unknown, bindings: Bindings): boolean {
  if (typeof actual !== 'string' || !timestamp.test(actual)) return false;
  if (!bindings.has(name)) bindings.bind(name, actual);
  return true;
}

function isToken(value: Frame): boolean {
  const { token } = value;
  return typeof token === 'string' && wholeToken.test(token) && 'claims' in value;
}

function isEach(value: Frame): boolean {
  return Object.hasOwn(value, each);
}

function repeated(pattern: Frame, actual: readonly unknown[]): unknown[] {
  return actual.map(() => pattern[each]);
}

function agreeToken({ token, claims }: Frame, actual: unknown, bindings: Bindings): boolean {
  const payload = typeof actual === 'string' ? payloadOf(actual) : undefined;
  if (payload === undefined || !agree(claims, payload, bindings, { isOrdered: false })) return false;
  bindings.bind(wholeToken.exec(String(token))?.[1] ?? '', actual);
  return true;
}

/** Returns the payload of a JWT, unverified; undefined where the text is not a JWT. */
function payloadOf(token: string): unknown {
  try {
    const body: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    return isFrame(body) ? body['payload'] : undefined;
  } catch {
    return undefined;
  }
}

function agreeObjects(pattern: Frame, actual: Frame, bindings: Bindings, options: AgreementOptions): boolean {
  const names = Object.keys(pattern);
  if (names.length !== Object.keys(actual).length) return false;
  const mark = bindings.mark();
  const isSame = names.every(
    (name) => Object.hasOwn(actual, name) && agree(own(pattern, name), actual[name], bindings, options),
  );
  if (!isSame) bindings.undo(mark);
  return isSame;
}

function agreeLists(
  pattern: readonly unknown[],
  actual: readonly unknown[],
  bindings: Bindings,
  options: AgreementOptions,
): boolean {
  if (pattern.length !== actual.length) return false;
  const mark = bindings.mark();
  if (pattern.every((item, index) => agree(item, actual[index], bindings, options))) return true;
  bindings.undo(mark);
  return !options.isOrdered && agreeInAnyOrder(pattern, actual, bindings, options);
}

/** Assigns each item of the pattern an item of the list, backtracking where that leads nowhere. */
function agreeInAnyOrder(
  pattern: readonly unknown[],
  actual: readonly unknown[],
  bindings: Bindings,
  options: AgreementOptions,
): boolean {
  const start = bindings.mark();
  const taken: { readonly index: number; readonly mark: number }[] = [];
  const isTaken = new Set<number>();
  let tries = 0;
  let index = 0;
  while (taken.length < pattern.length && tries < maxTries) {
    const mark = bindings.mark();
    const item = pattern[taken.length];
    const isFree = (at: number) => !isTaken.has(at) && tries++ < maxTries;
    while (index < actual.length && !(isFree(index) && agree(item, actual[index], bindings, options))) index++;
    if (index < actual.length) {
      taken.push({ index, mark });
      isTaken.add(index);
      index = 0;
      continue;
    }
    const last = taken.pop();
    if (last === undefined) return false;
    isTaken.delete(last.index);
    bindings.undo(last.mark);
    index = last.index + 1;
  }
  if (taken.length === pattern.length) return true;
  bindings.undo(start);
  return false;
}
