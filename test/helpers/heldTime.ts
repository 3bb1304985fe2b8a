import { mock } from 'node:test';
import { ManualClock } from '../../src/server/manualClock.ts';

const clearTimer = globalThis.clearTimeout;
const clearRepeated = globalThis.clearInterval;

/** A timer that fires when held time has passed. */
interface HeldTimer {
  readonly cancel: () => void;
  ref(): HeldTimer;
  unref(): HeldTimer;
}

/** Holds the client's clock in this process until disposed of: it stands still, and advances only with `pass`. */
export class HeldTime implements Disposable {
  readonly #clock = new ManualClock();
  #lateMs = 0;
  readonly #mocks = [
    mock.method(process, 'hrtime', () => {
      const nowMs = this.#clock.now() + this.#lateMs;
      return [Math.floor(nowMs / 1000), (nowMs % 1000) * 1e6];
    }),
    mock.method(globalThis, 'setTimeout', (task: () => void, ms = 1) => this.#timer(task, ms)),
    mock.method(globalThis, 'clearTimeout', (timer?: HeldTimer | NodeJS.Timeout | null) =>
      typeof timer === 'object' && timer !== null && 'cancel' in timer
        ? timer.cancel()
        : clearTimer(timer ?? undefined),
    ),
    mock.method(globalThis, 'setInterval', (task: () => void, ms = 1) => this.#repeat(task, ms)),
    mock.method(globalThis, 'clearInterval', (timer?: HeldTimer | NodeJS.Timeout | null) =>
      typeof timer === 'object' && timer !== null && 'cancel' in timer
        ? timer.cancel()
        : clearRepeated(timer ?? undefined),
    ),
  ];

  /** Advances time and runs the timers that fall due. */
  pass(ms: number): void {
    this.#clock.advance(ms);
  }

  /** Lets time pass while this process is blocked: timers that fall due fire this much too late. */
  sleep(ms: number): void {
    this.#lateMs += ms;
  }

  [Symbol.dispose](): void {
    for (const { mock } of this.#mocks) mock.restore();
  }

  #timer(task: () => void, ms: number): HeldTimer {
    const timer = { cancel: this.#clock.schedule(ms, task), ref: () => timer, unref: () => timer };
    return timer;
  }

  #repeat(task: () => void, ms: number): HeldTimer {
    let next: HeldTimer;
    const again = () => {
      next = this.#timer(again, ms);
      task();
    };
    next = this.#timer(again, ms);
    const timer = { cancel: () => next.cancel(), ref: () => timer, unref: () => timer };
    return timer;
  }
}
