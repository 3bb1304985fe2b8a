import { isDeeperThan, maxDepth } from './depth.ts';
import { isFrame, type Frame } from './frames.ts';
import { endOfString } from './notation/jsonStrings.ts';
import { own } from './own.ts';

/** Replaces a secret. */
export const mask = '***';

/** Fields that always hold secrets (PROTOCOL.md 4.4 to 4.7, 4.34, 4.35). */
const secretNames = ['token', 'password', 'oldPassword', 'accessToken', 'refreshToken'];
const secrets: ReadonlySet<string> = new Set(secretNames);

/** True if a field of this name always holds a secret. */
export function isSecretName(name: string): boolean {
  return secrets.has(name);
}

/** The configuration entry in which the server may keep the secret that signs its tokens (PROTOCOL.md 3.1). */
const signingSecret = 'jwt.secret';

/** Words and full stops; a JWT is three such words. A single class never backtracks. */
const dotted = /[\w.-]+/g;

/** Quick check: a text that does not match has nothing to hide. */
const suspicious = /token|password|eyJ|jwt\.secret|\\u/i;

const looseField = new RegExp(`["']?(?:${secretNames.join('|')})["']?\\s*[:=]>?\\s*(?=[^\\s,;}\\]])`, 'g');
const looseEnd = /[\s,;}\]]|$/g;

/** Longer texts are not searched, but shown as their length, in UTF-16 units. */
const maxSearched = 64 * 1024 * 1024;

/**
 * Returns a copy of a frame with `***` in place of its secrets: tokens and passwords at any depth, and JWTs within any
 * text.
 */
export function redactFrame(frame: Frame): Frame {
  return redacted(frame) as Frame;
}

/**
 * Returns the text of a frame with `***` in place of its secrets, or the same text where it has none. A text that is
 * not JSON is searched for anything that looks like a secret; one too large or too deep is shown as its length.
 */
export function redactText(text: string): string {
  if (!suspicious.test(text)) return text;
  if (text.length > maxSearched) return lengthOf(text);
  try {
    const value: unknown = JSON.parse(text);
    if (text.length > 2 * maxDepth && isDeeperThan(value, maxDepth)) return lengthOf(text);
    const copy = redacted(value);
    return copy === value ? text : JSON.stringify(copy);
  } catch {
    return withoutTokens(withoutFields(text));
  }
}

/** Returns what stands for a text that cannot be searched for secrets. */
export function lengthOf(text: string): string {
  return `"${mask} (${text.length} characters)"`;
}

/** Masks what follows the name of a secret, up to its closing quotation mark where it has one. */
function withoutFields(text: string): string {
  const parts: string[] = [];
  let at = 0;
  looseField.lastIndex = 0;
  for (let found = looseField.exec(text); found !== null; found = looseField.exec(text)) {
    const start = looseField.lastIndex;
    parts.push(text.slice(at, start), `"${mask}"`);
    looseField.lastIndex = at = /["']/.test(text.charAt(start))
      ? endOfString(text, start) + 1
      : looseEndAfter(text, start);
  }
  return `${parts.join('')}${text.slice(at)}`;
}

function looseEndAfter(text: string, start: number): number {
  looseEnd.lastIndex = start;
  return looseEnd.exec(text)?.index ?? text.length;
}

/** Masks the JWTs of a text. One expression for them all would take minutes over many MiB of `eyJeyJeyJ…`. */
function withoutTokens(text: string): string {
  return text.includes('eyJ') ? text.replace(dotted, withoutTokensOf) : text;
}

function withoutTokensOf(words: string): string {
  const parts = words.split('.');
  const shown: string[] = [];
  for (let index = 0; index < parts.length; index++) {
    const part = parts[index] ?? '';
    const start = part.indexOf('eyJ');
    const isToken = start >= 0 && part.length - start >= 8 && (parts[index + 1] ?? '').length >= 5;
    if (isToken && index + 2 < parts.length) {
      shown.push(`${part.slice(0, start)}${mask}`);
      index += 2;
    } else shown.push(part);
  }
  return shown.join('.');
}

/** Returns the secret values in a frame, at any depth of its objects. */
export function secretsOf(frame: Frame): string[] {
  const isSigningSecret = frame['name'] === signingSecret;
  return Object.entries(frame).flatMap(([name, field]) => {
    const isSecret = secrets.has(name) || (isSigningSecret && name === 'value');
    if (isSecret && typeof field === 'string') return [field];
    return isFrame(field) ? secretsOf(field) : [];
  });
}

/** Returns a redacted copy, or the value itself where it holds no secret. */
function redacted(value: unknown): unknown {
  if (typeof value === 'string') return withoutTokens(value);
  if (Array.isArray(value)) {
    const items = value.map(redacted);
    return items.every((item, index) => item === value[index]) ? value : items;
  }
  return isFrame(value) ? redactedObject(value) : value;
}

function redactedObject(value: Frame): Frame {
  const isSigningSecret = value['name'] === signingSecret;
  const fields = Object.entries(value).map(([name, field]): [string, unknown] => {
    const isSecret = secrets.has(name) || (isSigningSecret && name === 'value');
    return [name, isSecret && field !== null && field !== undefined ? mask : redacted(field)];
  });
  return fields.every(([name, field]) => field === own(value, name)) ? value : Object.fromEntries(fields);
}
