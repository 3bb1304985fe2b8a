import type { Call } from './call.ts';
import { nowMs } from './clock.ts';

/** The longest wait that a timer of Node can hold, in ms. */
const maxWaitMs = 2 ** 31 - 1;

/**
 * When calls are due, with one timer for all of them. Waits of equal length end in the order they began,
 * so there is a lane for each length, and only the first call of a lane has to be looked at.
 */
export class Deadlines {
  readonly #onDue: (call: Call) => void;
  readonly #lanes = new Map<number, Set<Call>>();
  #timer: NodeJS.Timeout | undefined;
  #timerMs = Infinity;

  constructor(onDue: (call: Call) => void) {
    this.#onDue = onDue;
  }

  /** Calls `onDue` for this call, `waitMs` after `fromMs` of the monotonic clock. */
  add(call: Call, waitMs: number, fromMs: number): void {
    let lane = this.#lanes.get(waitMs);
    if (lane === undefined) this.#lanes.set(waitMs, (lane = new Set()));
    lane.add(call);
    call.lane = lane;
    call.dueMs = fromMs + waitMs;
    if (call.dueMs < this.#timerMs) this.#arm(call.dueMs);
  }

  delete(call: Call): void {
    call.lane?.delete(call);
    call.lane = undefined;
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#timerMs = Infinity;
    this.#lanes.clear();
  }

  #arm(dueMs: number): void {
    clearTimeout(this.#timer);
    this.#timerMs = dueMs;
    const waitMs = Math.ceil(dueMs - nowMs());
    this.#timer = setTimeout(() => this.#ring(), Math.min(Math.max(waitMs, 1), maxWaitMs));
  }

  #ring(): void {
    this.#timerMs = Infinity;
    const timeMs = nowMs();
    const due: Call[] = [];
    for (const lane of this.#lanes.values()) {
      for (const call of lane) {
        if (call.dueMs > timeMs) break;
        due.push(call);
      }
    }
    for (const call of due) this.delete(call);
    for (const call of due) this.#onDue(call);
    this.#rearm();
  }

  /** Waits for the earliest of the calls that are left, and drops empty lanes. */
  #rearm(): void {
    let earliestMs = Infinity;
    for (const [waitMs, lane] of this.#lanes) {
      const [first] = lane;
      if (first === undefined) this.#lanes.delete(waitMs);
      else earliestMs = Math.min(earliestMs, first.dueMs);
    }
    if (earliestMs < this.#timerMs) this.#arm(earliestMs);
  }
}
