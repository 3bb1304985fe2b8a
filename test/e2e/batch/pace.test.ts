import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Pace, rateOf } from '../../../src/cli/commands/batch/pace.ts';
import { Failure } from '../../../src/errors.ts';

/** Returns how many requests may leave within a time, when there is always one to send. */
function within(ms: number, rate: number, startMs = 1000): number {
  let nowMs = startMs;
  const pace = new Pace(rate, () => nowMs);
  let count = 0;
  while (nowMs < startMs + ms) {
    while (pace.waitMs() === 0) {
      pace.count();
      count++;
    }
    nowMs += pace.waitMs();
  }
  return count;
}

describe('a rate', () => {
  it('is kept over time, with a small start', () => {
    assert.ok(Math.abs(within(10_000, 100) - 1000) <= 3);
    assert.ok(Math.abs(within(1000, 5000) - 5000) <= 105);
    assert.equal(within(3_600_000, 1 / 3600), 1);
  });

  it('is not made up for after a pause', () => {
    let nowMs = 0;
    const pace = new Pace(100, () => nowMs);
    pace.count();
    nowMs = 60_000;
    let count = 0;
    for (; pace.waitMs() === 0; count++) pace.count();
    assert.ok(count <= 3, String(count));
  });

  it('is read for a second, a minute or an hour', () => {
    assert.equal(rateOf('50'), 50);
    assert.equal(rateOf('50/s'), 50);
    assert.equal(rateOf('300/m'), 5);
    assert.equal(rateOf('3600/h'), 1);
    for (const text of ['', '0', '-1', '5/d', 'x', '5/', '1e9']) assert.throws(() => rateOf(text), Failure);
  });

  it('that is absent never waits', () => {
    const pace = new Pace(undefined);
    for (let index = 0; index < 10; index++) pace.count();
    assert.equal(pace.waitMs(), 0);
  });
});
