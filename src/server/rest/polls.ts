import type { Clock } from '../clock.ts';
import { resourceBounds } from '../pushText.ts';
import type { Peer } from '../session.ts';
import { jsonAnswer, success, type Piece, type RestAnswer } from './answers.ts';
import type { RestRoute } from './route.ts';

/**
 * The other end of a session that lasts for one poll: it hears of what is pushed, and ends with the first of it or when
 * its time is over.
 */
export class Poll implements Peer {
  /** Commands or notifications as JSON. */
  readonly #found: Piece[] = [];
  #finish: (() => void) | undefined = undefined;

  send(text: string): void {
    this.#take(text.slice(...resourceBounds(text)));
  }

  sendShared(start: Buffer): void {
    this.#take(start.subarray(...resourceBounds(start)));
  }

  /** Whether it heard of anything so far. */
  get hasFound(): boolean {
    return this.#found.length > 0;
  }

  /** What is answered: all that was found in a list, or one thing, or that there is none. */
  answer(gives: NonNullable<RestRoute['poll']>): RestAnswer {
    const [first, ...others] = this.#found;
    if (gives === 'one') return first === undefined ? success(204, undefined) : jsonAnswer(200, [first]);
    return jsonAnswer(200, ['[', first ?? '', ...others.flatMap((piece) => [',', piece]), ']']);
  }

  /**
   * Calls back once: with the next that comes, or after so many ms, 0 being one turn of the event loop. The function
   * that comes back ends it at once.
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
