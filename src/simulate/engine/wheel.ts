import type { RunClock, Timer } from './clock.ts';

/**
 * Slots of a level, and the bits of a slot's number; four levels, of ms, quarter seconds, minutes and hours, cover 49
 * days.
 */
const slots = 256;
const levels = 4;
/** The ms in a slot of each level. */
const widths = [1, slots, slots ** 2, slots ** 3];
const furthest = slots ** levels - 1;
const wordsPerLevel = slots / 32;
const nowhere = -1;

/** Something to be done at a set time. A device or an answer extends it, so that waiting costs no further object. */
export abstract class Alarm {
  /** When it rings, by the wheel's clock. */
  dueMs = 0;
  /** Its slot and its neighbours there; only the wheel uses them. */
  slot = nowhere;
  before: Alarm = this;
  after: Alarm = this;

  /** Called at its time, when it is no longer set. */
  abstract ring(nowMs: number): void;

  /** True while it is set. */
  get isSet(): boolean {
    return this.slot !== nowhere;
  }
}

/**
 * A hierarchical timer wheel (Varghese and Lauck): one timer of the system for hundreds of thousands of alarms. Setting
 * and cancelling take constant time; alarms of one ms ring in the order they were set. They are never early, and late
 * only if the process is.
 */
export class Wheel {
  readonly #clock: RunClock;
  readonly #originMs: number;
  readonly #timer: Timer;
  /** The first alarm of each slot, level by level. */
  readonly #heads: (Alarm | undefined)[] = new Array<Alarm | undefined>(slots * levels).fill(undefined);
  /** The slots that hold anything, 32 in a word. */
  readonly #bits = new Int32Array(wordsPerLevel * levels);
  /** The last tick whose alarms have rung, in ms since the origin. */
  #tick = 0;
  #timerTick = Infinity;
  #isAdvancing = false;
  #isStopped = false;

  constructor(clock: RunClock) {
    this.#clock = clock;
    this.#originMs = clock.nowMs();
    this.#timer = clock.timer(() => this.#advance());
  }

  /**
   * Sets an alarm to a time of the clock, in place of any earlier setting. An alarm that is due already rings in the
   * next ms.
   */
  set(alarm: Alarm, dueMs: number): void {
    if (this.#isStopped) return;
    if (alarm.isSet) this.#unlink(alarm);
    alarm.dueMs = dueMs;
    const tick = Math.max(this.#tickOf(dueMs), this.#tick + 1);
    this.#link(alarm, tick);
    if (!this.#isAdvancing && tick < this.#timerTick) this.#arm(tick);
  }

  cancel(alarm: Alarm): void {
    if (alarm.isSet) this.#unlink(alarm);
  }

  /** Stops ringing, and no longer keeps the process alive. */
  stop(): void {
    this.#isStopped = true;
    this.#timer.clear();
    this.#heads.fill(undefined);
    this.#bits.fill(0);
  }

  /** Returns the first tick at or after a time. */
  #tickOf(timeMs: number): number {
    return Math.min(Math.ceil(timeMs - this.#originMs), this.#tick + furthest);
  }

  #arm(tick: number): void {
    this.#timerTick = tick;
    this.#timer.set(Math.ceil(this.#originMs + tick - this.#clock.nowMs()));
  }

  #advance(): void {
    const nowMs = this.#clock.nowMs();
    const target = Math.floor(nowMs - this.#originMs);
    this.#isAdvancing = true;
    let next = this.#nextTick();
    for (; next <= target; next = this.#nextTick()) {
      this.#tick = next;
      if (next % slots === 0) this.#cascade(next);
      this.#ring(next % slots, nowMs);
    }
    this.#tick = Math.max(this.#tick, target);
    this.#isAdvancing = false;
    this.#timerTick = Infinity;
    if (next < Infinity) this.#arm(next);
  }

  #ring(slot: number, nowMs: number): void {
    for (let alarm = this.#heads[slot]; alarm !== undefined; alarm = this.#heads[slot]) {
      this.#unlink(alarm);
      alarm.ring(nowMs);
    }
  }

  /** Moves alarms from slots of higher levels that begin now to the levels below. */
  #cascade(tick: number): void {
    for (let level = levels - 1; level > 0; level--) {
      const width = widths[level] as number;
      if (tick % width !== 0) continue;
      const slot = level * slots + (Math.floor(tick / width) % slots);
      for (let alarm = this.#heads[slot]; alarm !== undefined; alarm = this.#heads[slot]) {
        this.#unlink(alarm);
        this.#link(alarm, Math.max(this.#tickOf(alarm.dueMs), tick));
      }
    }
  }

  /** Returns the next tick with work: alarms that ring, or a slot of a higher level that begins. */
  #nextTick(): number {
    let next = Infinity;
    for (let level = 0; level < levels; level++) {
      const width = widths[level] as number;
      const present = Math.floor(this.#tick / width);
      const distance = this.#distance(level, present % slots);
      if (distance > 0) next = Math.min(next, (present + distance) * width);
    }
    return next;
  }

  /** Returns how many slots after this one, going round, the next used one is; 0 if there is none. */
  #distance(level: number, slot: number): number {
    for (let step = 1; step <= slots;) {
      const at = (slot + step) % slots;
      const word = (this.#bits[level * wordsPerLevel + (at >> 5)] as number) >>> (at & 31);
      if (word !== 0) {
        const found = step + 31 - Math.clz32(word & -word);
        return found <= slots ? found : 0;
      }
      step += 32 - (at & 31);
    }
    return 0;
  }

  #link(alarm: Alarm, tick: number): void {
    const delta = tick - this.#tick;
    const level = delta < slots ? 0 : delta < slots ** 2 ? 1 : delta < slots ** 3 ? 2 : 3;
    const place = Math.floor(tick / (widths[level] as number)) % slots;
    const slot = level * slots + place;
    const head = this.#heads[slot];
    alarm.slot = slot;
    if (head === undefined) {
      this.#heads[slot] = alarm;
      this.#bits[slot >> 5] = (this.#bits[slot >> 5] as number) | (1 << (slot & 31));
      return;
    }
    alarm.before = head.before;
    alarm.after = head;
    head.before.after = alarm;
    head.before = alarm;
  }

  #unlink(alarm: Alarm): void {
    const { slot, after, before } = alarm;
    if (after === alarm) {
      this.#heads[slot] = undefined;
      this.#bits[slot >> 5] = (this.#bits[slot >> 5] as number) & ~(1 << (slot & 31));
    } else {
      before.after = after;
      after.before = before;
      if (this.#heads[slot] === alarm) this.#heads[slot] = after;
    }
    alarm.slot = nowhere;
    alarm.before = alarm;
    alarm.after = alarm;
  }
}

/** An alarm that calls a function when it rings. */
export class CallingAlarm extends Alarm {
  readonly #run: () => void;

  constructor(run: () => void) {
    super();
    this.#run = run;
  }

  ring(): void {
    this.#run();
  }
}
