import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { schemaOf, type ActionName } from '../../src/protocol/schema.ts';
import { problemsOf, schemaAt, unknownFields } from '../../src/protocol/validation.ts';

/** Returns the problems of a payload as sentences. */
function told(action: ActionName, payload: unknown): string[] {
  return problemsOf(action, payload).map(({ at, message }) => `${at} ${message}`.trim());
}

describe('a valid payload', () => {
  it('has no problem', () => {
    assert.deepEqual(told('command/update', { deviceId: 'd1', commandId: 42, command: { status: 'done' } }), []);
    assert.deepEqual(told('server/info', {}), []);
  });

  it('may hold unknown fields', () => {
    assert.deepEqual(told('server/info', { later: 1 }), []);
  });
});

describe('a time in a payload', () => {
  const list = (start: unknown) => told('command/list', { deviceId: 'd1', start });

  for (const seconds of [1764560000, '1764560000', '1764560000.25', 100000000, '99999999999'])
    it(`is refused where it looks like seconds since 1970: ${JSON.stringify(seconds)}`, () => {
      const problem = 'start looks like seconds since 1970, and DeviceHive counts milliseconds: $(date +%s%3N)';
      assert.deepEqual(list(seconds), [problem]);
    });

  for (const time of [0, -1, 1764560000123, '1764560000123', '2026-12-01T03:33:20', 86_400_000])
    it(`may be ${JSON.stringify(time)}`, () => assert.deepEqual(list(time), []));
});

describe('the problems of a payload', () => {
  it('are reported all at once', () => {
    assert.deepEqual(
      told('command/update', { deviceId: '', commandId: 0, command: { status: 1, result: [] } }).sort(),
      [
        'command.result must be a JSON object',
        'command.status must be a string',
        'commandId must be >= 1',
        'deviceId must not be empty',
      ],
    );
  });

  it('name every missing field', () => {
    const problems = problemsOf('command/update', {});
    assert.deepEqual(
      problems.map(({ at, message, missing }) => [at, message, missing]),
      [
        ['deviceId', 'is required', true],
        ['commandId', 'is required', true],
        ['command', 'is required', true],
      ],
    );
  });

  it('name a missing field by its whole path', () => {
    const [problem] = problemsOf('command/insert', { deviceId: 'd1', command: {} });
    assert.deepEqual(problem, {
      at: 'command.command',
      path: ['command', 'command'],
      message: 'is required',
      missing: true,
    });
  });

  it('report alternatives once, however many there are', () => {
    assert.deepEqual(told('command/update', { deviceId: 'd1', commandId: 1, command: {} }), [
      'command needs at least one of status, result',
    ]);
    assert.deepEqual(told('user/update', { userId: 1, user: {} }), [
      'user needs at least one of login, password, role, status, data, introReviewed',
    ]);
  });

  it('count missing alternatives as missing', () => {
    const [problem] = problemsOf('command/update', { deviceId: 'd1', commandId: 1, command: {} });
    assert.deepEqual(problem?.path, ['command']);
    assert.equal(problem.missing, true);
  });

  it('do not count a wrong value as missing', () => {
    const [problem] = problemsOf('command/get', { deviceId: 'd1', commandId: 'x' });
    assert.equal(problem?.missing, false);
  });

  it('have no duplicates', () => {
    const problems = told('token/create', { payload: { userId: 0, actions: ['x', 'x'], networkIds: ['x'] } });
    assert.deepEqual([...new Set(problems)], problems);
  });

  it('lead into lists by their index', () => {
    const [problem] = problemsOf('command/subscribe', { networkIds: [1, 'x', 3] });
    assert.deepEqual(problem, {
      at: 'networkIds.1',
      path: ['networkIds', '1'],
      message: 'must be an integer',
      missing: false,
    });
  });
});

describe('the wording', () => {
  const cases: readonly (readonly [string, ActionName, unknown, string])[] = [
    ['a wrong type', 'command/get', { deviceId: 1, commandId: 1 }, 'deviceId must be a string'],
    ['a vowel', 'command/get', { deviceId: 'd1', commandId: '1' }, 'commandId must be an integer'],
    ['null', 'command/get', { deviceId: null, commandId: 1 }, 'deviceId must be a string'],
    ['a fraction', 'command/get', { deviceId: 'd1', commandId: 1.5 }, 'commandId must be an integer'],
    ['an object', 'command/insert', { deviceId: 'd1', command: 'x' }, 'command must be a JSON object'],
    ['a list', 'command/subscribe', { names: 'x' }, 'names must be an array'],
    ['a boolean', 'command/subscribe', { returnUpdatedCommands: 'x' }, 'returnUpdatedCommands must be a boolean'],
    ['a lower bound', 'device/list', { take: -1 }, 'take must be >= 0'],
    ['an upper bound', 'device/list', { take: 2 ** 31 }, 'take must be <= 2147483647'],
    ['choices', 'device/list', { sortField: 'x' }, 'sortField must be one of name, network'],
    ['choices of numbers', 'user/update', { userId: 1, user: { role: 7 } }, 'user.role must be one of 0, 1'],
    ['an empty text', 'token', { login: '', password: 'x' }, 'login must not be empty'],
    [
      'a hint instead of a pattern',
      'command/list',
      { deviceId: 'd1', start: 'soon' },
      'start must be a time such as 2026-11-22T22:13:45.123Z, or milliseconds since 1970',
    ],
    [
      'a hint for a device id',
      'device/save',
      { deviceId: 'a b', device: { name: 'x' } },
      'deviceId must be letters, digits and dashes, at most 48',
    ],
  ];
  for (const [what, action, payload, sentence] of cases) {
    it(`of ${what}: ${sentence}`, () => {
      assert.deepEqual(told(action, payload), [sentence]);
    });
  }

  it('of a payload that is not an object', () => {
    assert.deepEqual(told('server/info', []), ['must be a JSON object']);
  });

  it('never shows a regular expression', () => {
    const bad = told('token/create', { payload: { userId: 1, actions: ['?'], networkIds: ['?'], expiration: '?' } });
    assert.equal(bad.length, 3);
    for (const sentence of bad) assert.doesNotMatch(sentence, /\^|\$$|pattern/);
  });

  it('counts characters, not code units', () => {
    const name = (length: number) => ({ deviceId: 'd1', device: { name: '😀'.repeat(length) } });
    assert.deepEqual(told('device/save', name(128)), []);
    assert.equal(told('device/save', name(129)).length, 1);
  });
});

describe('unknown fields', () => {
  it('are reported with a suggestion', () => {
    assert.deepEqual(unknownFields('command/update', { devicId: 'd1' }), [
      {
        at: 'devicId',
        path: ['devicId'],
        message: 'is not a field of this action (did you mean deviceId?)',
        missing: false,
      },
    ]);
  });

  it('are reported without one where none is similar', () => {
    assert.equal(unknownFields('command/update', { colour: 1 })[0]?.message, 'is not a field of this action');
  });

  it('are found in nested objects', () => {
    const [problem] = unknownFields('command/update', { command: { stauts: 'done' } });
    assert.equal(problem?.at, 'command.stauts');
    assert.match(problem.message, /did you mean status\?/);
  });

  it('may be anything in free-form objects', () => {
    assert.deepEqual(unknownFields('command/update', { command: { result: { anything: { goes: 1 } } } }), []);
  });

  it('are all reported', () => {
    assert.equal(unknownFields('server/info', { a: 1, b: 2 }).length, 2);
  });

  it('are not mistaken for inherited properties', () => {
    assert.equal(unknownFields('server/info', { constructor: 1, toString: 2 }).length, 2);
  });
});

describe('the schema of a field', () => {
  it('is found by its path, through lists too', () => {
    assert.equal(schemaAt(schemaOf('command/update'), ['command', 'status'])?.type, 'string');
    assert.equal(schemaAt(schemaOf('command/subscribe'), ['networkIds', '0'])?.type, 'integer');
    assert.equal(schemaAt(schemaOf('command/update'), ['none']), undefined);
  });
});
