import { InOrder } from './inOrder.ts';
import { outcomeNameOf, type OutcomeName } from './outcome.ts';
import type { Sink } from '../../terminal/sink.ts';
import type { LineTally } from './tally.ts';

/** At most so many lines, or characters, of outcomes wait for an earlier line. */
const maxHeldLines = 8192;
const maxHeldLength = 4 * 1024 * 1024;
/** Characters that wait for a slow reader of stdout. */
const maxPendingLength = 256 * 1024;

/** Counts outcomes and writes them to stdout, in the order of the input or as they come. */
export class Outcomes {
  readonly #sink: Sink;
  readonly #tally: LineTally;
  readonly #order: InOrder | undefined;
  #slots = 0;

  constructor(sink: Sink, tally: LineTally, isOrdered: boolean) {
    this.#sink = sink;
    this.#tally = tally;
    this.#order = isOrdered ? new InOrder((text) => sink.write(text)) : undefined;
  }

  /** Returns the place for the outcome of the next line. */
  reserve(): number {
    return this.#slots++;
  }

  get hasRoom(): boolean {
    const isSlow = this.#sink.pendingLength >= maxPendingLength;
    if (isSlow || this.#order === undefined) return !isSlow;
    return this.#order.span < maxHeldLines && this.#order.heldLength < maxHeldLength;
  }

  put(slot: number, outcome: OutcomeName, text: string): void {
    this.#tally.add(outcome);
    if (this.#order === undefined) this.#sink.write(text);
    else this.#order.put(slot, text);
  }

  /** Repeats an outcome from a journal. */
  replay(slot: number, text: string): void {
    this.put(slot, outcomeNameOf(text) ?? 'lost', text);
  }
}
