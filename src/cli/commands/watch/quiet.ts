import type { BackendAnswer } from '../../../client/index.ts';
import { Failure } from '../../../errors.ts';
import { spokenDuration } from '../../../protocol/notation/spokenDuration.ts';
import { serverStates } from '../../../protocol/serverStates.ts';
import type { Io } from '../../terminal/io.ts';

/** After so many ms without a push, and again after each further so many, the backend is checked. */
const quietMs = 60_000;

/** Tells a quiet watch from one that no push can reach, by asking the backend, which pushes need. */
export class QuietWatch {
  readonly #ask: () => Promise<BackendAnswer | undefined>;
  readonly #io: Io;
  #heardMs: number;
  #isAsking = false;
  #isSick = false;
  #mayAsk = true;

  /**
   * `ask` throws a `Failure` with `serverState` if the backend does not answer; it returns undefined if it may not ask.
   */
  constructor(ask: () => Promise<BackendAnswer | undefined>, nowMs: number, io: Io) {
    this.#ask = ask;
    this.#heardMs = nowMs;
    this.#io = io;
  }

  /** Notes a push, or a new connection. */
  heard(nowMs: number): void {
    this.#heardMs = nowMs;
  }

  /** Asks the backend after a long quiet; settles once the answer is reported. */
  async tick(nowMs: number): Promise<void> {
    if (!this.#mayAsk || this.#isAsking || nowMs - this.#heardMs < quietMs) return;
    this.#isAsking = true;
    this.#heardMs = nowMs;
    try {
      const answer = await this.#ask();
      this.#mayAsk = answer !== undefined;
      if (this.#isSick) this.#io.warn('the backend answers again; pushes may have been lost meanwhile');
      this.#isSick = false;
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      this.#failed(error);
    } finally {
      this.#isAsking = false;
    }
  }

  /** Warns of a sick server. A lost connection is reported elsewhere, by the code that replaces it. */
  #failed({ serverState }: Failure): void {
    if (serverState === undefined || this.#isSick) return;
    this.#isSick = true;
    const { message, hint } = serverStates[serverState];
    this.#io.warn(`nothing has come for ${spokenDuration(quietMs)}: ${message}. ${hint}`);
  }
}
