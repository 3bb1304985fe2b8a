import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Alarm, Wheel } from '../../src/simulate/engine/wheel.ts';
import { Stream } from '../../src/simulate/plan/random.ts';
import { VirtualClock } from './virtualClock.ts';

class Bell extends Alarm {
  readonly #onRing: (nowMs: number) => void;

  constructor(onRing: (nowMs: number) => void) {
    super();
    this.#onRing = onRing;
  }

  ring(nowMs: number): void {
    this.#onRing(nowMs);
  }
}

describe('the timer wheel', () => {
  it('rings at the time, to the ms, however far away it is', () => {
    const clock = new VirtualClock();
    const wheel = new Wheel(clock);
    const rung: number[] = [];
    const distances = [1, 2, 255, 256, 257, 1000, 65_535, 65_536, 65_537, 10_000_000, 2 ** 24, 2 ** 32 - 1, 2 ** 33];
    for (const distance of distances) {
      wheel.set(new Bell((nowMs) => rung.push(nowMs - 1000)), clock.nowMs() + distance);
    }
    clock.passNow(2 ** 34);
    assert.deepEqual(rung, distances);
  });

  it('rings alarms of one ms in the order they were set', () => {
    const clock = new VirtualClock();
    const wheel = new Wheel(clock);
    const rung: number[] = [];
    for (let index = 0; index < 10; index++) wheel.set(new Bell(() => rung.push(index)), clock.nowMs() + 5);
    clock.passNow(5);
    assert.deepEqual(rung, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('is never early, for times between two ms neither', () => {
    const clock = new VirtualClock(0.25);
    const wheel = new Wheel(clock);
    const rung: number[] = [];
    wheel.set(new Bell((nowMs) => rung.push(nowMs)), 10.5);
    clock.passNow(10);
    assert.deepEqual(rung, []);
    clock.passNow(2);
    assert.deepEqual(
      rung.map((ms) => ms >= 10.5),
      [true],
    );
  });

  it('forgets alarms that are cancelled or set anew', () => {
    const clock = new VirtualClock();
    const wheel = new Wheel(clock);
    const rung: string[] = [];
    const [gone, moved, kept] = ['gone', 'moved', 'kept'].map((name) => new Bell(() => rung.push(name))) as [
      Bell,
      Bell,
      Bell,
    ];
    for (const bell of [gone, moved, kept]) wheel.set(bell, clock.nowMs() + 10);
    wheel.cancel(gone);
    wheel.set(moved, clock.nowMs() + 300);
    clock.passNow(100);
    assert.deepEqual(rung, ['kept']);
    assert.equal(moved.isSet, true);
    clock.passNow(300);
    assert.deepEqual(rung, ['kept', 'moved']);
  });

  it('rings overdue alarms in the next ms', () => {
    const clock = new VirtualClock();
    const wheel = new Wheel(clock);
    const times: number[] = [];
    const again: Bell = new Bell((nowMs) => {
      times.push(nowMs);
      if (times.length < 3) wheel.set(again, 0);
    });
    wheel.set(again, 0);
    clock.passNow(10);
    assert.deepEqual(times, [1001, 1002, 1003]);
  });

  it('makes up for a process that stood still, in order', () => {
    const clock = new VirtualClock();
    const wheel = new Wheel(clock);
    const rung: number[] = [];
    for (const distance of [5000, 3, 700, 100_000]) {
      wheel.set(new Bell(() => rung.push(distance)), clock.nowMs() + distance);
    }
    clock.freeze(200_000);
    clock.passNow(1);
    assert.deepEqual(rung, [3, 700, 5000, 100_000]);
  });

  it('wakes only when there is something to do', () => {
    const clock = new VirtualClock();
    const wheel = new Wheel(clock);
    for (let index = 0; index < 1000; index++) wheel.set(new Bell(() => undefined), clock.nowMs() + 3_600_000);
    clock.passNow(3_500_000);
    assert.ok(clock.rings <= 3, String(clock.rings));
    clock.passNow(200_000);
    assert.ok(clock.rings <= 10, String(clock.rings));
  });

  it('agrees with a sorted list over thousands of random settings, movings and cancellings', () => {
    const clock = new VirtualClock();
    const wheel = new Wheel(clock);
    const random = new Stream(7, 'wheel');
    const due = new Map<Bell, number>();
    const wrong: string[] = [];
    let rung = 0;
    const bells = Array.from({ length: 300 }, () => {
      const bell: Bell = new Bell((nowMs) => {
        rung++;
        const expected = due.get(bell);
        if (expected !== nowMs) wrong.push(`rang at ${nowMs}, due at ${String(expected)}`);
        due.delete(bell);
      });
      return bell;
    });
    for (let step = 0; step < 5000; step++) {
      const bell = bells[Math.floor(random.unit() * bells.length)] as Bell;
      if (random.unit() < 0.2) {
        wheel.cancel(bell);
        due.delete(bell);
      } else {
        const dueMs = clock.nowMs() + 1 + Math.floor(random.unit() ** 6 * 30_000_000);
        wheel.set(bell, dueMs);
        due.set(bell, dueMs);
      }
      clock.passNow(Math.floor(random.unit() ** 4 * 2000));
      for (const [, dueMs] of due) if (dueMs <= clock.nowMs()) wrong.push(`has not rung at ${dueMs}`);
    }
    assert.deepEqual(wrong.slice(0, 3), []);
    assert.ok(rung > 1000);
  });

  it('stops', () => {
    const clock = new VirtualClock();
    const wheel = new Wheel(clock);
    let rung = 0;
    wheel.set(new Bell(() => rung++), clock.nowMs() + 10);
    wheel.stop();
    wheel.set(new Bell(() => rung++), clock.nowMs() + 10);
    clock.passNow(100);
    assert.equal(rung, 0);
  });
});
