import { SpelledNumber, type Json } from './jsonValues.ts';
import { maxDepth } from '../../protocol/depth.ts';

const strictNumber = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?$/;

/** An unquoted word. */
const word = /[^/\\;#={}[\]:, \t\f\r\n]+/y;

const backslash = 0x5c;
const hash = 0x23;
const slash = 0x2f;
const asterisk = 0x2a;
const letterU = 0x75;

/** By the character code behind a backslash: the code that both stand for, or 0. */
const escapes = new Uint16Array(128);
for (const [sign, meant] of ['t\t', 'b\b', 'n\n', 'r\r', 'f\f', '\n\n', "''", '""', '\\\\', '//'])
  escapes[(sign ?? '').charCodeAt(0)] = (meant ?? '').charCodeAt(0);

/** A text with escapes, as UTF-16, on its way into a string: millions of small strings would be slow to join. */
const utf16 = Buffer.alloc(32_768);

/**
 * Parses the real server's superset of JSON: unquoted or single-quoted names and texts, comments, `=` and `=>` for `:`,
 * `;` for `,`, a byte order mark, control characters in texts (PROTOCOL.md 1.3). Throws a SyntaxError on anything else,
 * a RangeError where it is nested too deeply.
 */
export function parseLenient(text: string): Json {
  return new LenientParser(text).document();
}

class LenientParser {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): Json {
    if (this.#text.startsWith('\ufeff')) this.#at = 1;
    const value = this.#value();
    this.#skip();
    if (this.#at < this.#text.length) this.#fail('text after the value');
    return value;
  }

  #value(): Json {
    this.#skip();
    const sign = this.#text[this.#at];
    if (sign === '{' || sign === '[') {
      if (++this.#depth > maxDepth) throw new RangeError(`deeper than ${maxDepth} levels at position ${this.#at}`);
      const value = sign === '{' ? this.#object() : this.#array();
      this.#depth--;
      return value;
    }
    if (sign === '"' || sign === "'") return this.#quoted();
    return this.#literal();
  }

  #object(): Json {
    const object: Record<string, Json> = {};
    this.#at++;
    this.#skip();
    if (this.#take('}')) return object;
    for (;;) {
      const name = this.#name();
      this.#skip();
      if (this.#take('=')) this.#take('>');
      else if (!this.#take(':')) this.#fail('a name without a value');
      assign(object, name, this.#value());
      this.#skip();
      if (this.#take('}')) return object;
      if (!this.#take(',') && !this.#take(';')) this.#fail('an object without an end');
    }
  }

  #name(): string {
    this.#skip();
    const sign = this.#text[this.#at];
    return sign === '"' || sign === "'" ? this.#quoted() : this.#word();
  }

  /** Parses a list; a missing item (`[1,,2]`) is null. */
  #array(): Json {
    const items: Json[] = [];
    this.#at++;
    this.#skip();
    if (this.#take(']')) return items;
    for (;;) {
      this.#skip();
      const sign = this.#text[this.#at];
      items.push(sign === ',' || sign === ';' || sign === ']' ? null : this.#value());
      this.#skip();
      if (this.#take(']')) return items;
      if (!this.#take(',') && !this.#take(';')) this.#fail('a list without an end');
    }
  }

  #quoted(): string {
    const quote = this.#text.charCodeAt(this.#at++);
    const start = this.#at;
    const stop = this.#endOfRun(quote);
    if (this.#text.charCodeAt(stop) === backslash) return this.#unescaped(quote);
    this.#at = stop + 1;
    return this.#text.slice(start, stop);
  }

  /** Returns the index of the next quotation mark or backslash. */
  #endOfRun(quote: number): number {
    for (let at = this.#at; ; at++) {
      const code = this.#text.charCodeAt(at);
      if (code === quote || code === backslash) return at;
      if (Number.isNaN(code)) this.#fail('a text without an end');
    }
  }

  #unescaped(quote: number): string {
    let text = '';
    let count = 0;
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (Number.isNaN(code)) this.#fail('a text without an end');
      this.#at++;
      if (code === quote) return text + utf16.toString('utf16le', 0, count);
      const meant = code === backslash ? this.#escape() : code;
      utf16[count++] = meant & 0xff;
      utf16[count++] = meant >> 8;
      if (count < utf16.length) continue;
      text += utf16.toString('utf16le', 0, count);
      count = 0;
    }
  }

  /** Returns the code that the characters behind a backslash stand for. */
  #escape(): number {
    const sign = this.#text.charCodeAt(this.#at++);
    if (sign !== letterU) return escapes[sign] || this.#fail('an unknown escape');
    const digits = this.#text.slice(this.#at, this.#at + 4);
    if (!/^[\da-fA-F]{4}$/.test(digits)) this.#fail('an unknown escape');
    this.#at += 4;
    return parseInt(digits, 16);
  }

  #literal(): Json {
    const word = this.#word();
    if (strictNumber.test(word)) return String(Number(word)) === word ? Number(word) : new SpelledNumber(word);
    const lower = word.toLowerCase();
    if (lower === 'true') return true;
    if (lower === 'false') return false;
    return lower === 'null' ? null : word;
  }

  #word(): string {
    return this.#match(word) ?? this.#fail('nothing where a value is due');
  }

  /** Skips blanks and comments; compares character codes, because there may be a million comments. */
  #skip(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (isBlank(code)) this.#at++;
      else if (code === hash) this.#skipPast('\n');
      else if (code !== slash) return;
      else {
        const next = this.#text.charCodeAt(this.#at + 1);
        if (next === slash) this.#skipPast('\n');
        else if (next === asterisk) this.#skipPast('*/', 2);
        else return;
      }
    }
  }

  /** Takes what a sticky expression matches here. */
  #match(expression: RegExp): string | undefined {
    expression.lastIndex = this.#at;
    const found = expression.exec(this.#text)?.[0];
    this.#at += found?.length ?? 0;
    return found;
  }

  #skipPast(end: string, from = 0): void {
    const found = this.#text.indexOf(end, this.#at + from);
    if (found < 0 && end === '*/') this.#fail('a comment without an end');
    this.#at = found < 0 ? this.#text.length : found + end.length;
  }

  #take(sign: string): boolean {
    if (this.#text[this.#at] !== sign) return false;
    this.#at++;
    return true;
  }

  #fail(what: string): never {
    throw new SyntaxError(`${what} at position ${this.#at}`);
  }
}

/** Whether a character code is a blank, tab or line end. */
function isBlank(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d && code !== 0x0b && code !== 0x0c);
}

/** Sets a property; `__proto__`, the only inherited name that can be set, too is one like others. */
function assign(object: Record<string, Json>, name: string, value: Json): void {
  // eslint-disable-next-line house/own-lookups
  if (name !== '__proto__') object[name] = value;
  else Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
}
