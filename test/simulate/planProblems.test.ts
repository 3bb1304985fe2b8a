import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parsePlan, planFailure, compilePlan, type JsonFields } from '../../src/simulate/plan/index.ts';
import { notifying, planOf, problemsOf } from './plans.ts';

function only(content: unknown): string {
  const problems = problemsOf(content);
  assert.equal(problems.length, 1, problems.join('\n'));
  return problems[0] ?? '';
}

const fleet = (more: JsonFields): JsonFields => ({ fleets: [{ id: 'd-{index}', ...more }] });

describe('a plan', () => {
  it('needs ids that differ and that DeviceHive takes', () => {
    assert.match(only(fleet({ id: 'lamp', count: 2 })), /fleets\[0\]\.id needs \{index\}/);
    assert.match(only(fleet({ id: 'lamp_1' })), /must be letters, digits and dashes/);
    assert.match(only(fleet({ id: `${'x'.repeat(40)}{index:09}` })), /makes ids of 49 characters/);
    assert.match(only(fleet({ name: 'x'.repeat(129) })), /makes names of 129 characters/);
  });

  it('needs fleets that do not share ids', () => {
    const fleets = (one: JsonFields, other: JsonFields) => problemsOf({ fleets: [one, other] });
    assert.match(fleets({ id: 'd{index}', count: 20 }, { id: 'd1{index}', count: 3 })[0] ?? '', /makes the id d10/);
    assert.deepEqual(fleets({ id: 'd{index}', count: 10 }, { id: 'd1{index}', count: 3 }), []);
    assert.match(
      fleets({ id: 'd{index:03}', count: 200 }, { id: 'd{index}', count: 200 })[0] ?? '',
      /makes the id d100/,
    );
    assert.deepEqual(fleets({ id: 'd{index:03}', count: 99 }, { id: 'd{index}', count: 99 }), []);
    assert.deepEqual(fleets({ id: 'a{index}', count: 10 }, { id: 'b{index}', count: 3 }), []);
  });

  it('needs assertions that can be judged, each at its place', () => {
    const problems = problemsOf({ ...fleet({}), assert: ['lost == 0', 'lots == 0', 'lost', 'connect.p99 < 5'] });
    assert.equal(problems.length, 3);
    assert.match(problems[0] ?? '', /^assert\[1\] names lots, which nothing is measured as \(did you mean lost\?\)/);
    assert.match(problems[1] ?? '', /^assert\[2\] must be METRIC OPERATOR VALUE/);
    assert.match(problems[2] ?? '', /^assert\[3\] compares the duration connect\.p99: write its unit/);
  });

  it('recognises a mistyped generator by its argument, and suggests a similar name', () => {
    const value = (content: unknown) => only(notifying({ value: content }));
    assert.match(value({ uniform: [1] }), /value\.uniform needs to: uniform\(from,to\)/);
    assert.match(value({ uniform: [1, 2, 3] }), /takes at most 2/);
    assert.match(value({ uniform: { from: 0, to: 1, decimal: 1 } }), /no argument decimal \(did you mean decimals\?\)/);
    assert.match(value({ uniform: [0, 1e306] }), /needs to to be a number from -1e15 to 1e15, not 1e\+306/);
    assert.match(value({ walk: [0, 1, 'x'] }), /needs step to be a number from -1e15 to 1e15, not "x"/);
    assert.match(value({ sine: [0, 1, 60] }), /needs period to be a duration such as 90s, 10m or 1h, not 60/);
    assert.match(value({ walk: [1, 0, 1] }), /from the smaller number to the larger one, not from 1 to 0/);
    assert.match(value([{ deep: { counter: { from: 'x' } } }]), /value\[0\]\.deep\.counter needs from/);
    assert.match(value({ uuid: 5 }), /takes no arguments/);
    assert.match(
      value({ uniform: { from: 0.1, to: 0.4, decimals: 0 } }),
      /has no value with 0 decimals from 0\.1 to 0\.4/,
    );
    assert.match(value({ path: ['1m', [0, 0]] }), /needs two places or more/);
    assert.match(value({ path: ['1m', [0, 0], [91, 0]] }), /latitude from -90 to 90/);
  });

  it('reports references to missing things, and says how a literal is written', () => {
    const payload = { value: { state: 'mdoe' } };
    assert.match(
      only(notifying(payload, {}, { state: { mode: 1 } })),
      /mdoe, which is not in the state.*did you mean mode/,
    );
    assert.match(only(notifying({ value: { state: 'on' } })), /write \{"constant": \{"state": "on"\}\}/);
    assert.deepEqual(problemsOf(notifying({ value: { state: { name: 'on', default: false } } })), []);
    assert.match(only(notifying({ value: { parameter: 'x' } })), /but none is answered here/);
    assert.match(
      only({ ...fleet({}), traffic: [{ command: 'a', rate: '1/s', parameters: { x: { state: 'a' } } }] }),
      /an operator has none/,
    );
  });

  it('knows what commands put into the state', () => {
    const commands = { setMode: [{ status: 'done', set: { mode: { parameter: 'mode' } } }] };
    assert.deepEqual(problemsOf(notifying({ value: { state: 'mode' } }, {}, { commands })), []);
  });

  it('takes the outermost object for itself, and says so where a generator is likely meant', () => {
    for (const literal of [{ state: 'on' }, { timestamp: 1 }, { counter: 5 }, { uuid: 'x' }])
      assert.deepEqual(problemsOf(notifying(literal)), []);
    assert.match(only(notifying({ walk: { from: 0, to: 1, step: 1 } })), /walk needs a field around it/);
  });

  it('judges durations, rates, shares and times', () => {
    const { fleets, ...rest } = notifying({});
    assert.match(only({ fleets, ...rest, load: { for: '0s' } }), /load\.for must be at least 1ms/);
    assert.match(only({ fleets, ...rest, load: { for: '25d' } }), /load\.for must be at most 24d/);
    assert.match(only({ fleets, ...rest, load: { ramp: '0/s' } }), /load\.ramp must be more than 0/);
    assert.match(only(fleet({ faults: { 'drop-reply': '101%' } })), /drop-reply must be a share from 0% to 100%/);
    assert.match(only(fleet({ faults: { disconnect: 'sometimes' } })), /disconnect must be times such as/);
    assert.match(only(fleet({ faults: { disconnect: 'every 5s for 5s' } })), /away for less than the period/);
    const jitter = { notifications: [{ name: 'n', every: '1s', jitter: '51%' }] };
    assert.match(only(fleet(jitter)), /jitter must be at most half the period/);
    const after = (pause: unknown) => only(fleet({ commands: { a: [{ status: 'done', after: pause }] } }));
    assert.match(after({ uniform: ['2s', '1s'] }), /from the shorter duration to the longer one/);
    assert.match(after(5), /must be a duration such as 200ms, or a distribution/);
  });

  it('knows the fleets that traffic names', () => {
    const problem = only({ ...fleet({}), traffic: [{ command: 'a', rate: '1/s', fleet: 'e-{index}' }] });
    assert.match(problem, /traffic\[0\]\.fleet must be the id of a fleet as it is written: d-\{index\}/);
  });

  it('refuses payloads that stop a DeviceHive, unless they are allowed', () => {
    const huge = { value: 'x'.repeat(901 * 1024) };
    assert.match(only(notifying(huge)), /notifications\[0\]\.parameters is too large.*allow-large/);
    assert.deepEqual(problemsOf(notifying(huge, { load: { 'allow-large': true } })), []);
  });

  it('is judged as a whole where parts of it do not fit its schema', () => {
    const problems = problemsOf({
      fleets: [
        {
          id: 'a-{index}',
          count: 0,
          notifications: [{ name: 'n', parameters: { value: { wlk: 1 }, w: { walk: 1 } } }],
        },
      ],
      trafic: [],
      load: { for: 5 },
    });
    assert.deepEqual(problems.map((problem) => problem.split(' ')[0]).sort(), [
      'fleets[0].count',
      'fleets[0].notifications[0].every',
      'fleets[0].notifications[0].parameters.w.walk',
      'fleets[0].notifications[0].parameters.w.walk',
      'load.for',
      'trafic',
    ]);
  });

  it('has problems where anything else is in its place', () => {
    for (const content of [null, 5, 'x', [], { fleets: 5 }, { fleets: [5] }, { fleets: [{ id: 5 }] }, {}])
      assert.notDeepEqual(problemsOf(content), [], JSON.stringify(content));
  });

  it('does every command at once where it says nothing of commands', () => {
    const [said] = planOf(fleet({ commands: { a: [] } })).fleets;
    assert.deepEqual([...(said?.commands.keys() ?? [])], ['a']);
    const [silent] = planOf(fleet({})).fleets;
    assert.equal(silent?.commands.get('*')?.steps[0]?.status, 'done');
  });
});

describe('the text of a plan', () => {
  const failureOf = async (text: string): Promise<string[]> => {
    try {
      const { content, locate } = await parsePlan(text, 'fleet.yaml');
      const compiled = compilePlan(content, { table: () => 'cannot be read', behaviour: () => undefined });
      assert.ok(compiled.kind === 'problems');
      const { problems = [] } = planFailure('fleet.yaml', compiled.problems, { locate });
      return problems.map(({ at, message }) => `${at} ${message}`);
    } catch (error) {
      if (!(error instanceof Error && 'problems' in error && Array.isArray(error.problems))) throw error;
      return error.problems.map((problem: { at: string; message: string }) => `${problem.at} ${problem.message}`);
    }
  };

  it('leads to line and column of each problem, in order', async () => {
    const problems = await failureOf('fleets:\n  - id: a\n    cuont: 5\n    network: x\nload: { for: 5 }\n');
    assert.deepEqual(problems, [
      'fleet.yaml:3:5: fleets[0].cuont is not known here (did you mean count?)',
      'fleet.yaml:4:5: fleets[0].network must be an integer',
      'fleet.yaml:5:9: load.for must be a duration such as 200ms, 5s or 1m30s',
    ]);
  });

  it('may be JSON', async () => {
    assert.deepEqual(await failureOf('{"fleets": [{"id": "a",\n "count": 0}]}'), [
      'fleet.yaml:2:2: fleets[0].count must be >= 1',
    ]);
  });

  it('is followed through aliases', async () => {
    const problems = await failureOf('fleets:\n  - &one { id: a, count: 0 }\n  - *one\n');
    assert.ok(
      problems.some((problem) => problem.startsWith('fleet.yaml:2:19: fleets[1].count')),
      problems.join('\n'),
    );
  });

  it('is reported with the place where it does not parse', async () => {
    const [problem = ''] = await failureOf('fleets: [\n  {id: a}\n');
    assert.match(problem, /^fleet\.yaml:3:1: cannot be parsed: /);
    assert.match((await failureOf('a: 1\na: 2\n'))[0] ?? '', /^fleet\.yaml:2:1: cannot be parsed: /);
  });

  it('cannot swell by aliases of aliases', async () => {
    const levels = Array.from({ length: 9 }, (_, n) => `a${n + 1}: &a${n + 1} [${Array(9).fill(`*a${n}`).join(', ')}]`);
    await assert.rejects(parsePlan(`a0: &a0 [1]\n${levels.join('\n')}\n`, 'f.yaml'), /aliases|alias/i);
  });
});
