/**
 * What the placeholders of a recording stand for so far; what was bound since a mark can be taken back. `${dollar}` is
 * a dollar sign that begins no placeholder.
 */
export class Bindings {
  readonly #values: Map<string, unknown>;
  #earlier: (readonly [name: string, value: unknown])[] = [];

  constructor(initial: Iterable<readonly [string, unknown]> = []) {
    this.#values = new Map<string, unknown>([['dollar', '$'], ...initial]);
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  get(name: string): unknown {
    return this.#values.get(name);
  }

  bind(name: string, value: unknown): void {
    this.#earlier.push([name, this.#values.get(name)]);
    this.#values.set(name, value);
  }

  /** A point to go back to. */
  mark(): number {
    return this.#earlier.length;
  }

  /** Takes back everything that was bound since the mark. */
  undo(mark: number): void {
    for (const [name, value] of this.#earlier.splice(mark).reverse()) {
      if (value === undefined) this.#values.delete(name);
      else this.#values.set(name, value);
    }
  }

  /** Makes everything that is bound stay so: a long conversation need not remember how it came. */
  settle(): void {
    this.#earlier = [];
  }
}
