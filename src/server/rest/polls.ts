import type { Clock } from '../clock.ts';
import { resourceBounds } from '../pushText.ts';
import type { Peer } from '../session.ts';
import { jsonAnswer, success, type Piece, type RestAnswer } from './answers.ts';
import type { RestRoute } from './route.ts';

/** The peer of a session that lasts for one poll: collects pushes, and ends with the first or when its time is up. */
export class Poll implements Peer {
  /** Commands or notifications, as JSON. */
  readonly #found: Piece[] = [];
  #finish: (() => void) | undefined = undefined;

  send(text: string): void {
    this.#take(text.slice(...resourceBounds(text)));
  }

  sendShared(start: Buffer): void {
    this.#take(start.subarray(...resourceBounds(start)));
  }

  /** True if anything was pushed so far. */
  get hasFound(): boolean {
    return this.#found.length > 0;
  }

  /** Returns the answer: for `all` a list of everything found, for `one` the first or a 204. */
  answer(gives: NonNullable<RestRoute['poll']>): RestAnswer {
    const [first, ...others] = this.#found;
    if (gives === 'one') return first === undefined ? success(204, undefined) : jsonAnswer(200, [first]);
    return jsonAnswer(200, ['[', first ?? '', ...others.flatMap((piece) => [',', piece]), ']']);
  }

  /**
   * Calls `done` once: at the next push, or after `waitMs` (0: the next turn of the event loop). Returns a function
   * that ends the wait at once.
   */
  wait(clock: Clock, waitMs: number, done: () => void): () => void {
    const finish = () => {
      if (this.#finish === undefined) return;
      this.#finish = undefined;
      cancel();
      done();
    };
    const cancel = waitMs === 0 ? nextTurn(finish) : clock.schedule(waitMs, finish);
    this.#finish = finish;
    return finish;
  }

  #take(piece: Piece): void {
    this.#found.push(piece);
    this.#finish?.();
  }
}

function nextTurn(task: () => void): () => void {
  const immediate = setImmediate(task);
  return () => clearImmediate(immediate);
}
