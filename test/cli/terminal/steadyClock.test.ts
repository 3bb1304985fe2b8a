import assert from 'node:assert/strict';
import { syncBuiltinESMExports } from 'node:module';
import os from 'node:os';
import { after, describe, it, mock } from 'node:test';
import { SteadyClock } from '../../../src/cli/terminal/steadyClock.ts';
import { HeldTime } from '../../helpers/heldTime.ts';

let uptimeSeconds = 1000;
mock.method(os, 'uptime', () => uptimeSeconds);
syncBuiltinESMExports();
after(() => {
  mock.restoreAll();
  syncBuiltinESMExports();
});

describe('a steady clock', () => {
  it('counts the sleep of the machine, which its monotonic clock may leave out', () => {
    using time = new HeldTime();
    const clock = new SteadyClock();
    const startMs = clock.nowMs();
    time.pass(5000);
    uptimeSeconds += 5;
    assert.equal(clock.nowMs() - startMs, 5000);
    uptimeSeconds += 3600;
    assert.equal(clock.nowMs() - startMs, 3_605_000);
    time.pass(1000);
    uptimeSeconds += 1;
    assert.equal(clock.nowMs() - startMs, 3_606_000);
  });

  it('counts no sleep twice where the monotonic clock counts it too, and takes small differences for none', () => {
    using time = new HeldTime();
    const clock = new SteadyClock();
    const startMs = clock.nowMs();
    time.pass(3_600_000);
    uptimeSeconds += 3601;
    assert.equal(clock.nowMs() - startMs, 3_600_000);
  });

  it('does not follow the calendar', () => {
    const clock = new SteadyClock();
    const startMs = clock.nowMs();
    const jump = mock.method(Date, 'now', () => 0);
    assert.ok(clock.nowMs() >= startMs);
    jump.mock.restore();
  });
});
