/** Passes texts on in the order of their numbers, which count from 0 without gaps; early ones are held back. */
export class InOrder {
  readonly #deliver: (text: string) => void;
  #slots: (string | undefined)[] = [];
  /** `#base` is the number of the first slot, `#head` the index of the first undelivered one. */
  #base = 0;
  #head = 0;
  #heldLength = 0;

  constructor(deliver: (text: string) => void) {
    this.#deliver = deliver;
  }

  /** Characters held back for an earlier text. */
  get heldLength(): number {
    return this.#heldLength;
  }

  /** How many numbers are held back or missing in between. */
  get span(): number {
    return this.#slots.length - this.#head;
  }

  put(number: number, text: string): void {
    if (number === this.#base && this.#slots.length === 0) {
      this.#base++;
      return this.#deliver(text);
    }
    const index = number - this.#base;
    while (this.#slots.length <= index) this.#slots.push(undefined);
    this.#slots[index] = text;
    this.#heldLength += text.length;
    if (index === this.#head) this.#advance();
  }

  #advance(): void {
    for (;;) {
      const text = this.#slots[this.#head];
      if (text === undefined) break;
      this.#heldLength -= text.length;
      this.#slots[this.#head++] = undefined;
      this.#deliver(text);
    }
    if (this.#head < this.#slots.length && this.#head < compactAfter) return;
    this.#slots = this.#slots.slice(this.#head);
    this.#base += this.#head;
    this.#head = 0;
  }
}

const compactAfter = 4096;
