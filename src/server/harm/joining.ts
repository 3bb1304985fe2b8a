import type { Clock } from '../clock.ts';
import { Dues } from './dues.ts';
import type { HarmFinding } from './harm.ts';
import type { Harms } from './harms.ts';

/**
 * How long the real server's bus takes at most, in ms: for so long a reply or a push is due, and a handler that joins
 * waits (measured; PROTOCOL.md 7, Q41).
 */
const busMs = 30;

/** Nothing is due for longer, whatever is left without a reply or waits in a poll, in ms. */
const maxDueMs = 1000;

/** Whoever is to get a push. */
interface PushListener {
  readonly subscriber: { readonly line: object };
}

/** A handler that waits for the bus inside an I/O thread. */
interface Join {
  readonly line: object;
  readonly untilMs: number;
  readonly dues: Dues;
  readonly finding: HarmFinding;
}

/** What a request that joins is, and what to send in its place. */
export interface JoiningRequest {
  readonly action: string;
  readonly reason: string;
  readonly instead: string;
}

/**
 * Notices when a handler of the real server would wait inside an I/O thread while async replies or pushes are due to
 * two connections, the waiting one's own included: that can freeze it for good. A connection is any object that stands
 * for one (PROTOCOL.md 1.4; 7, Q41).
 */
export class Joining {
  readonly #clock: Clock;
  readonly #harms: Harms;
  readonly #dues = new Dues();
  readonly #dueMs: number;
  #joins: Join[] = [];

  /** `latencyMs` is how long this server's own bus takes. */
  constructor(clock: Clock, harms: Harms, latencyMs = 0) {
    this.#clock = clock;
    this.#harms = harms;
    this.#dueMs = Math.min(maxDueMs, Math.max(busMs, latencyMs));
  }

  /** A handler begins to wait. Throws a Refusal 503 where the server is strict and that does harm. */
  join(line: object, { action, reason, instead }: JoiningRequest): void {
    const nowMs = this.#clock.now();
    const cause = `${action} ${reason}, and beside replies or pushes due to two connections that can freeze a frontend (seen with 2 processors)`;
    const finding: HarmFinding = { kind: 'joining', action, cause, instead };
    if (this.#dues.areTwo(nowMs)) this.#harms.countOrRefuse(finding);
    else this.#joins.push({ line, untilMs: nowMs + busMs, dues: this.#dues.copy(), finding });
  }

  /**
   * Throws a Refusal 503 where the server is strict and a reply or a push to this connection would freeze a real one
   * that waits.
   */
  admit(line: object): void {
    if (!this.#harms.isStrict || this.#joins.length === 0) return;
    const nowMs = this.#clock.now();
    const harmed = this.#waiting(nowMs).find((join) => join.line !== line && join.dues.wouldBeTwo(line, nowMs));
    if (harmed !== undefined) this.#harms.countOrRefuse(harmed.finding);
  }

  /**
   * The same for what is pushed together with a reply to this connection: throws before anything is stored.
   */
  admitPushes(line: object, listeners: readonly PushListener[] | undefined): void {
    if (!this.#harms.isStrict || this.#joins.length === 0 || listeners === undefined) return;
    const nowMs = this.#clock.now();
    const harmed = this.#waiting(nowMs).find((join) => {
      const dues = join.dues.copy();
      if (join.line !== line) dues.note(line, nowMs + this.#dueMs);
      for (const { subscriber } of listeners) dues.note(subscriber.line, nowMs + this.#dueMs);
      return dues.areTwo(nowMs);
    });
    if (harmed !== undefined) this.#harms.countOrRefuse(harmed.finding);
  }

  /** A reply that comes over the bus is due to this connection; nothing more is read from one whose handler waits. */
  replyIsDue(line: object): void {
    this.#isDue(line, (join) => join.line !== line);
  }

  /** A push is due to this connection. */
  pushIsDue(line: object): void {
    this.#isDue(line, () => true);
  }

  #isDue(line: object, counts: (join: Join) => boolean): void {
    const nowMs = this.#clock.now();
    this.#dues.note(line, nowMs + this.#dueMs);
    if (this.#joins.length === 0) return;
    this.#joins = this.#waiting(nowMs).filter((join) => {
      if (!counts(join)) return true;
      join.dues.note(line, nowMs + this.#dueMs);
      if (!join.dues.areTwo(nowMs)) return true;
      this.#harms.count(join.finding);
      return false;
    });
  }

  #waiting(nowMs: number): Join[] {
    return this.#joins.filter(({ untilMs }) => untilMs > nowMs);
  }
}
