import type { LineFault, LineSplitter } from '../../../terminal/lineSplitter.ts';
import { isOdd } from '../../../../protocol/notation/csvCells.ts';
import { JsonArray } from './jsonArray.ts';
import { CsvTable } from './csvTable.ts';
import { readLine, requestOf, unreadable, type InvalidLine, type LineRequest, type Reading } from './requestLine.ts';

const blank = /^\s*$/;

/** A source of requests: non-blank lines, one after the other. */
export interface Source {
  /** Goes to the next request; false if more bytes are needed, or the input is over. */
  next(): boolean;
  /** The number of its line, counted from 1; of a record over several lines, of the first. */
  readonly line: number;
  /** Returns the request in the line, or what is wrong with the line. */
  read(): LineRequest | InvalidLine;
  /** Says that no more bytes come, so that an unfinished line is complete. */
  end(): void;
}

/** Requests as JSON, one in each line, or the items of one JSON list. */
export class JsonLines implements Source {
  readonly #lines: LineSplitter;
  readonly #reading: Reading;
  #isBegun = false;
  #list: JsonArray | undefined;

  constructor(lines: LineSplitter, reading: Reading) {
    this.#lines = lines;
    this.#reading = reading;
  }

  get line(): number {
    return this.#list === undefined ? this.#lines.number : this.#list.line;
  }

  next(): boolean {
    if (this.#list !== undefined) return this.#list.next();
    while (this.#lines.next())
      if (this.#lines.fault !== undefined || !isBlank(this.#lines.text)) return this.#isBegun || this.#begin();
    return false;
  }

  /** Begins with the first line: `[` means that the whole input is one list. */
  #begin(): boolean {
    this.#isBegun = true;
    if (this.#lines.fault !== undefined || !this.#lines.text.trimStart().startsWith('[')) return true;
    this.#list = new JsonArray(this.#lines, this.#reading);
    return this.#list.next();
  }

  read(): LineRequest | InvalidLine {
    if (this.#list !== undefined) return this.#list.read();
    const { text, fault } = this.#lines;
    return fault === undefined ? readLine(withoutReturn(text), this.#reading) : unreadable(fault);
  }

  end(): void {
    this.#list?.end();
  }
}

/** Requests as CSV: a header, and a request in each record after it. */
export class CsvRecords implements Source {
  readonly #lines: LineSplitter;
  readonly #reading: Reading;
  #table: CsvTable | undefined;
  #record = '';
  #fault: LineFault | undefined;
  #isOpen = false;
  #hasEnded = false;
  line = 0;

  constructor(lines: LineSplitter, reading: Reading) {
    this.#lines = lines;
    this.#reading = reading;
  }

  next(): boolean {
    while (this.#lines.next()) {
      const text = withoutReturn(this.#lines.text);
      const isFirst = !this.#isOpen;
      if (isFirst && this.#lines.fault === undefined && isBlank(text)) continue;
      this.#take(text, isFirst);
      if (this.#isOpen) continue;
      if (this.#isRecord()) return true;
    }
    if (!this.#hasEnded || !this.#isOpen) return false;
    this.#isOpen = false;
    return this.#isRecord();
  }

  /** Reads the first record as the header; true for all others. */
  #isRecord(): boolean {
    if (this.#table !== undefined) return true;
    this.#table = new CsvTable(this.#record, this.#reading.action);
    return false;
  }

  read(): LineRequest | InvalidLine {
    if (this.#fault !== undefined) return unreadable(this.#fault);
    const frame = this.#table?.frameOf(this.#record) ?? 'has no header';
    return typeof frame === 'string' ? unreadable(frame) : requestOf(frame, undefined, this.#reading);
  }

  end(): void {
    this.#hasEnded = true;
  }

  #take(text: string, isFirst: boolean): void {
    if (isFirst) this.line = this.#lines.number;
    this.#record = isFirst ? text : `${this.#record}\n${text}`;
    this.#fault = isFirst ? this.#lines.fault : (this.#fault ?? this.#lines.fault);
    if (this.#record.length > maxRecordLength) this.#fault = 'too long';
    this.#isOpen = this.#fault === undefined && this.#isOpen !== isOdd(text);
  }
}

const maxRecordLength = 16 * 1024 * 1024;

function isBlank(text: string): boolean {
  return text.length === 0 || (text.charCodeAt(0) <= 32 && blank.test(text));
}

function withoutReturn(text: string): string {
  return text.charCodeAt(text.length - 1) === 13 ? text.slice(0, -1) : text;
}
