import type { LineSplitter } from '../../../terminal/lineSplitter.ts';
import { readLine, unreadable, type InvalidLine, type LineRequest, type Reading } from './requestLine.ts';

const maxItemLength = 16 * 1024 * 1024;
const anySign = /["[\]{},]/g;
const stringSign = /["\\]/g;

/**
 * The items of one JSON list, however it is broken into lines. They are numbered from 1. It holds at most one item and
 * one line.
 */
export class JsonArray {
  readonly #lines: LineSplitter;
  readonly #reading: Reading;
  #text: string;
  #at: number;
  #item = '';
  #fault: string | undefined;
  #depth = 0;
  #isInString = false;
  #isComplete = false;
  #isClosed = false;
  #isOver = false;
  #hasEnded = false;
  /** The number of the item. */
  line = 0;

  /** Begins with the splitter's current line, whose first character is `[`. */
  constructor(lines: LineSplitter, reading: Reading) {
    this.#lines = lines;
    this.#reading = reading;
    this.#text = lines.text;
    this.#at = this.#text.indexOf('[') + 1;
  }

  next(): boolean {
    if (this.#isComplete) this.#forget();
    while (!this.#isOver) {
      if (this.#at < this.#text.length) {
        if (this.#isClosed ? this.#hasRest() : this.#scan()) return this.#completed();
      } else if (!this.#nextLine()) {
        if (!this.#hasEnded || this.#isClosed) return false;
        return this.#ended('cut off: the list has no end');
      } else if (this.#lines.fault !== undefined) return this.#ended(this.#lines.fault);
    }
    return false;
  }

  read(): LineRequest | InvalidLine {
    return this.#fault === undefined ? readLine(this.#item.trim(), this.#reading) : unreadable(this.#fault);
  }

  end(): void {
    this.#hasEnded = true;
  }

  #nextLine(): boolean {
    if (!this.#lines.next()) return false;
    this.#text = this.#lines.text;
    this.#at = 0;
    this.#item += ' ';
    return true;
  }

  #completed(): true {
    this.#isComplete = true;
    this.line++;
    return true;
  }

  #forget(): void {
    this.#item = '';
    this.#fault = undefined;
    this.#isComplete = false;
  }

  /** Treats the rest as one item with this fault, because nobody knows where items end any more. */
  #ended(fault: string): true {
    this.#isOver = true;
    this.#fault = fault;
    return this.#completed();
  }

  #hasRest(): boolean {
    const isBlank = this.#text.slice(this.#at).trim() === '';
    this.#at = this.#text.length;
    if (isBlank) return false;
    this.#isOver = true;
    this.#fault = 'behind the end of the list';
    return true;
  }

  /** Scans to the next character that matters; true at the end of an item. */
  #scan(): boolean {
    const pattern = this.#isInString ? stringSign : anySign;
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found === null) this.#take(this.#text.length);
    else if (this.#isInString) this.#inString(found[0], found.index);
    else if (this.#depth === 0 && (found[0] === ',' || found[0] === ']')) return this.#between(found[0], found.index);
    else this.#inItem(found[0], found.index);
    return false;
  }

  #inString(sign: string, index: number): void {
    this.#isInString = sign === '\\';
    this.#take(index + (sign === '\\' ? 2 : 1));
  }

  #inItem(sign: string, index: number): void {
    if (sign === '"') this.#isInString = true;
    if (sign === '[' || sign === '{') this.#depth++;
    if ((sign === ']' || sign === '}') && this.#depth > 0) this.#depth--;
    this.#take(index + 1);
  }

  /** Handles a comma or the end of the list between items; after a comma an item must follow. */
  #between(sign: string, index: number): boolean {
    this.#take(index);
    this.#at++;
    this.#isClosed = sign === ']';
    return sign === ',' || this.line > 0 || this.#item.trim() !== '';
  }

  #take(end: number): void {
    this.#item += this.#text.slice(this.#at, end);
    this.#at = end;
    if (this.#item.length <= maxItemLength) return;
    this.#item = '';
    this.#fault = 'too long';
  }
}
