import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Harms } from '../../../src/server/harm/harms.ts';
import { sendLimits, SlowReaders, type Outlet } from '../../../src/server/wire/slowReaders.ts';
import { FakeClock } from '../fakeClock.ts';

const twoMiB = 2 * 1024 * 1024;

class FakeOutlet implements Outlet {
  unsent = 0;
  isDropped = false;

  unsentBytes(): number {
    return this.unsent;
  }

  ownBytes(): number {
    return this.unsent;
  }

  drop(): void {
    this.isDropped = true;
  }

  cut(): void {
    this.unsent = 0;
  }
}

function setUp({ isStrict = false } = {}) {
  const clock = new FakeClock();
  const harms = new Harms(() => undefined, isStrict);
  const slowReaders = new SlowReaders(clock, sendLimits, harms);
  const waiting = (unsent: number) => {
    const outlet = Object.assign(new FakeOutlet(), { unsent });
    slowReaders.watch(outlet);
    return outlet;
  };
  const counts = () => harms.list().map(({ kind, action, count }) => `${kind} ${action} ${count}`);
  return { clock, slowReaders, waiting, counts };
}

describe('an unread connection', () => {
  it('does harm with more than 2 MiB unsent for longer than a second, once', () => {
    const { clock, slowReaders, waiting, counts } = setUp();
    const outlet = waiting(twoMiB + 1);
    clock.advance(1000);
    assert.deepEqual(counts(), []);
    slowReaders.watch(outlet);
    clock.advance(5000);
    assert.deepEqual(counts(), ['unread push 1']);
    assert.equal(outlet.isDropped, false);
    outlet.unsent = 0;
    clock.advance(1000);
    outlet.unsent = 3 * twoMiB;
    slowReaders.watch(outlet);
    clock.advance(3000);
    assert.deepEqual(counts(), ['unread push 2']);
  });

  it('does none with 2 MiB, nor when it has read within a second, nor when it is gone', () => {
    const { clock, slowReaders, waiting, counts } = setUp();
    waiting(twoMiB);
    const reading = waiting(2 * twoMiB);
    slowReaders.forget(waiting(2 * twoMiB));
    clock.advance(900);
    reading.unsent = 10;
    clock.advance(9000);
    assert.deepEqual(counts(), []);
  });

  it('is not blamed while this process was blocked, so that no client could read', () => {
    let nowMs = 0;
    let look: () => void = () => undefined;
    const stalling = {
      now: () => nowMs,
      schedule: (_delayMs: number, task: () => void) => ((look = task), () => undefined),
    };
    const harms = new Harms(() => undefined, false);
    const slowReaders = new SlowReaders(stalling, sendLimits, harms);
    slowReaders.watch(Object.assign(new FakeOutlet(), { unsent: twoMiB + 1 }));
    const lookAt = (ms: number) => {
      nowMs = ms;
      look();
      return harms.list().length;
    };
    assert.deepEqual([4000, 5000, 6000].map(lookAt), [0, 0, 1]);
  });

  it('is given up at once by a strict server', () => {
    const { clock, waiting, counts } = setUp({ isStrict: true });
    const outlet = waiting(twoMiB + 1);
    clock.advance(2000);
    assert.equal(outlet.isDropped, true);
    assert.deepEqual(counts(), ['unread push 1']);
  });
});
