import type { Connection } from '../../../client/index.ts';
import { Failure } from '../../../errors.ts';

/** Asks a server that left a request unanswered whether it answers anything at all. */
export class Pulse {
  readonly #onAnswer: () => void;
  #isAsking = false;
  #isDead = false;

  /** `onAnswer` is called once the answer is known. */
  constructor(onAnswer: () => void) {
    this.#onAnswer = onAnswer;
  }

  /** True while the question is open: whatever is sent meanwhile may meet the same silence. */
  get isAsking(): boolean {
    return this.#isAsking;
  }

  /** True if the server answers nothing any more. */
  get isDead(): boolean {
    return this.#isDead;
  }

  /** Asks, unless a question is open already. Throws nothing. */
  async ask(connection: Connection): Promise<void> {
    if (this.#isAsking || this.#isDead) return;
    this.#isAsking = true;
    try {
      await connection.request('server/info', {});
    } catch (error) {
      this.#isDead = error instanceof Failure && error.kind === 'timeout';
    }
    this.#isAsking = false;
    this.#onAnswer();
  }
}
