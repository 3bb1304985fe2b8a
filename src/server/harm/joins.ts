import type { Clock } from '../clock.ts';
import { Dues } from './dues.ts';
import type { HarmFinding } from './harm.ts';
import type { Harms } from './harms.ts';

/**
 * The longest that the real server's bus takes (measured). For so long a reply or push is due, and a joining handler
 * waits (PROTOCOL.md 7, Q41).
 */
const busMs = 30;

/** Upper bound of the time for which something is due, even for requests without a reply and for polls. */
const maxDueMs = 1000;

/** The recipient of a push. */
interface PushListener {
  readonly subscriber: { readonly line: object };
}

/** A handler that is waiting for the bus inside an I/O thread. */
interface Join {
  readonly line: object;
  readonly untilMs: number;
  readonly dues: Dues;
  readonly finding: HarmFinding;
}

/** A request whose handler joins: why it does, and what to send instead. */
export interface JoiningRequest {
  readonly action: string;
  readonly reason: string;
  readonly instead: string;
}

/**
 * Detects when a handler of the real server would wait inside an I/O thread ("join") while async replies or pushes are
 * due to two connections, possibly its own: that can freeze the server for good. Any object may stand for a connection
 * (PROTOCOL.md 1.4; 7, Q41).
 */
export class Joins {
  readonly #clock: Clock;
  readonly #harms: Harms;
  readonly #dues = new Dues();
  readonly #dueMs: number;
  #joins: Join[] = [];

  /** `latencyMs` is the latency of this server's own bus. */
  constructor(clock: Clock, harms: Harms, latencyMs = 0) {
    this.#clock = clock;
    this.#harms = harms;
    this.#dueMs = Math.min(maxDueMs, Math.max(busMs, latencyMs));
  }

  /** Notes that a handler begins to wait. Throws a Refusal 503 if that does harm and the server is strict. */
  join(line: object, { action, reason, instead }: JoiningRequest): void {
    const nowMs = this.#clock.now();
    const cause = `${action} ${reason}, and beside replies or pushes due to two connections that can freeze a frontend (seen with 2 processors)`;
    const finding: HarmFinding = { kind: 'joining', action, cause, instead };
    if (this.#dues.areTwo(nowMs)) this.#harms.countOrRefuse(finding);
    else this.#joins.push({ line, untilMs: nowMs + busMs, dues: this.#dues.copy(), finding });
  }

  /**
   * Throws a Refusal 503 if the server is strict and an async reply to this connection would freeze a real server in
   * which a handler waits.
   */
  admit(line: object): void {
    if (!this.#harms.isStrict || this.#joins.length === 0) return;
    const nowMs = this.#clock.now();
    const harmed = this.#waiting(nowMs).find((join) => join.line !== line && join.dues.wouldBeTwo(line, nowMs));
    if (harmed !== undefined) this.#harms.countOrRefuse(harmed.finding);
  }

  /** As `admit`, for pushes that go out together with a reply to this connection. Throws before anything is stored. */
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

  /**
   * Notes that a reply over the bus is due to this connection. It does not count for a handler waiting on the same
   * connection, which is not read meanwhile.
   */
  replyIsDue(line: object): void {
    this.#isDue(line, (join) => join.line !== line);
  }

  /** Notes that a push is due to this connection. */
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
