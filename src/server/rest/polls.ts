import type { Clock } from '../clock.ts';
import { resourceBounds } from '../pushing.ts';
import type { Peer } from '../session.ts';
import type { SharedText } from '../sharedText.ts';
import type { Piece } from './answers.ts';

/** The other end of a session that lasts for one poll: it hears of what is pushed, and ends with the first of it or when its time is over. */
export class Poll implements Peer {
  readonly #found: Piece[] = [];
  #finish: (() => void) | undefined = undefined;

  send(text: string): void {
    this.#take(text.slice(...resourceBounds(text)));
  }

  sendShared({ bytes }: SharedText): void {
    this.#take(bytes.subarray(...resourceBounds(bytes)));
  }

  /** The commands or notifications that it heard of so far, as JSON. */
  get found(): readonly Piece[] {
    return this.#found;
  }

  /** Calls back once: with the next that comes, or after so many ms. The function that comes back ends it at once. */
  wait(clock: Clock, waitMs: number, done: () => void): () => void {
    const finish = () => {
      if (this.#finish === undefined) return;
      this.#finish = undefined;
      cancel();
      done();
    };
    const cancel = clock.schedule(waitMs, finish);
    this.#finish = finish;
    return finish;
  }

  #take(piece: Piece): void {
    this.#found.push(piece);
    this.#finish?.();
  }
}
