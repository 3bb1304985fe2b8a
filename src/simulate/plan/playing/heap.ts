/** An entry that waits for its time; entries due at the same time are ordered by `rank`, then by `order`. */
export interface Due {
  readonly atMs: number;
  readonly rank: number;
  readonly order: number;
}

/** A binary heap of entries in order of time. */
export class Heap<Item extends Due> {
  readonly #items: Item[] = [];

  get first(): Item | undefined {
    return this.#items[0];
  }

  push(item: Item): void {
    let at = this.#items.push(item) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const other = this.#items[parent];
      if (other === undefined || !isBefore(item, other)) break;
      this.#items[at] = other;
      at = parent;
    }
    this.#items[at] = item;
  }

  /** Removes and returns the first entry. */
  pop(): Item | undefined {
    const first = this.#items[0];
    const last = this.#items.pop();
    if (last !== undefined && this.#items.length > 0) this.#sink(last);
    return first;
  }

  #sink(item: Item): void {
    const items = this.#items;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      let smaller = items[child];
      const right = items[child + 1];
      if (smaller !== undefined && right !== undefined && isBefore(right, smaller)) {
        smaller = right;
        child++;
      }
      if (smaller === undefined || !isBefore(smaller, item)) break;
      items[at] = smaller;
      at = child;
    }
    items[at] = item;
  }
}

function isBefore(one: Due, other: Due): boolean {
  if (one.atMs !== other.atMs) return one.atMs < other.atMs;
  return one.rank !== other.rank ? one.rank < other.rank : one.order < other.order;
}
