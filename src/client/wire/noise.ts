import { redactText } from '../../protocol/redaction.ts';
import type { Secrets } from '../../protocol/secrets.ts';

const maxRemembered = 100;
const maxExcerpt = 80;

interface Remark {
  readonly number: number;
  readonly text: string;
}

/**
 * Frames that nobody asked for: ignored, but counted, and the latest are remembered, so that a timeout can say that
 * such came.
 */
export class Noise {
  #count = 0;
  #remarks: Remark[] = [];

  /** How many came so far. */
  get count(): number {
    return this.#count;
  }

  add(reason: string, text: string | undefined, secrets: Secrets): void {
    this.#count++;
    const what = text === undefined ? reason : `${reason}: ${excerpt(secrets.hide(text))}`;
    this.#remarks.push({ number: this.#count, text: what });
    if (this.#remarks.length > maxRemembered) this.#remarks = this.#remarks.slice(-maxRemembered / 2);
  }

  /** A sentence about those that came after the first `before` ones; empty when none did. */
  since(before: number): string {
    const count = this.#count - before;
    const first = this.#remarks.find(({ number }) => number > before);
    if (count === 0 || first === undefined) return '';
    const came = count === 1 ? '1 frame came that is no reply to it' : `${count} frames came that are no reply to it`;
    const which = count === 1 ? '' : first.number === before + 1 ? 'the first: ' : 'one of them: ';
    return `${came}${count === 1 ? ': ' : '; '}${which}${first.text}`;
  }
}

/** Text from elsewhere, short, on one line and without secrets: control characters become `\u001b`. */
export function excerpt(text: string): string {
  const safe = redactText(text.slice(0, 10_000)).replace(unsafe, escaped);
  return safe.length <= maxExcerpt ? safe : `${safe.slice(0, maxExcerpt)}…`;
}

/** Control characters, C1 included, and the marks that reorder or hide text on a terminal. */
const unsafe = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
