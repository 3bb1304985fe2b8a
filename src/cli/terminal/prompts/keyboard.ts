import { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';

const enter = '\r';
const ctrlC = '\u0003';
const ctrlD = '\u0004';
const escape = '\u001b';

/** The pieces of typed text: an Enter, the sequence of a key such as an arrow, another control character, or text. */
const pieces = /\r\n?|\n|\u001b(?:\[[\d;]*[A-Za-z~]|O[A-Z])?|\u007f+|[\u0000-\u001f]|[^\u0000-\u001f\u007f]+/g;

/**
 * The keys of the terminal, as prompts read them: what comes behind an Enter waits until its prompt is over, or has
 * refused what it got. So text that is pasted in one piece and keys that are typed ahead arrive where they belong.
 * Ctrl-D is Ctrl-C with `hasLeft`.
 */
export class Keyboard extends Readable {
  readonly isTTY = true;
  /** The person has left with Ctrl-D, or the terminal is gone. */
  hasLeft = false;
  readonly #stdin = process.stdin;
  readonly #decoder = new StringDecoder('utf8');
  #pieces: string[] = [];
  #isOpen = false;
  #isPausing = false;

  constructor() {
    super({ read: () => undefined });
    this.#stdin.on('data', (chunk: Buffer) => this.#take(this.#decoder.write(chunk)));
    for (const end of ['end', 'error', 'close']) this.#stdin.on(end, () => this.#take(ctrlD));
    this.#stdin.pause();
  }

  /** Readline calls it when a prompt begins and ends. */
  setRawMode(isRaw: boolean): this {
    if (this.#isOpen === isRaw) return this;
    this.#isOpen = isRaw;
    if (!this.#stdin.destroyed) this.#stdin.setRawMode(isRaw);
    if (isRaw) {
      this.#stdin.resume();
      this.#deliverIn(1);
    } else {
      this.#stdin.pause();
      if (this.#pieces.includes(ctrlC)) this.#interrupt();
    }
    return this;
  }

  /** Listens for Esc and these keys while no prompt is open; other keys wait for the next one. Returns what ends it. */
  listen(names: readonly string[], pressed: () => void): () => void {
    const others: string[] = [];
    const take = (piece: string) => {
      if (piece === ctrlC) this.#interrupt();
      else if (names.includes(piece)) pressed();
      else others.push(piece);
    };
    this.on('data', take);
    this.on('escape', pressed);
    this.setRawMode(true);
    return () => {
      this.off('data', take);
      this.off('escape', pressed);
      this.#pieces = [...others, ...this.#pieces];
      this.setRawMode(false);
    };
  }

  #take(text: string): void {
    const keys = text.replaceAll(ctrlD, () => ((this.hasLeft = true), ctrlC));
    for (const piece of keys.match(pieces) ?? []) this.#pieces.push(asEnter(piece));
    this.#deliverIn(1);
  }

  /** A prompt needs a turn of the event loop to follow what was typed, and two to end. */
  #deliverIn(turns: number): void {
    if (this.#isPausing) return;
    this.#isPausing = true;
    const turn = (left: number): void => {
      if (left > 0) return void setImmediate(turn, left - 1);
      this.#isPausing = false;
      this.#deliver();
    };
    turn(turns);
  }

  #deliver(): void {
    if (!this.#isOpen) return;
    const piece = this.#pieces.shift();
    if (piece === undefined) return;
    if (piece === escape) this.emit('escape');
    else this.emit('data', piece);
    this.#deliverIn(piece === enter || piece === escape ? 3 : 1);
  }

  /** Ctrl-C was typed ahead, and no prompt reads it: it is the signal that a terminal makes of it otherwise. */
  #interrupt(): void {
    this.#pieces = [];
    process.kill(process.pid, 'SIGINT');
  }
}

function asEnter(piece: string): string {
  return /^[\r\n]/.test(piece) ? enter : piece;
}
