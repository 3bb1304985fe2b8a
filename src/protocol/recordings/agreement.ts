import type { Bindings } from './bindings.ts';
import { isFrame, type Frame } from '../frames.ts';
import { own } from '../own.ts';

/** How a pattern and a value are held against each other. */
export interface AgreementOptions {
  /** Lists agree only in order. */
  readonly isOrdered: boolean;
}

/** Where a value differs from its pattern; what is undefined is not there. */
export interface Difference {
  /** Names of the nested properties, outermost first, with dots between; empty for the whole. */
  readonly at: string;
  readonly expected: unknown;
  readonly actual: unknown;
}

/**
 * Returns the id that a text is, written as ids are; undefined where it is none, or has more digits than a number
 * keeps.
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

/** Placeholders that stand for any value of a shape. */
const shapes: ReadonlyMap<string, (value: unknown) => boolean> = new Map([
  ['${any}', () => true],
  ['${timestamp}', (value: unknown) => typeof value === 'string' && timestamp.test(value)],
  ['${expiry}', Number.isInteger],
  ['${integer}', Number.isInteger],
  ['${text}', (value: unknown) => typeof value === 'string'],
  ['${boolean}', (value: unknown) => typeof value === 'boolean'],
]);

/** `{"${each}": pattern}` stands for a list of any length whose items all agree with the pattern. */
const each = '${each}';

/** Enough to sort out any list that a person would call the same; more would only prove slowly that it is not. */
const maxTries = 250_000;

/**
 * Whether a value agrees with a pattern, whose texts may hold placeholders: `${id:3}` an integer that is bound where it
 * first appears, `${time:3}` a timestamp that is bound likewise, `${timestamp}`, `${expiry}`, `${integer}`, `${text}`,
 * `${boolean}` and `${any}` by their shape, any other name what it is bound to; `{"token": "${token:2}", "claims":
 * {…}}` is a JWT, `{"${each}": …}` a list of any length. Objects have the same keys, `null` is not absent. What
 * agreement bound stays bound; a value that does not agree binds nothing.
 */
export function agree(pattern: unknown, actual: unknown, bindings: Bindings, options: AgreementOptions): boolean {
  if (typeof pattern === 'string') return agreeText(pattern, actual, bindings);
  if (Array.isArray(pattern)) return Array.isArray(actual) && agreeLists(pattern, actual, bindings, options);
  if (!isFrame(pattern)) return pattern === actual;
  if (isToken(pattern)) return agreeToken(pattern, actual, bindings);
  if (isEach(pattern)) return Array.isArray(actual) && agreeLists(repeated(pattern, actual), actual, bindings, options);
  return isFrame(actual) && agreeObjects(pattern, actual, bindings, options);
}

/** A pattern with its placeholders replaced by what they stand for. Throws where one is not bound. */
export function filled(pattern: unknown, bindings: Bindings): unknown {
  if (typeof pattern === 'string') return filledText(pattern, bindings);
  if (Array.isArray(pattern)) return pattern.map((item) => filled(item, bindings));
  if (!isFrame(pattern)) return pattern;
  return Object.fromEntries(Object.entries(pattern).map(([name, child]) => [name, filled(child, bindings)]));
}

/** The names that `filled` would miss. */
export function unboundIn(pattern: unknown, bindings: Bindings): string[] {
  if (typeof pattern === 'string') return namesIn(pattern).filter((name) => !bindings.has(name));
  if (typeof pattern !== 'object' || pattern === null) return [];
  return Object.values(pattern).flatMap((child) => unboundIn(child, bindings));
}

/** The names that agreement with a pattern would bind: shapes, such as `${timestamp}`, stand for nothing. */
export function bindableIn(pattern: unknown, bindings: Bindings): string[] {
  return unboundIn(pattern, bindings).filter((name) => !shapes.has(`\${${name}}`));
}

/** Where a value differs from a pattern, as deep inside as can be told; empty where it agrees. What agrees is bound. */
export function differences(
  pattern: unknown,
  actual: unknown,
  bindings: Bindings,
  options: AgreementOptions,
  at = '',
): Difference[] {
  if (agree(pattern, actual, bindings, options)) return [];
  const inside = (name: string) => (at === '' ? name : `${at}.${name}`);
  if (isFrame(pattern) && isEach(pattern) && Array.isArray(actual)) {
    return differences(repeated(pattern, actual), actual, bindings, options, at);
  }
  if (isFrame(pattern) && isFrame(actual) && !isToken(pattern)) {
    const names = new Set([...Object.keys(pattern), ...Object.keys(actual)]);
    return [...names].flatMap((name) => {
      const isThere = Object.hasOwn(pattern, name) && Object.hasOwn(actual, name);
      if (isThere) return differences(pattern[name], actual[name], bindings, options, inside(name));
      return [{ at: inside(name), expected: shownPattern(pattern[name], bindings), actual: actual[name] }];
    });
  }
  if (Array.isArray(pattern) && Array.isArray(actual) && pattern.length === actual.length) {
    return pattern.flatMap((item, index) => differences(item, actual[index], bindings, options, inside(String(index))));
  }
  return [{ at, expected: shownPattern(pattern, bindings), actual }];
}

/** A pattern as a person reads it: with what its placeholders stand for, where that is known. */
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

/** Within a text that says more, an id that is not known yet may be any: nothing is bound. */
function agreeAround(pattern: string, actual: unknown, bindings: Bindings): boolean {
  if (typeof actual !== 'string') return false;
  const parts = pattern.split(/(\$\{id:\d+\})/).map((part) => {
    const isUnknown = wholeId.test(part) && unboundIn(part, bindings).length > 0;
    return isUnknown ? '-?\\d+' : String(filledText(part, bindings)).replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  });
  return new RegExp(`^${parts.join('')}$`).test(actual);
}

/** Two times that were the same in a recording need not be the same again: only the first is bound. */
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

/** What a JWT says, as it says it. */
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

/** Gives each item of the pattern one of the others, and goes back where that leads nowhere. */
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
