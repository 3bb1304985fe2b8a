/**
 * The values of a recording's placeholders so far, with marks to roll back to. `${dollar}` is a dollar sign that does
 * not begin a placeholder.
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

  /** Returns a point for `undo` to go back to. */
  mark(): number {
    return this.#earlier.length;
  }

  /** Removes every binding made since the mark. */
  undo(mark: number): void {
    for (const [name, value] of this.#earlier.splice(mark).reverse()) {
      if (value === undefined) this.#values.delete(name);
      else this.#values.set(name, value);
    }
  }

  /**
   * Makes all bindings final and drops the history for `undo`, which would grow without bound in a long conversation.
   */
  settle(): void {
    this.#earlier = [];
  }
}
