import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { everyCommand, trialsOf, tried, type CheckCase, type JsonFields } from '../../src/simulate/plan/index.ts';
import { planOf } from './plans.ts';

const thermostat: JsonFields = {
  id: 't-{index}',
  count: 3,
  state: { mode: 'auto' },
  notifications: [
    { name: 'temperature', every: '10s', parameters: { value: { walk: [18, 26, 1] }, mode: { state: 'mode' } } },
  ],
  commands: {
    setMode: [
      { status: 'accepted' },
      {
        status: 'done',
        after: '2s',
        set: { mode: { parameter: 'mode' } },
        result: { mode: { state: 'mode' }, n: { counter: {} } },
      },
    ],
    ignored: [],
    '*': [{ status: 'unsupported' }],
  },
  faults: { 'drop-reply': '100%', disconnect: 'every 1s' },
};

const plan = planOf({
  fleets: [thermostat],
  load: { for: '1s', ramp: '1/s' },
  traffic: [{ command: 'setMode', rate: '9/s' }],
});

/** Returns what is wrong with one case. */
async function problemsOf(one: CheckCase): Promise<readonly string[]> {
  const trials = trialsOf(plan, [one]);
  assert.ok(typeof trials !== 'string', JSON.stringify(trials));
  const [trial] = trials;
  assert.ok(trial !== undefined);
  return (await tried(plan, trial)).problems;
}

const setMode = { command: 'setMode', parameters: { mode: 'eco' } };

describe('a case', () => {
  it('checks statuses, results, state, time and notifications, without faults, ramp and traffic', async () => {
    const expect = {
      status: 'done',
      statuses: ['accepted', 'done'],
      result: { mode: 'eco', n: '${integer}' },
      state: { mode: 'eco' },
      within: '2s',
      notifications: [{ name: 'temperature' }, { name: 'temperature', parameters: { value: '${any}', mode: 'eco' } }],
    };
    assert.deepEqual(await problemsOf({ ...setMode, expect }), []);
  });

  it('is watched for as long as its answer may take', async () => {
    const slow = planOf({ fleets: [{ id: 'd', commands: { boil: [{ status: 'done', after: '3m' }] } }] });
    const problemsWithin = async (within: string) => {
      const trials = trialsOf(slow, [{ command: 'boil', expect: { status: 'done', within } }]);
      assert.ok(typeof trials !== 'string' && trials[0] !== undefined);
      return (await tried(slow, trials[0])).problems;
    };
    assert.deepEqual(await problemsWithin('3m'), []);
    assert.equal((await problemsWithin('2m')).length, 2);
  });

  it('reports every difference', async () => {
    const expect = {
      status: 'failed',
      statuses: ['done'],
      result: { mode: 'auto', n: '${text}' },
      state: { mode: 'auto' },
      within: '1s',
      notifications: [{ name: 'humidity' }, { name: 'temperature', parameters: { value: 0, mode: 'auto' } }],
    };
    const [status, statuses, within, mode, n, state, humidity, ...temperature] = await problemsOf({
      ...setMode,
      expect,
    });
    assert.equal(status, 'reported accepted, done, not failed in the end');
    assert.equal(statuses, 'reported accepted, done, not done');
    assert.equal(within, 'took 2000ms to its last report, more than 1s');
    assert.equal(mode, 'result.mode is "eco", not "auto"');
    assert.equal(n, 'result.n is 0, not "${text}"');
    assert.equal(state, 'state.mode is "eco", not "auto"');
    assert.equal(humidity, 'sent no notification humidity');
    assert.match(temperature[0] ?? '', /^notification temperature: parameters\.value is [\d.]+, not 0$/);
  });

  it('may begin with another state, with another device, and later', async () => {
    const expect = { notifications: [{ name: 'temperature', parameters: { value: '${any}', mode: 'eco' } }] };
    assert.deepEqual(await problemsOf({ state: { mode: 'eco' }, expect }), []);
    assert.deepEqual(
      await problemsOf({ ...setMode, index: 2, after: '5m', expect: { within: '2s', state: { mode: 'eco' } } }),
      [],
    );
  });

  it('can expect that nothing is answered', async () => {
    assert.deepEqual(await problemsOf({ command: 'ignored', expect: { statuses: [] } }), []);
    assert.deepEqual(await problemsOf({ command: 'ignored', expect: { within: '1s' } }), ['did not answer within 1s']);
  });

  it('is over when its time is', async () => {
    assert.deepEqual(await problemsOf({ ...setMode, for: '1s', expect: { statuses: ['accepted'] } }), []);
  });

  it('is the same each time', async () => {
    const [trial] = everyCommand(plan);
    assert.ok(trial !== undefined);
    assert.deepEqual(await tried(plan, trial), await tried(plan, trial));
  });

  it('must name existing fleets and devices', () => {
    assert.match(
      JSON.stringify(trialsOf(plan, [{ fleet: 'x', expect: {} }])),
      /cases\[0\]\.fleet names x; the plan has t-\{index\}/,
    );
    assert.match(
      JSON.stringify(trialsOf(plan, [{ index: 3, expect: {} }])),
      /cases\[0\]\.index is 3, but the fleet t-\{index\} has 3 devices/,
    );
  });
});

describe('without cases', () => {
  it('every command that is answered is tried', async () => {
    const trials = everyCommand(plan);
    assert.deepEqual(
      trials.map(({ name }) => name),
      ['goes on for a minute', 'answers setMode', 'answers any other command'],
    );
    for (const trial of trials) assert.deepEqual((await tried(plan, trial)).problems, []);
  });

  it('payloads are looked at too', async () => {
    const huge = planOf({
      fleets: [{ id: 'a', notifications: [{ name: 'n', every: '9s', parameters: { v: 'x'.repeat(1e6) } }] }],
      load: { 'allow-large': true },
    });
    const [trial] = everyCommand(huge);
    assert.ok(trial !== undefined);
    assert.match((await tried(huge, trial)).problems[0] ?? '', /takes \d+ bytes, more than/);
  });
});
