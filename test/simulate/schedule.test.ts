import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { deviceOf, faultsOf, seriesOf, stateOf, type JsonFields } from '../../src/simulate/plan/index.ts';
import { planOf } from './plans.ts';

const clock = { originMs: 0 };

/** Returns when the notifications of one device are due. */
function times(notification: JsonFields, load: JsonFields, g = 0): number[] {
  const plan = planOf({
    fleets: [{ id: 'd{index}', count: 500, notifications: [{ name: 'n', ...notification }] }],
    load,
  });
  const device = deviceOf(plan, g);
  const [series] = seriesOf(plan, device);
  const found: number[] = [];
  while (series !== undefined && series.nextAtMs < Infinity && found.length < 1000) {
    found.push(series.nextAtMs);
    series.produce(stateOf(plan, device), clock);
  }
  return found;
}

const spread = [0, 1, 7, 60, 499];

describe('notifications', () => {
  it('lie at phase + k × period, with 0 ≤ phase < period, before the end', () => {
    for (const g of spread) {
      const found = times({ every: '7s' }, { for: '60s' }, g);
      const [phase = -1] = found;
      assert.ok(phase >= 0 && phase < 7000);
      assert.deepEqual(
        found,
        found.map((_, k) => phase + 7000 * k),
      );
      assert.ok((found.at(-1) ?? 0) < 60_000 && (found.at(-1) ?? 0) >= 53_000);
    }
  });

  it('begin all over the period', () => {
    const phases = Array.from({ length: 500 }, (_, g) => times({ every: '10s' }, { for: '10s' }, g)[0] ?? -1);
    for (let tenth = 0; tenth < 10; tenth++) {
      const share = phases.filter((phase) => Math.floor(phase / 1000) === tenth).length / 500;
      assert.ok(share > 0.05 && share < 0.16, `${share} in tenth ${tenth}`);
    }
  });

  it('lie no further from their time than the jitter, before and after', () => {
    const regular = times({ every: '10s' }, { for: '10m' });
    const moved = times({ every: '10s', jitter: '20%' }, { for: '10m' });
    const [phase = 0] = regular;
    const offsets = moved.slice(1).map((atMs, k) => atMs - (phase + 10_000 * (k + 1)));
    assert.ok(offsets.every((offset) => Math.abs(offset) <= 2000));
    assert.ok(Math.min(...offsets) < -1000 && Math.max(...offsets) > 1000);
  });

  it('of long periods lie on a grid, so that a fleet at rest wakes seldom; those of short ones do not', () => {
    const off = (notification: JsonFields) =>
      times(notification, { for: '1h' }, 60).filter((atMs) => atMs % 5 !== 0).length;
    const starts = (notification: JsonFields) =>
      new Set(Array.from({ length: 50 }, (_, g) => (times(notification, { for: '1m' }, g)[0] ?? 0) % 5));
    assert.deepEqual([...starts({ every: '10s' })], [0]);
    assert.equal(starts({ every: '9s' }).size, 5);
    assert.equal(off({ every: '1m', jitter: '10%' }), 0);
    assert.ok(off({ every: '1m', jitter: '4ms' }) > 10);
  });

  it('are in order and not before the start, whatever the jitter', () => {
    for (const g of spread) {
      const found = times({ every: '2ms', jitter: '1ms' }, { for: '1s' }, g);
      assert.deepEqual(
        found,
        [...found].sort((one, other) => one - other),
      );
      assert.ok((found[0] ?? -1) >= 0);
    }
  });

  it('begin with their device where there is a ramp', () => {
    const flat = times({ every: '10s' }, { for: '10m' }, 60);
    const ramped = times({ every: '10s' }, { for: '10m', ramp: '10/s' }, 60);
    assert.equal(ramped[0], (flat[0] ?? 0) + 6000);
  });

  it('go on for ever without an end', () => {
    assert.equal(times({ every: '1s' }, {}).length, 1000);
  });
});

describe('lost connections', () => {
  function faults(document: JsonFields, load: JsonFields, g = 0): string[] {
    const plan = planOf({ fleets: [{ id: 'd{index}', count: 500, faults: document }], load });
    const found: string[] = [];
    for (const { atMs, kind, forMs } of faultsOf(plan, deviceOf(plan, g))) {
      found.push(`${atMs} ${kind} ${forMs}`);
      if (found.length === 50) break;
    }
    return found;
  }

  it('come again and again at a time of each device, or once', () => {
    const own = faults({ disconnect: 'every 10m for 5s' }, { for: '1h' }).map((line) => Number(line.split(' ')[0]));
    assert.equal(own.length, 6);
    assert.ok(own.every((atMs, k) => atMs === (own[0] ?? 0) + 600_000 * k));
    assert.notDeepEqual(faults({ disconnect: 'every 10m' }, {}, 1), faults({ disconnect: 'every 10m' }, {}, 2));
    assert.deepEqual(faults({ disconnect: 'at 2m for 1s' }, {}, 3), ['120000 disconnect 1000']);
  });

  it('hit all devices at once in a storm', () => {
    for (const g of spread)
      assert.deepEqual(faults({ 'reconnect-storm': 'at 2m' }, {}, g), ['120000 reconnect-storm 0']);
    assert.deepEqual(faults({ 'reconnect-storm': 'every 20s for 1s' }, { for: '1m' }), [
      '20000 reconnect-storm 1000',
      '40000 reconnect-storm 1000',
    ]);
  });

  it('come in order of time, both kinds together', () => {
    const both = faults({ disconnect: 'every 7s for 1s', 'reconnect-storm': 'every 11s' }, { for: '1m' });
    const found = both.map((line) => Number(line.split(' ')[0]));
    assert.ok(both.some((line) => line.includes('storm')) && both.some((line) => line.includes('disconnect')));
    assert.deepEqual(
      found,
      [...found].sort((one, other) => one - other),
    );
  });

  it('spare devices that have not started, and come to nothing without faults', () => {
    assert.deepEqual(faults({ 'reconnect-storm': 'at 2s' }, { ramp: '1/s' }, 10), []);
    assert.deepEqual(faults({}, {}), []);
  });
});
