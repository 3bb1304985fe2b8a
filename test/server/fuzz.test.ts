import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { actions } from '../../src/server/actions.ts';
import { random } from '../fuzz/random.ts';
import { world, type Frame } from './inMemory.ts';

const fieldNames = [
  ...[
    'deviceId',
    'commandId',
    'command',
    'networkId',
    'network',
    'networkIds',
    'deviceTypeId',
    'deviceType',
    'deviceTypeIds',
  ],
  ...[
    'userId',
    'user',
    'names',
    'timestamp',
    'limit',
    'take',
    'skip',
    'sortField',
    'sortOrder',
    'start',
    'end',
    'deviceIds',
    'device',
  ],
  ...[
    'notification',
    'notificationId',
    'name',
    'namePattern',
    'value',
    'login',
    'password',
    'payload',
    'refreshToken',
    'subscriptionId',
    'force',
  ],
];

const values: readonly unknown[] = [
  ...[
    null,
    true,
    false,
    0,
    1,
    -1,
    1.5,
    42,
    1e21,
    'd1',
    '',
    ' ',
    '1',
    'é✓',
    '%',
    'timestamp',
    '2024-01-01',
    {},
    [],
    [1],
    ['d1'],
    [null],
    [{}],
  ],
  ...[
    { command: 'a' },
    { notification: 'n' },
    { name: 'x' },
    { login: 'someone', password: 'secret-123', role: 1 },
    { userId: 1 },
    { status: {} },
  ],
];

describe('requests that make no sense', () => {
  it('never meet an unexpected error, and their replies have the shape of replies', () => {
    const { pick, below } = random(1);
    const { admin, log, holder } = world();
    const restricted = holder({ n: ['1'], dt: null });
    for (let round = 0; round < 4_000; round++) {
      const action = pick(Object.keys(actions));
      const fields: Record<string, unknown> = {};
      for (let count = below(5); count > 0; count--) fields[pick(fieldNames)] = pick(values);
      const reply: Frame | undefined = pick([admin, restricted]).ask(action, fields);
      if (reply === undefined) continue;
      assert.equal(reply['action'], action);
      if (reply['status'] === 'error')
        assert.deepEqual(Object.keys(reply), ['action', 'requestId', 'code', 'status', 'error']);
    }
    assert.deepEqual(
      log.filter(({ level }) => level === 'error'),
      [],
    );
  });

  it('may be cut off anywhere', () => {
    const { admin, log } = world();
    const text =
      '{"action":"command/update","requestId":1.0,"deviceId":\'d1\',"commandId":42,"command":{"status":"\\u00e9"}}';
    for (let end = 0; end < text.length; end++) assert.match(admin.say(text.slice(0, end))[0] ?? '', /Malformed Json/);
    assert.equal(admin.say(text).length, 1);
    assert.deepEqual(log, []);
  });
});
