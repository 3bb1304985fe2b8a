import type { Failure } from '../../errors.ts';
import type { ErrorCount } from './bundle.ts';

/** The most different errors that are listed; the rest are counted together. */
const mostErrors = 100;

/**
 * Errors by kind, code and text. Ids and times are taken out of the texts, so that the same error is one row however
 * many devices have it.
 */
export class ErrorTable {
  readonly #byKey = new Map<string, { kind: string; code: number | null; text: string; count: number }>();

  add(kind: string, code: number | null, text: string, count = 1): void {
    const general = generalised(text);
    const key = `${kind} ${code ?? ''} ${general}`;
    const known = this.#byKey.get(key);
    if (known !== undefined) known.count += count;
    else if (this.#byKey.size < mostErrors) this.#byKey.set(key, { kind, code, text: general, count });
    else this.#addOther(count);
  }

  get isEmpty(): boolean {
    return this.#byKey.size === 0;
  }

  rows(): ErrorCount[] {
    return [...this.#byKey.values()].sort((one, other) => other.count - one.count);
  }

  #addOther(count: number): void {
    const text = 'other errors';
    const other = this.#byKey.get(text) ?? { kind: 'other', code: null, text, count: 0 };
    other.count += count;
    this.#byKey.set(text, other);
  }
}

/** The most characters of a text that are examined: a server may send any length. */
const mostLookedAt = 1000;

/** Removes ids and times, so that `Device with such deviceId = sim-17 not found` is the same text for all devices. */
function generalised(text: string): string {
  return text
    .slice(0, mostLookedAt)
    .replace(/(= )[^\s,;]+/g, '$1…')
    .replace(
      /(\d+(?:\.\d+){3}(?::\d+)?|\S+:\d{2,5}\b|(?:code|answered) \d+|\d+ (?:ms|s|KiB|bytes)\b)|\d{3,}/g,
      (_, kept: string | undefined) => kept ?? '…',
    )
    .slice(0, 300);
}

/** The client's note on frames received meanwhile; it differs for each request, and would make as many rows. */
const aboutOthers = /; \d+ frames? came that (?:is|are) no reply to it.*$/s;

/** Returns the text of a failure for the table of errors: the server's words if it sent any, else the client's. */
export function saidBy({ action, message, reply }: Failure): string {
  const said = reply?.['error'];
  return typeof said === 'string' ? `${action ?? 'request'}: ${said}` : message.replace(aboutOthers, '');
}
