import { nowMs } from './clock.ts';

/** The longest wait that a timer of Node can hold, in ms. */
const maxWaitMs = 2 ** 31 - 1;

/** Something that waits until it is due, with its place among those that wait equally long. */
export interface Deadline {
  lane: DeadlineLane | undefined;
  before: Deadline | undefined;
  after: Deadline | undefined;
  /** By the monotonic clock. */
  dueMs: number;
  due(): void;
}

/** Calls whose waits are equally long, in the order they began. */
export class DeadlineLane {
  first: Deadline | undefined;
  #last: Deadline | undefined;

  add(call: Deadline): void {
    call.lane = this;
    call.before = this.#last;
    if (this.#last === undefined) this.first = call;
    else this.#last.after = call;
    this.#last = call;
  }

  /** A call that is done must lead to no other: it may lie in memory for a while. */
  delete(call: Deadline): void {
    const { before, after } = call;
    if (before === undefined) this.first = after;
    else before.after = after;
    if (after === undefined) this.#last = before;
    else after.before = before;
    call.before = undefined;
    call.after = undefined;
    call.lane = undefined;
  }
}

/**
 * When calls are due, with one timer for all of them. Waits of equal length end in the order they began,
 * so there is a lane for each length, and only the first call of a lane has to be looked at.
 */
export class Deadlines {
  readonly #lanes = new Map<number, DeadlineLane>();
  #timer: NodeJS.Timeout | undefined;
  #timerMs = Infinity;

  /** Calls `due`, `waitMs` after `fromMs` of the monotonic clock. */
  add(call: Deadline, waitMs: number, fromMs: number): void {
    let lane = this.#lanes.get(waitMs);
    if (lane === undefined) this.#lanes.set(waitMs, (lane = new DeadlineLane()));
    lane.add(call);
    call.dueMs = fromMs + waitMs;
    if (call.dueMs < this.#timerMs) this.#arm(call.dueMs);
  }

  delete(call: Deadline): void {
    call.lane?.delete(call);
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
    const due: Deadline[] = [];
    for (const lane of this.#lanes.values()) {
      for (let call = lane.first; call !== undefined && call.dueMs <= timeMs; call = call.after) due.push(call);
    }
    for (const call of due) this.delete(call);
    for (const call of due) call.due();
    this.#rearm();
  }

  /** Waits for the earliest of the calls that are left, and drops empty lanes. */
  #rearm(): void {
    let earliestMs = Infinity;
    for (const [waitMs, { first }] of this.#lanes) {
      if (first === undefined) this.#lanes.delete(waitMs);
      else earliestMs = Math.min(earliestMs, first.dueMs);
    }
    if (earliestMs < this.#timerMs) this.#arm(earliestMs);
  }
}
