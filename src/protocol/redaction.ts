import { isFrame, type Frame } from './frames.ts';
import { own } from './own.ts';

/** Replaces a secret. */
export const mask = '***';

/** Fields that always hold secrets (PROTOCOL.md 4.4 to 4.7, 4.34, 4.35). */
const secretNames = ['token', 'password', 'oldPassword', 'accessToken', 'refreshToken'];
const secrets: ReadonlySet<string> = new Set(secretNames);

/** The configuration entry in which the server may keep the secret that signs its tokens (PROTOCOL.md 3.1). */
const signingSecret = 'jwt.secret';

const jwt = /eyJ[\w-]{5,}\.[\w-]{5,}\.[\w-]*/g;

/** Quick check: a text that does not match has nothing to hide. */
const suspicious = /token|password|eyJ|jwt\.secret|\\u/i;

const quoted = `"(?:[^"\\\\]|\\\\.)*"?|'(?:[^'\\\\]|\\\\.)*'?`;
const looseField = new RegExp(`(["']?(?:${secretNames.join('|')})["']?\\s*[:=]>?\\s*)(?:${quoted}|[^\\s,;}\\]]+)`, 'g');

/**
 * Returns a copy of a frame with `***` in place of its secrets: tokens and passwords at any depth, and JWTs within any
 * text.
 */
export function redactFrame(frame: Frame): Frame {
  return redacted(frame) as Frame;
}

/**
 * Returns the text of a frame with `***` in place of its secrets, or the same text where it has none. A text that is
 * not JSON is searched for anything that looks like a secret.
 */
export function redactText(text: string): string {
  if (!suspicious.test(text)) return text;
  try {
    const value: unknown = JSON.parse(text);
    const copy = redacted(value);
    return copy === value ? text : JSON.stringify(copy);
  } catch {
    return text.replace(looseField, `$1"${mask}"`).replace(jwt, mask);
  }
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
  if (typeof value === 'string') return value.replace(jwt, mask);
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
