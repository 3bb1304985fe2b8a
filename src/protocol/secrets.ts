import { isDeeperThan, maxDepth } from './depth.ts';
import { isFrame, type Frame } from './frames.ts';
import { lengthOf, mask, secretsOf } from './redaction.ts';
import { own } from './own.ts';

/**
 * Texts shorter than this are not hidden: DeviceHive takes no such passwords (PROTOCOL.md 4.34), and hiding them
 * everywhere would make output unreadable.
 */
const shortest = 6;
/** How many secrets are remembered, the latest ones: a lasting connection gets new tokens now and then. */
const mostValues = 100;

/** The actions whose requests hold secrets. */
const carriers: ReadonlySet<string> = new Set([
  'authenticate',
  'token',
  'token/refresh',
  'user/insert',
  'user/update',
  'user/updateCurrent',
  'configuration/put',
]);

/** True if the requests of an action hold secrets. */
export function carriesSecrets(action: string): boolean {
  return carriers.has(action);
}

/**
 * The values of secrets that were sent. A server may repeat them anywhere, for example in an error's text, where
 * neither the field's name nor the value's form gives them away.
 */
export class Secrets {
  readonly #values = new Set<string>();

  /** Remembers the secrets of a request. */
  note(request: Frame): void {
    for (const value of secretsOf(request)) {
      if (value.length < shortest) continue;
      this.#values.delete(value);
      this.#values.add(value);
    }
    const [oldest] = this.#values;
    if (this.#values.size > mostValues && oldest !== undefined) this.#values.delete(oldest);
  }

  /** Returns any text with its secrets masked. In JSON only the values are searched. */
  hide(text: string): string {
    if (!this.#maySpeakOf(text)) return text;
    const value = parsed(text);
    if (value === undefined) return this.#cleared(text);
    if (text.length > 2 * maxDepth && isDeeperThan(value, maxDepth)) return lengthOf(text);
    const copy = this.#hidden(value);
    return copy === value ? text : JSON.stringify(copy);
  }

  /** Returns a frame with its secrets masked, or the frame itself where it holds none. */
  hideIn<T extends Frame>(frame: T): T {
    return this.#values.size === 0 ? frame : (this.#hidden(frame) as T);
  }

  /** True if a text may hold a secret; one with a backslash may, since JSON may escape any character (`\u0041`). */
  #maySpeakOf(text: string): boolean {
    if (this.#values.size === 0) return false;
    if (text.includes('\\')) return true;
    for (const value of this.#values) if (text.includes(value)) return true;
    return false;
  }

  #hidden(value: unknown): unknown {
    if (typeof value === 'string') return this.#cleared(value);
    if (Array.isArray(value)) {
      const items = value.map((item) => this.#hidden(item));
      return items.every((item, index) => item === value[index]) ? value : items;
    }
    if (!isFrame(value)) return value;
    const fields = Object.entries(value).map(([name, field]): [string, unknown] => [name, this.#hidden(field)]);
    return fields.every(([name, field]) => field === own(value, name)) ? value : Object.fromEntries(fields);
  }

  #cleared(text: string): string {
    let rest = text;
    for (const value of this.#values) rest = rest.replaceAll(value, mask);
    return rest;
  }
}

/** Returns a JSON text as an object or a list; undefined where it is neither. */
function parsed(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
