import { readSync } from 'node:fs';
import { Failure } from '../../../../errors.ts';
import { cutText } from '../../../terminal/safeText.ts';
import type { Fingerprint } from '../../../terminal/input.ts';
import { LineSplitter } from '../../../terminal/lineSplitter.ts';

const mark = '{"journal":"devicehive batch 1"';
/** The input and server that a journal belongs to. */
export interface JournalHeader {
  readonly journal: 'devicehive batch 1';
  readonly input: Fingerprint;
  readonly action: string | null;
  readonly format: string;
}

/** A record's kind and its line number. */
const record = /^\{"(sent|unsent|line)":(\d{1,11})/;
const outcome = '{"line":';
const chunkBytes = 128 * 1024;
/** A higher number is not a line of any input, and would take memory. */
const maxLine = 1e10;

/** One run of a journal, found by reading the file once; the outcomes themselves stay in the file. */
export class JournalRun {
  readonly #descriptor: number;
  readonly #sent = new NumberSet();
  readonly #outcomes = new NumberSet();
  /** Outcomes read on the way to another line's; they come nearly in the order of lines, so these are few. */
  readonly #early = new Map<number, string>();
  readonly #splitter = new LineSplitter(Infinity);
  #at: number;
  readonly #end: number;

  constructor(descriptor: number, at: number, end: number) {
    this.#descriptor = descriptor;
    this.#at = at;
    this.#end = end;
  }

  /** Takes note of one record. Returns false if it is not one. */
  note(text: string): boolean {
    const [, kind, digits] = record.exec(text) ?? [];
    const line = Number(digits);
    if (kind === undefined || line < 1 || line > maxLine) return false;
    if (kind === 'unsent') this.#sent.delete(line);
    else (kind === 'sent' ? this.#sent : this.#outcomes).add(line);
    return true;
  }

  hasOutcome(line: number): boolean {
    return this.#outcomes.has(line);
  }

  wasSent(line: number): boolean {
    return this.#sent.has(line);
  }

  /** The outcome of a line, with its line end; each can be taken once. */
  take(line: number): string | undefined {
    const known = this.#early.get(line);
    if (known !== undefined) {
      this.#early.delete(line);
      return known;
    }
    for (;;) {
      while (this.#splitter.next()) {
        const { text } = this.#splitter;
        if (!text.startsWith(outcome)) continue;
        const number = Number.parseInt(text.slice(8, 24), 10);
        if (number === line) return `${text}\n`;
        this.#early.set(number, `${text}\n`);
      }
      if (!this.#more()) return undefined;
    }
  }

  #more(): boolean {
    const chunk = Buffer.allocUnsafe(Math.min(chunkBytes, this.#end - this.#at));
    const length = chunk.length === 0 ? 0 : readSync(this.#descriptor, chunk, 0, chunk.length, this.#at);
    this.#at += length;
    if (length > 0) this.#splitter.push(chunk.subarray(0, length));
    return length > 0;
  }
}

/** The content of an existing journal. */
export interface Scan {
  readonly runs: readonly JournalRun[];
  /** The bytes up to the end of the last whole line. */
  readonly wholeBytes: number;
  readonly first: JournalHeader | undefined;
}

/** Reads a journal once and changes nothing. Throws a usage `Failure` if the file is not a journal. */
export function scanJournal(descriptor: number, file: string): Scan {
  const { starts, wholeBytes, first } = findRuns(descriptor, file);
  const runs = starts.map((start, index) => {
    const end = starts[index + 1] ?? wholeBytes;
    const run = new JournalRun(descriptor, start, end);
    eachLine(descriptor, start, end, (text) => {
      if (!text.startsWith(mark) && !run.note(text)) throw noJournal(file);
    });
    return run;
  });
  return { runs, wholeBytes, first };
}

interface JournalFound {
  readonly starts: readonly number[];
  readonly wholeBytes: number;
  readonly first?: JournalHeader;
}

function findRuns(descriptor: number, file: string): JournalFound {
  const starts: number[] = [];
  let header: string | undefined;
  const { wholeBytes, rest } = eachLine(descriptor, 0, Infinity, (text, at) => {
    if (text.startsWith(mark)) starts.push(at);
    else if (starts.length === 0) throw noJournal(file);
    header ??= text;
  });
  // a header that was cut off by a crash is no journal yet, but it must be one that was begun
  if (header === undefined && !rest.startsWith(mark.slice(0, rest.length))) throw noJournal(file);
  return header === undefined ? { starts, wholeBytes } : { starts, wholeBytes, first: readHeader(header, file) };
}

function readHeader(text: string, file: string): JournalHeader {
  try {
    const header = JSON.parse(text) as Partial<JournalHeader>;
    if (typeof header.input?.sha256 === 'string' && typeof header.input.bytes === 'number')
      return header as JournalHeader;
  } catch {
    // reported below
  }
  throw noJournal(file);
}

/** Passes on the whole lines between two places of the file. Returns the rest after the last line end. */
function eachLine(
  descriptor: number,
  start: number,
  end: number,
  visit: (text: string, at: number) => void,
): { wholeBytes: number; rest: string } {
  let rest: Buffer = Buffer.alloc(0);
  let restAt = start;
  for (let at = start; at < end;) {
    const chunk = Buffer.allocUnsafe(Math.min(chunkBytes, end - at));
    const length = readSync(descriptor, chunk, 0, chunk.length, at);
    if (length === 0) break;
    at += length;
    rest = Buffer.concat([rest, chunk.subarray(0, length)]);
    let from = 0;
    for (let newline = rest.indexOf(10); newline !== -1; newline = rest.indexOf(10, from)) {
      visit(rest.toString('utf8', from, newline), restAt + from);
      from = newline + 1;
    }
    rest = rest.subarray(from);
    restAt += from;
  }
  return { wholeBytes: restAt, rest: rest.toString() };
}

function noJournal(file: string): Failure {
  return new Failure('usage', `--resume: '${cutText(file, 200)}' is no journal of devicehive batch`, {
    hint: 'Name the journal of an earlier run, or a file that does not exist yet.',
  });
}

/** A set of numbers from 0, one bit each. */
class NumberSet {
  #bits = new Uint8Array(1024);

  add(number: number): void {
    const index = Math.floor(number / 8);
    if (index >= this.#bits.length) {
      const bits = new Uint8Array(Math.max(index + 1, this.#bits.length * 2));
      bits.set(this.#bits);
      this.#bits = bits;
    }
    this.#bits[index] = (this.#bits[index] ?? 0) | (1 << (number % 8));
  }

  delete(number: number): void {
    const index = Math.floor(number / 8);
    if (index < this.#bits.length) this.#bits[index] = (this.#bits[index] ?? 0) & ~(1 << (number % 8));
  }

  has(number: number): boolean {
    return ((this.#bits[Math.floor(number / 8)] ?? 0) & (1 << (number % 8))) !== 0;
  }
}
