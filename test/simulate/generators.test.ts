import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { deviceOf, seriesOf, stateOf, type JsonFields } from '../../src/simulate/plan/index.ts';
import { notifying, planOf, problemsOf } from './plans.ts';

/** Returns what one device sends as `value`, one notification per second. */
function values(value: unknown, g = 0, count = 2000, fleet: JsonFields = {}): unknown[] {
  const plan = planOf(notifying({ value }, { load: {} }, fleet));
  const device = deviceOf(plan, g);
  const state = stateOf(plan, device);
  const [series] = seriesOf(plan, device);
  assert.ok(series !== undefined);
  return Array.from({ length: count }, () => series.produce(state, { originMs: 1_700_000_000_000 })?.['value']);
}

function numbers(value: unknown, g = 0, count = 2000): number[] {
  return values(value, g, count) as number[];
}

const mean = (list: readonly number[]) => list.reduce((sum, one) => sum + one, 0) / list.length;
const deviation = (list: readonly number[]) => Math.sqrt(mean(list.map((one) => (one - mean(list)) ** 2)));

/** True if no number has more digits after the point than this. */
function hasDigits(list: readonly number[], digits: number): boolean {
  return list.every((one) => Number(one.toFixed(digits)) === one);
}

describe('constants and literals', () => {
  it('are themselves', () => {
    assert.deepEqual(values({ constant: 5 }, 0, 2), [5, 5]);
    assert.deepEqual(values('plain', 0, 1), ['plain']);
    assert.deepEqual(values({ constant: { walk: '$random' } }, 0, 1), [{ walk: '$random' }]);
  });
});

describe('an enumeration', () => {
  const share = (list: readonly unknown[], value: unknown) => list.filter((one) => one === value).length / list.length;

  it('returns its values as often as their weights say', () => {
    const list = values({ enum: { a: 3, b: 1 } });
    assert.ok(Math.abs(share(list, 'a') - 0.75) < 0.04, `${share(list, 'a')}`);
    assert.ok(Math.abs(share(list, 'b') - 0.25) < 0.04);
  });

  it('takes lists of values of any kind, with weights or without', () => {
    const list = values({ enum: [1, { value: null, weight: 2 }, { on: true }] });
    assert.ok(Math.abs(share(list, 1) - 0.25) < 0.04);
    assert.ok(Math.abs(share(list, null) - 0.5) < 0.04);
    assert.deepEqual(
      list.find((one) => typeof one === 'object' && one !== null),
      { on: true },
    );
  });

  it('never returns a value without weight', () => {
    assert.equal(share(values({ enum: { a: 0, b: 1 } }), 'a'), 0);
    assert.match(problemsOf(notifying({ value: { enum: { a: 0 } } }))[0] ?? '', /has no value that can come/);
    assert.match(problemsOf(notifying({ value: { enum: { a: -1 } } }))[0] ?? '', /weight of at least 0/);
  });
});

describe('a counter', () => {
  it('counts, and starts again after its last value', () => {
    assert.deepEqual(numbers({ counter: {} }, 0, 3), [0, 1, 2]);
    assert.deepEqual(numbers({ counter: { from: 5, step: -0.5 } }, 0, 3), [5, 4.5, 4]);
    assert.deepEqual(numbers({ counter: { from: 1, to: 3 } }, 0, 5), [1, 2, 3, 1, 2]);
  });

  it('does not accumulate rounding errors', () => {
    assert.equal(numbers({ counter: [0, 0.1] }, 0, 1001).at(-1), 100);
    assert.deepEqual(numbers({ counter: [1, 1e-320] }, 0, 2), [1, 1]);
  });
});

describe('numbers at random', () => {
  it('are spread evenly over a range', () => {
    const list = numbers({ uniform: [10, 20] });
    assert.ok(list.every((one) => one >= 10 && one <= 20) && hasDigits(list, 3));
    assert.ok(Math.abs(mean(list) - 15) < 0.3 && Math.abs(deviation(list) - 10 / Math.sqrt(12)) < 0.2);
  });

  it('are whole where no decimals are asked for, both ends as likely as the rest', () => {
    const list = numbers({ uniform: { from: 1, to: 6, decimals: 0 } }, 0, 6000);
    for (let face = 1; face <= 6; face++) {
      const count = list.filter((one) => one === face).length;
      assert.ok(count > 850 && count < 1150, `${count} times ${face}`);
    }
  });

  it('have the mean and the deviation of a normal distribution, and its tails', () => {
    const list = numbers({ normal: [20, 2] }, 0, 4000);
    assert.ok(Math.abs(mean(list) - 20) < 0.15 && Math.abs(deviation(list) - 2) < 0.15);
    const beyond = (sigmas: number) => list.filter((one) => Math.abs(one - 20) > 2 * sigmas).length / list.length;
    assert.ok(Math.abs(beyond(1) - 0.317) < 0.03 && Math.abs(beyond(2) - 0.0455) < 0.015);
    assert.ok(numbers({ normal: { mean: 0, deviation: 5, min: 0 } }).every((one) => one >= 0));
  });

  it('walk in steps, within their range, and come everywhere', () => {
    const list = numbers({ walk: [18, 26, 0.3] }, 0, 20_000);
    assert.ok(list.every((one) => one >= 18 && one <= 26) && hasDigits(list, 3));
    const steps = list.slice(1).map((one, index) => Math.abs(one - (list[index] ?? 0)));
    assert.ok(Math.max(...steps) <= 0.3 + 1e-9);
    assert.ok(Math.min(...list) < 19 && Math.max(...list) > 25);
  });

  it('start their walk at the given value', () => {
    assert.equal(numbers({ walk: { from: 0, to: 9, step: 1, start: 4 } }, 3, 1)[0], 4);
    assert.deepEqual(numbers({ walk: [5, 5, 100] }, 0, 3), [5, 5, 5]);
  });

  it('have as many digits as requested', () => {
    assert.ok(hasDigits(numbers({ walk: { from: 0, to: 1, step: 0.2, decimals: 1 } }), 1));
    const fine = numbers({ uniform: [0, 0.0001] });
    assert.ok(new Set(fine).size > 50 && hasDigits(fine, 6));
  });
});

describe('numbers by time', () => {
  it('make a wave', () => {
    const list = numbers({ sine: [10, 30, '100s'] });
    assert.ok(Math.abs(Math.max(...list) - 30) < 0.1 && Math.abs(Math.min(...list) - 10) < 0.1);
    assert.deepEqual(list.slice(0, 50), list.slice(100, 150));
  });

  it('make waves that do not keep step where the phase is random', () => {
    const first = (g: number) => numbers({ sine: { from: 0, to: 1, period: '1h', phase: 'random' } }, g, 1)[0];
    assert.ok(new Set([0, 1, 2, 3, 4].map(first)).size === 5);
  });

  it('fade by half in each half-life', () => {
    const list = numbers({ decay: [100, 20, '10s'] });
    const [first = 0] = list;
    assert.ok(Math.abs((list[10] ?? 0) - 20 - (first - 20) / 2) < 0.01);
    assert.ok(Math.abs((list.at(-1) ?? 0) - 20) < 0.01);
  });
});

describe('a path', () => {
  interface Place {
    readonly latitude: number;
    readonly longitude: number;
  }

  it('goes through its places and back again, at one speed', () => {
    const list = values(
      {
        path: {
          duration: '100s',
          points: [
            [0, 0],
            [0, 10],
            [10, 10],
          ],
        },
      },
      0,
      400,
    ) as Place[];
    assert.ok(list.every(({ latitude, longitude }) => latitude === 0 || Math.abs(longitude - 10) < 0.001));
    const steps = list.slice(1).map((place, index) => {
      const before = list[index] ?? place;
      return Math.abs(place.latitude - before.latitude) + Math.abs(place.longitude - before.longitude);
    });
    assert.ok(steps.filter((step) => Math.abs(step - 0.2) > 0.001).length <= 6, 'but for the turns');
    assert.deepEqual(list[10], list[210]);
  });

  it('follows great circles, across the date line too', () => {
    const list = values({ path: ['100s', [0, 179], [0, -179]] }, 0, 200) as Place[];
    assert.ok(list.every(({ latitude, longitude }) => latitude === 0 && Math.abs(longitude) >= 179));
  });
});

describe('recorded values', () => {
  it('are played row by row, again and again', () => {
    assert.deepEqual(values({ csv: ['weather.csv', 'temperature'] }, 0, 4), [18.5, 19, undefined, 18.5]);
    assert.deepEqual(values({ csv: { file: 'weather.csv', start: 1 } }, 0, 2), [
      { time: 60, temperature: 19, note: 'so, so' },
      { time: 120 },
    ]);
  });

  it('may stand for all parameters', () => {
    const plan = planOf(notifying({ csv: { file: 'weather.csv' } }));
    const device = deviceOf(plan, 0);
    assert.deepEqual(seriesOf(plan, device)[0]?.produce(stateOf(plan, device), { originMs: 0 }), {
      time: 0,
      temperature: 18.5,
      note: 'cold',
    });
  });

  it('are looked for with care', () => {
    const problem = (csv: unknown) => problemsOf(notifying({ value: { csv } }))[0] ?? '';
    assert.match(problem('nowhere.csv'), /names the file nowhere.csv, which cannot be read: there is no such file/);
    assert.match(problem(['weather.csv', 'temprature']), /has time, temperature, note \(did you mean temperature\?\)/);
    assert.match(problem({ file: 'weather.csv', start: 3 }), /begins with row 3, but weather.csv has 3 rows/);
  });
});

describe('times and identities', () => {
  it('are the due time, not that of today', () => {
    const plan = planOf(notifying({ iso: { timestamp: {} }, ms: { timestamp: 'ms' }, s: { timestamp: ['s'] } }));
    const device = deviceOf(plan, 0);
    const [series] = seriesOf(plan, device);
    const atMs = series?.nextAtMs ?? 0;
    const iso = new Date(atMs).toISOString().replace('Z', '');
    assert.deepEqual(series?.produce(stateOf(plan, device), { originMs: 0 }), { iso, ms: atMs, s: atMs / 1000 });
  });

  it('are UUIDs of version 4, all different', () => {
    const list = values({ uuid: {} }) as string[];
    assert.ok(list.every((one) => /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/.test(one)));
    assert.equal(new Set(list).size, list.length);
  });
});

describe('the state of a device', () => {
  it('is shown as it is, in parts too, and left out where it is missing', () => {
    const fleet = { state: { mode: 'auto', at: { x: 1 }, 'a.b': 2, none: null } };
    const show = (state: unknown) => values({ state }, 0, 1, fleet)[0];
    assert.equal(show('mode'), 'auto');
    assert.equal(show('at.x'), 1);
    assert.equal(show('a.b'), 2);
    assert.equal(show('at.y'), undefined);
    assert.equal(show({ name: 'at.y', default: 0 }), 0);
  });

  it('may be drawn for each device', () => {
    const fleet = { state: { serial: { uuid: {} } } };
    const serials = [0, 1, 2].map((g) => values({ state: 'serial' }, g, 2, fleet));
    assert.ok(serials.every(([one, other]) => one === other));
    assert.equal(new Set(serials.flat()).size, 3);
  });
});

describe('the variables of the Python simulator', () => {
  it('are numbers where they stand alone', () => {
    assert.deepEqual(values('$timestamp', 0, 1).map(Number).map(Math.floor), [1_700_000_000]);
    const list = numbers('$random');
    assert.ok(list.every((one) => one >= 0 && one < 1) && Math.abs(mean(list) - 0.5) < 0.03);
    const whole = numbers('$randint');
    assert.ok(whole.every((one) => Number.isInteger(one) && one >= 0 && one < 2 ** 32 - 1));
    assert.ok(Math.max(...whole) > 4e9);
    const bits = numbers('$randbit');
    assert.deepEqual([...new Set(bits)].sort(), [0, 1]);
    assert.ok(Math.abs(mean(bits) - 0.5) < 0.04);
  });

  it('are replaced inside texts, whole names only, unless their dollar is doubled', () => {
    assert.match(String(values('bit $randbit, int $randint!', 0, 1)[0]), /^bit [01], int \d+!$/);
    assert.deepEqual(values('$randomness $$random $5', 0, 1), ['$randomness $random $5']);
  });

  it('work in a payload of that simulator as it stands', () => {
    const payload = { timestamp: '$timestamp', state: { '0': '$randbit', '1': '$randbit' }, tick: '$randint' };
    const plan = planOf(notifying(payload));
    const device = deviceOf(plan, 0);
    const sent = seriesOf(plan, device)[0]?.produce(stateOf(plan, device), { originMs: 0 });
    assert.deepEqual(Object.keys(sent ?? {}), ['timestamp', 'state', 'tick']);
    assert.ok(Object.values(sent?.['state'] as JsonFields).every((bit) => bit === 0 || bit === 1));
  });

  it('work where a field bears the name of a generator', () => {
    for (const payload of [
      { timestamp: '$timestamp' },
      { in: { timestamp: '$timestamp' } },
      { in: { state: { a: '$randbit' } } },
    ])
      assert.deepEqual(problemsOf(notifying(payload)), []);
  });
});
