import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { deviceOf, seriesOf, stateOf, trafficOf } from '../../src/simulate/plan/index.ts';
import { StagedTime } from '../../src/simulate/plan/playing/stages.ts';
import { planOf } from './plans.ts';

const clock = { originMs: 0 };

describe('the stages of a load', () => {
  const stages = [
    { forMs: 10_000, share: 1 },
    { forMs: 20_000, share: 1 },
    { forMs: 10_000, share: 3 },
    { forMs: 5000, share: 0 },
  ];

  it('count a ms by its share, and find the time of every such count', () => {
    const time = new StagedTime(stages);
    assert.equal(time.fullMsAt(10_000), 5000);
    assert.equal(time.fullMsAt(30_000), 25_000);
    assert.equal(time.fullMsAt(40_000), 45_000);
    assert.equal(time.fullMsAt(45_000), 52_500);
    for (let ms = 0; ms <= 45_000; ms += 250) {
      const found = time.timeOf(time.fullMsAt(ms));
      assert.ok(Math.abs(found - ms) < 0.01, `${found} for ${ms}`);
    }
    assert.equal(time.timeOf(52_501), Infinity);
  });

  it('make the traffic come at the rates that they say, and end the run', () => {
    const plan = planOf({
      fleets: [{ id: 'd{index}', count: 10 }],
      traffic: [{ command: 'c', rate: '100/s' }],
      load: {
        stages: [
          { for: '10s', to: '100%' },
          { for: '10s', to: '100%' },
          { for: '10s', to: '0%' },
        ],
      },
    });
    assert.equal(plan.load.forMs, 30_000);
    const times = [...trafficOf(plan, { index: 0, count: 1 }, clock)].map(({ atMs }) => atMs);
    const between = (from: number, to: number) => times.filter((ms) => ms >= from && ms < to).length;
    assert.ok(Math.abs(between(0, 10_000) - 500) <= 1, String(between(0, 10_000)));
    assert.ok(Math.abs(between(10_000, 20_000) - 1000) <= 1);
    assert.ok(Math.abs(between(20_000, 30_000) - 500) <= 1);
    assert.ok(between(0, 5000) < between(5000, 10_000));
    const parts = [0, 1, 2].flatMap((index) => [...trafficOf(plan, { index, count: 3 }, clock)].map(({ k }) => k));
    assert.deepEqual(
      parts.sort((one, other) => one - other),
      times.map((_, k) => k),
    );
  });
});

describe('the numbers of a fleet', () => {
  it('begin with first, for ids and names', () => {
    const plan = planOf({
      fleets: [
        { id: 'd-{index}', name: 'Device {index:05}', count: 3, first: 1000 },
        { id: 'd-{index}', count: 2 },
      ],
    });
    const devices = [0, 2, 3, 4].map((g) => deviceOf(plan, g)).map(({ id, name }) => [id, name]);
    assert.deepEqual(devices, [
      ['d-1000', 'Device 01000'],
      ['d-1002', 'Device 01002'],
      ['d-0', 'd-0'],
      ['d-1', 'd-1'],
    ]);
  });

  it('must not make the same id in two fleets', () => {
    const fleets = [
      { id: 'd-{index}', count: 3, first: 5 },
      { id: 'd-{index}', count: 8 },
    ];
    assert.throws(() => planOf({ fleets }), /makes the id d-[57], as the fleet d-\{index\} does/);
  });
});

describe('a notification with a limit', () => {
  it('comes so often for each device, and no more', () => {
    const notifications = [{ name: 'n', every: '1s', limit: 3 }];
    const plan = planOf({ fleets: [{ id: 'd{index}', count: 2, notifications }] });
    const device = deviceOf(plan, 1);
    const [series] = seriesOf(plan, device);
    let count = 0;
    for (; series !== undefined && series.nextAtMs < Infinity; count++) series.produce(stateOf(plan, device), clock);
    assert.equal(count, 3);
  });
});
