import { mostReplyBytes } from '../../protocol/limits.ts';

/** How many items are asked for first: nothing is known of them yet. */
const firstTake = 20;

/** Items to come may be heavier than those before: the bus still carries 250 of 4 KiB. */
const mostItems = 250;

/** Bytes that an item takes on the bus besides its text: at most 9 were seen (PROTOCOL.md 7 Q43). */
const itemOverhead = 10;

/**
 * How many items to ask for: 20 at first, then at most twice as many as before, and no more than fit by the heaviest of
 * the last reply. The weight of items to come is unknown, and the protocol limits replies by count alone, so a risk
 * remains; the bus carries the first reply where its items average 51 KiB at most, and each later one where its items
 * average at most 4 KiB, or twice the heaviest of the reply before.
 */
export class PageSize {
  readonly #most: number;
  #take: number;
  #heaviest = 0;

  /** Never more than `most` items. */
  constructor(most = mostItems) {
    this.#most = most;
    this.#take = Math.min(firstTake, most);
  }

  get take(): number {
    return this.#take;
  }

  /** The bytes of the heaviest item of all replies. */
  get heaviest(): number {
    return this.#heaviest;
  }

  /**
   * Learns from the items of a reply how many the next one may hold: more only where this one was full. An item that is
   * too heavy beside others is asked for alone.
   */
  learn(items: readonly unknown[]): void {
    if (items.length === 0) return;
    const heaviest = items.reduce<number>((most, item) => Math.max(most, weightOf(item)), 1);
    const fitting = Math.floor(mostReplyBytes / heaviest);
    const grown = items.length < this.#take ? this.#take : Math.min(this.#take * 2, this.#most);
    this.#take = Math.max(1, Math.min(fitting, grown));
    this.#heaviest = Math.max(this.#heaviest, heaviest);
  }
}

/** Bytes on the bus; without bound where an item is nested too deeply to be written. */
function weightOf(item: unknown): number {
  try {
    return Buffer.byteLength(JSON.stringify(item)) + itemOverhead;
  } catch (error) {
    if (error instanceof RangeError) return Infinity;
    throw error;
  }
}
