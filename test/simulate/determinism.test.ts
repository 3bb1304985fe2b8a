import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  answerTo,
  deviceOf,
  faultsOf,
  seriesOf,
  stateOf,
  trafficOf,
  type Plan,
} from '../../src/simulate/plan/index.ts';
import { planOf } from './plans.ts';

const clock = { originMs: 0 };

const plan = planOf({
  seed: 42,
  fleets: [
    {
      id: 'thermostat-{index:04}',
      count: 120,
      state: { mode: 'auto', target: { uniform: [18, 24] } },
      notifications: [
        {
          name: 'temperature',
          every: '5s',
          jitter: '10%',
          parameters: { value: { walk: [18, 26, 0.3] }, mode: { state: 'mode' }, serial: { uuid: {} }, n: '$randint' },
        },
        { name: 'alive', every: '7s' },
        { name: 'alive', every: '7s' },
      ],
      commands: {
        setMode: [
          { status: 'accepted', after: { normal: ['1s', '200ms'] } },
          { status: 'done', after: { exponential: '1s' }, result: { level: { walk: [0, 9, 1] }, n: { counter: {} } } },
        ],
      },
      faults: { disconnect: 'every 20s for 5s', 'drop-reply': '50%' },
    },
    {
      id: 'door-{index}',
      count: 30,
      notifications: [{ name: 'open', every: '3s', parameters: { by: { enum: ['a', 'b'] } } }],
    },
  ],
  traffic: [
    { command: 'setMode', parameters: { mode: { enum: ['eco', 'auto'] }, level: { walk: [0, 5, 1] } }, rate: '7/s' },
    { command: 'ping', rate: '3/s', fleet: 'door-{index}' },
  ],
  load: { for: '1m' },
});

/** Returns everything that one device does in a minute, as text. */
function life(from: Plan, g: number): string {
  const device = deviceOf(from, g);
  const state = stateOf(from, device);
  const lines = seriesOf(from, device).flatMap((series) => {
    const events: string[] = [];
    while (series.nextAtMs < Infinity)
      events.push(`${series.nextAtMs} ${series.name} ${JSON.stringify(series.produce(state, clock))}`);
    return events;
  });
  const answers = [1, 2, 3].flatMap(() =>
    answerTo({ plan: from, device, state, clock }, { command: 'setMode', parameters: null }).steps.map(
      (step) => `${step.afterMs} ${JSON.stringify(step.report(0))}`,
    ),
  );
  return [...lines, ...answers, ...[...faultsOf(from, device)].map((fault) => JSON.stringify(fault))].join('\n');
}

const everyone = Array.from({ length: plan.deviceCount }, (_, g) => g);

/** Shuffled in a repeatable way. */
const shuffled = [...everyone].sort((one, other) => ((one * 7919) % 151) - ((other * 7919) % 151));

describe('what a device does', () => {
  const lives = new Map(everyone.map((g) => [g, life(plan, g)]));

  it('is something', () => {
    assert.ok([...lives.values()].every((text) => text.split('\n').length > 8));
  });

  it('does not depend on the order in which devices start', () => {
    assert.notDeepEqual(shuffled, everyone);
    for (const g of shuffled) assert.equal(life(plan, g), lives.get(g));
  });

  it('does not depend on the devices beside it', () => {
    const smaller: Plan = {
      ...plan,
      fleets: plan.fleets.slice(0, 1).map((fleet) => ({ ...fleet, count: 3 })),
      deviceCount: 3,
    };
    for (const g of [2, 1, 0]) assert.equal(life(smaller, g), lives.get(g));
  });

  it('differs from device to device, from series to series and from seed to seed', () => {
    assert.equal(new Set(lives.values()).size, everyone.length);
    const [, one, other] = seriesOf(plan, deviceOf(plan, 0));
    assert.notEqual(one?.nextAtMs, other?.nextAtMs);
    assert.notEqual(life({ ...plan, seed: 43 }, 0), lives.get(0));
  });

  it('is drawn anew for each command', () => {
    const device = deviceOf(plan, 5);
    const state = stateOf(plan, device);
    const pauses = Array.from({ length: 20 }, () =>
      answerTo({ plan, device, state, clock }, { command: 'setMode', parameters: null }).steps.map(
        (step) => step.afterMs,
      ),
    );
    assert.equal(new Set(pauses.map(String)).size, 20);
  });
});

describe('what operators send', () => {
  const text = (count: number) =>
    Array.from({ length: count }, (_, index) => [...trafficOf(plan, { index, count }, clock)])
      .flat()
      .map(({ atMs, k, traffic, target, parameters }) => JSON.stringify([atMs, k, traffic.index, target, parameters]))
      .sort();
  const whole = text(1);

  for (const count of [3, 50]) {
    it(`is the same in ${count} shards`, () => {
      assert.deepEqual(text(count), whole);
    });
  }

  it('is due at k / rate, before the end, in order of time', () => {
    const events = [...trafficOf(plan, { index: 0, count: 1 }, clock)];
    assert.equal(events.length, 7 * 60 + 3 * 60);
    for (const { atMs, k, traffic } of events) assert.equal(atMs, Math.round((k * 1000) / traffic.ratePerSecond));
    assert.deepEqual(
      events.map(({ atMs }) => atMs),
      events.map(({ atMs }) => atMs).sort((one, other) => one - other),
    );
  });

  it('goes to the devices of the named fleet', () => {
    const events = [...trafficOf(plan, { index: 0, count: 1 }, clock)];
    const targets = new Set(events.filter(({ traffic }) => traffic.command === 'ping').map(({ target }) => target));
    assert.ok([...targets].every((g) => g >= 120 && g < 150));
    assert.ok(targets.size > 20, 'all over the fleet');
  });
});
