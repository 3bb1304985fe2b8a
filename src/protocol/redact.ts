import { isFrame, type Frame } from './frames.ts';
import { own } from './own.ts';

/** What stands in place of a secret. */
export const mask = '***';

/** Fields that hold secrets wherever the protocol has them (PROTOCOL.md 4.4 to 4.7, 4.34, 4.35). */
const secretNames = ['token', 'password', 'oldPassword', 'accessToken', 'refreshToken'];
const secrets: ReadonlySet<string> = new Set(secretNames);

/** Where the server may keep the secret that signs all its tokens (PROTOCOL.md 3.1). */
const signingSecret = 'jwt.secret';

const jwt = /eyJ[\w-]{5,}\.[\w-]{5,}\.[\w-]*/g;

/** A text without any of these holds nothing to hide. */
const suspicious = /token|password|eyJ|jwt\.secret|\\u/i;

const quoted = `"(?:[^"\\\\]|\\\\.)*"?|'(?:[^'\\\\]|\\\\.)*'?`;
const looseField = new RegExp(`(["']?(?:${secretNames.join('|')})["']?\\s*[:=]>?\\s*)(?:${quoted}|[^\\s,;}\\]]+)`, 'g');

/** A copy of a frame in which every secret is `***`: tokens and passwords at any depth, and JWTs within any text. */
export function redactFrame(frame: Frame): Frame {
  return redacted(frame) as Frame;
}

/**
 * The text of a frame with its secrets as `***`. It is the same text where there are none; what is no JSON is searched
 * for what looks like a secret.
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

/** The texts that are secret in a frame, at any depth. */
export function secretsOf(frame: Frame): string[] {
  const isSigningSecret = frame['name'] === signingSecret;
  return Object.entries(frame).flatMap(([name, field]) => {
    const isSecret = secrets.has(name) || (isSigningSecret && name === 'value');
    if (isSecret && typeof field === 'string') return [field];
    return isFrame(field) ? secretsOf(field) : [];
  });
}

/** The value itself where nothing in it is secret. */
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
