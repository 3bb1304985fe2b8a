import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readPlan } from '../../src/cli/commands/simulate/readPlan.ts';
import { Failure } from '../../src/errors.ts';
import { readArguments } from '../../src/simulate/plan/generators/arguments.ts';
import { generatorFromText, generators, shardOf, withFlags, type PlanFlags } from '../../src/simulate/plan/index.ts';
import { FakeIo } from '../cli/fakeIo.ts';

/** Returns what the spelling of a generator in a flag means in a plan. */
function spelled(text: string): unknown {
  const result = generatorFromText(text);
  return result.kind === 'value' ? result.value : result.message;
}

describe('a generator in a flag', () => {
  for (const generator of generators.values()) {
    it(`means the same as in a plan: ${generator.example}`, () => {
      const read = (given: unknown) => readArguments(generator, given, (problem) => assert.fail(problem));
      const value = spelled(generator.example) as Readonly<Record<string, unknown>>;
      assert.deepEqual(Object.keys(value), [generator.name]);
      assert.deepEqual(read(value[generator.name]), read(generator.planExample));
    });
  }

  it('is spelled by position, by name, or both', () => {
    assert.deepEqual(spelled('walk(18, 26,0.3)'), { walk: { from: 18, to: 26, step: 0.3 } });
    assert.deepEqual(spelled('walk(18,26,step=0.3,decimals=1)'), {
      walk: { from: 18, to: 26, step: 0.3, decimals: 1 },
    });
    assert.deepEqual(spelled('uuid'), { uuid: {} });
    assert.deepEqual(spelled('uuid()'), { uuid: {} });
    assert.deepEqual(spelled('constant("a, b")'), { constant: 'a, b' });
    assert.deepEqual(spelled('constant({"a":[1,2]})'), { constant: { a: [1, 2] } });
    assert.deepEqual(spelled('csv("my file.csv",t)'), { csv: { file: 'my file.csv', column: 't' } });
    assert.deepEqual(spelled('sine(10,30,1h,phase=random)'), {
      sine: { from: 10, to: 30, period: '1h', phase: 'random' },
    });
    assert.deepEqual(spelled('state(mode)'), { state: { name: 'mode' } });
  });

  it('lists choices with weights, and places', () => {
    assert.deepEqual(spelled('enum(a:3,b,1:2,"x:y":1)'), {
      enum: [{ value: 'a', weight: 3 }, 'b', { value: 1, weight: 2 }, { value: 'x:y', weight: 1 }],
    });
    assert.deepEqual(spelled('path(10m,48.1:11.5,-1:0)'), {
      path: {
        duration: '10m',
        points: [
          [48.1, 11.5],
          [-1, 0],
        ],
      },
    });
  });

  it('may be JSON, or a variable of the Python simulator', () => {
    assert.equal(spelled('5'), 5);
    assert.equal(spelled('"on"'), 'on');
    assert.equal(spelled('$randint'), '$randint');
    assert.equal(spelled('bit $randbit'), 'bit $randbit');
    assert.equal(spelled('"bit $randbit"'), 'bit $randbit');
    assert.deepEqual(spelled('{"at":"$timestamp","bits":["$randbit"]}'), { at: '$timestamp', bits: ['$randbit'] });
    assert.deepEqual(spelled('enum($randint,off)'), { enum: ['$randint', 'off'] });
    assert.deepEqual(spelled('{"walk":[0,1,1]}'), { walk: [0, 1, 1] });
  });

  it('gets a message that says what is wrong with it', () => {
    assert.match(String(spelled('wlak(1,2,3)')), /neither JSON nor a generator \(did you mean walk\(18,26,0.3\)\?\)/);
    assert.match(String(spelled('walk(1,2')), /neither JSON nor a generator/);
    assert.match(String(spelled('walk(1,,2)')), /leaves an argument of walk empty: walk\(from,to,step\)/);
    assert.match(String(spelled('walk(1,2,3,4)')), /gives walk too much/);
    assert.match(String(spelled('enum("a)')), /unbalanced/);
    assert.match(String(spelled('')), /needs a generator/);
  });
});

describe('flags', () => {
  const content = (flags: PlanFlags, file?: unknown) => withFlags(file, flags).content;
  const problems = (flags: PlanFlags, file?: unknown) => withFlags(file, flags).problems;

  it('make a plan', () => {
    assert.deepEqual(
      content({
        devices: '100',
        id: 'sim-{index}',
        notify: ['temperature=walk(18,26,0.3) every 5s', 'alive=true every 1m30s jitter 10%'],
        on: ['reboot=accepted', 'reboot=done after 2s result {"ok":true}', '*=in progress'],
        network: '1',
        deviceType: '2',
        seed: '42',
        for: '5m',
        ramp: '200',
        connections: '8',
      }),
      {
        seed: 42,
        load: { for: '5m', ramp: '200/s', connections: 8 },
        fleets: [
          {
            id: 'sim-{index}',
            count: 100,
            network: 1,
            deviceType: 2,
            notifications: [
              { name: 'temperature', every: '5s', parameters: { value: { walk: { from: 18, to: 26, step: 0.3 } } } },
              { name: 'alive', every: '1m30s', jitter: '10%', parameters: { value: true } },
            ],
            commands: {
              reboot: [{ status: 'accepted' }, { status: 'done', after: '2s', result: { ok: true } }],
              '*': [{ status: 'in progress' }],
            },
          },
        ],
      },
    );
  });

  it('make one device that does everything at once where they say nothing', () => {
    assert.deepEqual(content({}), { fleets: [{ id: 'sim-{index}' }] });
  });

  it('override the plan, name by name', () => {
    const file = {
      seed: 1,
      fleets: [
        {
          id: 'a',
          notifications: [
            { name: 't', every: '1s' },
            { name: 'u', every: '1s' },
          ],
          commands: { reboot: [{ status: 'failed' }], other: [] },
        },
      ],
      load: { ramp: '1/s' },
    };
    assert.deepEqual(content({ seed: '2', for: '1m', notify: ['t=1 every 9s'], on: ['reboot=done'] }, file), {
      seed: 2,
      fleets: [
        {
          id: 'a',
          notifications: [
            { name: 'u', every: '1s' },
            { name: 't', every: '9s', parameters: { value: 1 } },
          ],
          commands: { reboot: [{ status: 'done' }], other: [] },
        },
      ],
      load: { ramp: '1/s', for: '1m' },
    });
    assert.equal(file.seed, 1, 'the plan itself stays as it is');
  });

  it('cannot say how many devices each of several fleets has', () => {
    const file = { fleets: [{ id: 'a' }, { id: 'b' }] };
    assert.match(problems({ devices: '5' }, file)[0]?.message ?? '', /needs a plan with one fleet; this one has 2/);
    assert.deepEqual(problems({ network: '5' }, file), []);
  });

  it('show their grammar where they cannot be read', () => {
    const [notify] = problems({ notify: ['temperature'] });
    assert.match(notify?.message ?? '', /must be NAME=GENERATOR every DURATION \[jitter SHARE\]/);
    const [generator] = problems({ notify: ['t=foo(1) every 5s'] });
    assert.match(generator?.message ?? '', /GENERATOR is a JSON value, or one of constant\(value\) enum\(values…\)/);
    const [on] = problems({ on: ['=done'] });
    assert.match(on?.message ?? '', /must be COMMAND=STATUS \[after DURATION\] \[result JSON\]/);
    assert.match(problems({ on: ['a=done result 5'] })[0]?.message ?? '', /needs a JSON object as its result/);
    for (const text of ['a=done after', 'a=done result', 'a=done after 2s result'])
      assert.match(problems({ on: [text] })[0]?.message ?? '', /must be COMMAND=STATUS/);
    assert.match(problems({ on: ['a=done result {'] })[0]?.message ?? '', /a result that is not JSON/);
  });

  it('are known for what came from them', () => {
    const flagged = withFlags({ fleets: [{ id: 'a' }] }, { notify: ['t=walk(2,1,1) every 5s'], devices: '0' });
    const path = ['fleets', '0', 'notifications', '0', 'parameters', 'value', 'walk'];
    assert.deepEqual(flagged.flagAt(path), { flag: "--notify 't=walk(2,1,1) every 5s'", rest: path.slice(4) });
    assert.equal(flagged.flagAt(['fleets', '0', 'count'])?.flag, '--devices');
    assert.equal(flagged.flagAt(['fleets', '0', 'id']), undefined);
  });
});

describe('a shard', () => {
  const usage = (error: unknown) => error instanceof Failure && error.kind === 'usage';

  it('counts from 0', () => {
    assert.deepEqual(shardOf({ shard: '0/3' }, undefined), { index: 0, count: 3 });
    for (const shard of ['3/3', '-1/3', '1', 'a/b', '0/0', '1.5/3'])
      assert.throws(() => shardOf({ shard }, undefined), usage, shard);
  });

  it('is the one that Kubernetes names, where the number of shards is given', () => {
    assert.deepEqual(shardOf({ shards: '20' }, '7'), { index: 7, count: 20 });
    assert.deepEqual(shardOf({}, '7'), { index: 0, count: 1 });
    assert.throws(() => shardOf({ shards: '20' }, undefined), usage);
    assert.throws(() => shardOf({ shards: '20' }, '20'), usage);
    assert.deepEqual(shardOf({ shard: '1/2', shards: '20' }, '7'), { index: 1, count: 2 });
  });
});

describe('flags that are wrong', () => {
  for (const command of ['simulate run', 'simulate plan']) {
    it(`lead to the help of ${command}`, () => {
      const source = { file: undefined, flags: { devices: '0' }, ...(command === 'simulate run' ? {} : { command }) };
      const hint = `Help and examples: devicehive ${command} --help`;
      return assert.rejects(readPlan(source, new FakeIo()), { kind: 'usage', hint });
    });
  }
});
