import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { problemsOf } from './plans.ts';

/** A plan with every part that another could hang on. */
const whole = {
  seed: 1,
  fleets: [
    {
      id: 'lamp-{index}',
      name: 'Lamp {index}',
      count: 3,
      first: 10,
      data: { place: 'attic', serial: '{index}' },
      state: { t: { walk: [18, 26, 0.3] } },
      credentials: { login: 'lamp-{index}', password: { csv: { file: 'weather.csv', column: 'time' } } },
      notifications: [
        {
          name: 'n',
          every: '2s',
          limit: 3,
          parameters: { v: { sine: [1, 2, '10s'] }, list: [{ choice: ['a', 'b'] }] },
        },
      ],
      commands: { go: [{ status: 'accepted' }, { status: 'done', after: '2s', result: { ok: true } }], '*': [] },
      faults: { 'drop-reply': '1%', disconnect: 'every 10m for 5s', 'reconnect-storm': 'at 2m' },
    },
  ],
  traffic: [{ command: 'go', rate: '5/s', parameters: { at: { counter: [1, 1] } } }],
  load: { ramp: '5/s', for: '10s', stages: [{ for: '5s', to: '100%' }], 'max-loop-delay': '250ms' },
  assert: ['command.total.p99 < 1s'],
  'stop-on-failure': '1s',
};

type Path = readonly (string | number)[];

/** Every place in a value, the whole included. */
function placesIn(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([name, part]) => placesIn(part, [...path, name]))];
}

/** A copy with one place changed, or left out where `put` is undefined. */
function changed(value: unknown, [name, ...rest]: Path, put: unknown): unknown {
  if (name === undefined) return put;
  const copy = (Array.isArray(value) ? [...(value as unknown[])] : { ...(value as object) }) as Record<string, unknown>;
  if (rest.length === 0 && put === undefined) Reflect.deleteProperty(copy, name);
  else copy[name] = changed(copy[name], rest, put);
  return copy;
}

describe('a plan with one thing wrong', () => {
  const wrongs = [undefined, null, 0, -1, 1e300, '', 'x', '{', true, [], [null], {}, { x: 1 }];

  it('is refused or compiled, wherever that is, and whatever it is', () => {
    for (const path of placesIn(whole))
      for (const wrong of wrongs) {
        const content = changed(whole, path, wrong);
        const told = `${path.join('.')} is ${JSON.stringify(wrong)}`;
        assert.doesNotThrow(() => problemsOf(content), told);
      }
  });

  it('is right without it', () => {
    assert.deepEqual(problemsOf(whole), []);
  });
});
