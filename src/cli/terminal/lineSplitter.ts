import { isAscii, isUtf8 } from 'node:buffer';

const newline = 10;

/** The number of bytes decoded at once. Larger texts would live until a collection of the whole heap. */
const pieceBytes = 16 * 1024;

/** Why a line cannot be read at all. */
export type LineFault = 'too long' | 'not UTF-8';

/**
 * Lines out of bytes as they come. Many lines are decoded at once and each is a slice of them, so a line costs no copy;
 * never more than a chunk and one line are held. `next` says whether there is a line; it is then in `number`, `text`
 * and `fault`.
 */
export class LineSplitter {
  readonly #maxBytes: number;
  /** Counted from 1. */
  number = 0;
  text = '';
  fault: LineFault | undefined;
  #chunk: Buffer = nothing;
  #chunkAt = 0;
  #decoded = '';
  #at = 0;
  #isDone = true;
  /** Indices, within the decoded part, of lines that are not UTF-8. */
  #foul: ReadonlySet<number> = new Set();
  #index = 0;
  #rest: Buffer[] = [];
  #restBytes = 0;
  #isSkipping = false;
  #overlong = 0;
  #pushedBytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** How many bytes the lines had that were given, about: characters beyond ASCII count as one. */
  get givenBytes(): number {
    const decoded = this.#isDone ? 0 : this.#decoded.length + 1 - this.#at;
    return this.#pushedBytes - (this.#chunk.length - this.#chunkAt) - this.#restBytes - decoded;
  }

  /** Takes bytes; only when `next` has said that there is no line left. */
  push(chunk: Buffer): void {
    this.#pushedBytes += chunk.length;
    this.#chunk = this.#isSkipping ? this.#skip(chunk) : chunk;
    this.#chunkAt = 0;
  }

  /** Ends the input: characters after the last line end are a line too. */
  end(): void {
    if (this.#isSkipping) this.#overlong++;
    if (this.#restBytes > 0) this.#decode(Buffer.concat(this.#rest));
    this.#rest = [];
    this.#restBytes = 0;
    this.#isSkipping = false;
  }

  next(): boolean {
    if (this.#overlong > 0) {
      this.#overlong--;
      return this.#give('', 'too long');
    }
    if (this.#isDone && !this.#decodeMore()) return false;
    const end = this.#decoded.indexOf('\n', this.#at);
    const text = end === -1 ? this.#decoded.slice(this.#at) : this.#decoded.slice(this.#at, end);
    this.#isDone = end === -1;
    this.#at = end + 1;
    const isFoul = this.#foul.size > 0 && this.#foul.has(this.#index);
    this.#index++;
    return this.#give(text, isFoul ? 'not UTF-8' : undefined);
  }

  #give(text: string, fault: LineFault | undefined): true {
    this.number++;
    this.text = this.number === 1 && text.startsWith('\uFEFF') ? text.slice(1) : text;
    this.fault = fault;
    return true;
  }

  /** Decodes the next whole lines of the chunk; what comes after the last of them is kept for the next chunk. */
  #decodeMore(): boolean {
    const chunk = this.#chunk;
    const at = this.#chunkAt;
    if (at === chunk.length) return false;
    const near = chunk.lastIndexOf(newline, at + pieceBytes);
    const end = near >= at ? near : chunk.indexOf(newline, at + pieceBytes);
    if (end === -1) {
      this.#chunk = nothing;
      this.#chunkAt = 0;
      this.#keep(chunk.subarray(at));
      return false;
    }
    this.#chunkAt = end + 1;
    this.#decode(
      this.#restBytes === 0 ? chunk.subarray(at, end) : Buffer.concat([...this.#rest, chunk.subarray(at, end)]),
    );
    this.#rest = [];
    this.#restBytes = 0;
    return true;
  }

  #decode(bytes: Buffer): void {
    this.#foul = isUtf8(bytes) ? new Set() : foulLines(bytes);
    this.#decoded = bytes.toString(isAscii(bytes) ? 'latin1' : 'utf8');
    this.#at = 0;
    this.#index = 0;
    this.#isDone = false;
  }

  #keep(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.#rest.push(bytes);
    this.#restBytes += bytes.length;
    if (this.#restBytes <= this.#maxBytes) return;
    this.#rest = [];
    this.#restBytes = 0;
    this.#isSkipping = true;
  }

  /** Drops the rest of a line that is too long. */
  #skip(chunk: Buffer): Buffer {
    const end = chunk.indexOf(newline);
    if (end === -1) return chunk.subarray(chunk.length);
    this.#isSkipping = false;
    this.#overlong++;
    return chunk.subarray(end + 1);
  }
}

const nothing = Buffer.alloc(0);

function foulLines(bytes: Buffer): Set<number> {
  const foul = new Set<number>();
  for (let index = 0, at = 0; at <= bytes.length; index++) {
    const found = bytes.indexOf(newline, at);
    const end = found === -1 ? bytes.length : found;
    if (!isUtf8(bytes.subarray(at, end))) foul.add(index);
    at = end + 1;
  }
  return foul;
}
