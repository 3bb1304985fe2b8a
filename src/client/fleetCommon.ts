import type { Call } from './calls/call.ts';
import { Deadlines } from './deadlines.ts';
import { Noise } from './wire/noise.ts';
import { patienceOf, ServerProbe } from './calls/serverProbe.ts';
import type { ClientSettings } from './settings.ts';

/**
 * How many questions about silence may wait for their answers at once: a few always, more while the server answers
 * others.
 */
const fewQuestions = 4;
const manyQuestions = 32;

/** The shared parts of a fleet's sessions: ten thousand in one process must cost little. */
export class FleetCommon {
  readonly deadlines = new Deadlines();
  readonly noise = new Noise();
  readonly server: ServerProbe;
  /** Replies that came to any of them, but for those to questions about silence. */
  replies = 0;
  #questions = 0;

  constructor(settings: Pick<ClientSettings, 'probeAfterMs'>) {
    this.server = new ServerProbe(patienceOf(settings));
  }

  /**
   * Whether the reason of silence may be asked for now. Only for updates, whose silence may be a refusal; a server that
   * is silent to everyone has enough to do without ten thousand questions.
   */
  mayProbe(call: Call): boolean {
    if (call.action !== 'command/update') return false;
    return this.#questions < (this.replies > call.repliesBefore ? manyQuestions : fewQuestions);
  }

  /** A question was sent. */
  asked({ promise }: Call): void {
    this.#questions++;
    const answered = () => {
      this.#questions--;
    };
    promise.then(answered, answered);
  }
}
