import { isFrame } from '../../protocol/frames.ts';
import { keyOf } from './replies.ts';

/** So many more doubles than items may come: pages without a stable order bring some (PROTOCOL.md 7 Q45). */
const mostDoubles = 1000;

/** The remembered part of an item. */
export interface Known {
  readonly name: string;
  readonly networkId: unknown;
}

/** The items of a list that have come, by id. */
export class SeenItems {
  readonly #known = new Map<unknown, Known>();
  #doubles = 0;

  get size(): number {
    return this.#known.size;
  }

  /** Whether the server sends the same again and again. */
  get isRepeating(): boolean {
    return this.#doubles > this.size + mostDoubles;
  }

  all(): readonly Known[] {
    return [...this.#known.values()];
  }

  /** The items that have not come before; they are remembered. */
  fresh(items: readonly unknown[]): readonly unknown[] {
    return items.filter((item) => {
      const key = keyOf(item);
      if (this.#known.has(key)) {
        this.#doubles++;
        return false;
      }
      this.#known.set(key, factsOf(item));
      return true;
    });
  }
}

function factsOf(item: unknown): Known {
  const { name, networkId } = isFrame(item) ? item : {};
  return { name: typeof name === 'string' ? name : '', networkId };
}
