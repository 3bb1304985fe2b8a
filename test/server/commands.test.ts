import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { world, type Frame, type InMemoryClient } from './inMemory.ts';

function insert(client: InMemoryClient, command: Frame, deviceId = 'd1'): number {
  const reply = client.ask('command/insert', { deviceId, command });
  return (reply?.['command'] as { id: number }).id;
}

function list(client: InMemoryClient, fields: Frame): unknown[] {
  const reply = client.ask('command/list', { deviceId: 'd1', ...fields });
  return (reply?.['commands'] as Frame[]).map(({ command }) => command);
}

describe('retention', () => {
  it('keeps a command for 120 s, whatever its lifetime or timestamp', () => {
    const { admin, clock } = world();
    const id = insert(admin, { command: 'a', lifetime: 5, timestamp: '2020-01-01' });
    clock.advance(119_999);
    assert.equal(admin.outcome('command/get', { deviceId: 'd1', commandId: id }), 'success');
    clock.advance(1);
    const lost = `404 Command with id = ${id} not found`;
    assert.equal(admin.outcome('command/get', { deviceId: 'd1', commandId: id }), lost);
    assert.equal(admin.outcome('command/update', { deviceId: 'd1', commandId: id, command: {} }), 'silence');
  });

  it('starts the 120 s again with each update', () => {
    const { admin, clock } = world();
    const commandId = insert(admin, { command: 'a' });
    clock.advance(100_000);
    admin.ask('command/update', { deviceId: 'd1', commandId, command: {} });
    clock.advance(100_000);
    insert(admin, { command: 'b' });
    assert.equal(admin.outcome('command/get', { deviceId: 'd1', commandId }), 'success');
    clock.advance(20_000);
    insert(admin, { command: 'c' });
    assert.deepEqual(list(admin, { names: ['a', 'b', 'c'] }), ['b', 'c']);
  });

  it('never forgets command 42 of d1', () => {
    const { admin, clock } = world();
    clock.advance(10 * 24 * 3_600_000);
    insert(admin, { command: 'a' });
    const change = { status: 'done' };
    assert.equal(admin.outcome('command/update', { deviceId: 'd1', commandId: 42, command: change }), 'success');
    clock.advance(200_000);
    assert.equal(admin.outcome('command/get', { deviceId: 'd1', commandId: 42 }), 'success');
  });

  it('keeps the commands of a deleted device for one of the same name', () => {
    const { admin } = world();
    insert(admin, { command: 'a' });
    admin.ask('device/delete', { deviceId: 'd1' });
    admin.ask('device/save', { deviceId: 'd1', device: { name: 'again' } });
    assert.deepEqual(list(admin, { command: 'a' }), ['a']);
  });
});

describe('command/update', () => {
  it('checks the command id before the device id, and the device last', () => {
    const { admin } = world();
    assert.equal(admin.outcome('command/update'), '400 Command id is wrong or empty');
    assert.equal(admin.outcome('command/update', { commandId: 1 }), '400 Device id is wrong or empty');
    assert.equal(
      admin.outcome('command/update', { commandId: 1, deviceId: '' }),
      '404 Device with such deviceId =  not found',
    );
    assert.match(admin.outcome('command/update', { commandId: 'x', command: 5 }), /^400 Malformed/);
    assert.match(admin.outcome('command/update', { commandId: 1, command: { result: [1] } }), /^400 'parameters'/);
  });

  it('are in any order for a sort field that every object inherits', () => {
    const { admin } = world();
    for (const sortField of ['__proto__', 'constructor', 'toString', 'hasOwnProperty'])
      for (const action of ['command/list', 'notification/list'])
        assert.equal(admin.outcome(action, { deviceId: 'd1', sortField }), 'success', `${action} ${sortField}`);
  });

  it('takes ids as texts and with fractions', () => {
    const { admin } = world();
    for (const commandId of ['42', 42.9]) {
      assert.equal(admin.outcome('command/update', { deviceId: 'd1', commandId, command: {} }), 'success');
    }
  });

  it('changes status and result only, keeps absent ones, and keeps the spelling of numbers', () => {
    const { admin, clock } = world();
    const id = insert(admin, { command: 'a', parameters: { x: 1 }, lifetime: 9 });
    clock.advance(1000);
    admin.say(
      `{"action":"command/update","deviceId":"d1","commandId":${id},"command":{"result":{"t":1.0},"command":"b","status":5}}`,
    );
    admin.ask('command/update', { deviceId: 'd1', commandId: id, command: { status: null, result: null } });
    const [text] = admin.say(`{"action":"command/get","deviceId":"d1","commandId":${id}}`);
    assert.match(
      text ?? '',
      /"command":"a",.*"lastUpdated":"2026-11-22T22:13:46.123".*"lifetime":9,"status":"5","result":{"t":1.0}}}$/,
    );
  });
});

describe('command/insert', () => {
  it('refuses commands that would stop a real server, and accepts those that it accepts', () => {
    const { admin } = world();
    const blob = (kib: number) => ({ command: 'a', parameters: { blob: 'x'.repeat(kib * 1024) } });
    assert.match(
      admin.outcome('command/insert', { deviceId: 'd1', command: blob(1100) }),
      /^413 a command of \d+ bytes/,
    );
    assert.equal(admin.outcome('command/insert', { deviceId: 'd1', command: blob(1000) }), 'success');
  });

  it('assigns random ids of 31 bits', () => {
    const { admin } = world();
    const ids = Array.from({ length: 50 }, () => insert(admin, { command: 'a' }));
    assert.equal(new Set(ids).size, 50);
    assert.ok(ids.every((id) => id > 0 && id < 2 ** 31));
  });
});

describe('command/list', () => {
  it('sorts, filters and cuts', () => {
    const { admin } = world();
    for (const [command, timestamp, status] of [
      ['b', 3000, 'X'],
      ['a', 1000, null],
      ['c', 2000, 'y'],
    ] as const) {
      insert(admin, { command, timestamp, status });
    }
    const past = { end: 3000 };
    assert.deepEqual(list(admin, past), ['a', 'c', 'b'], 'the oldest first where nothing is said');
    assert.deepEqual(list(admin, { ...past, sortField: 'timestamp' }), ['b', 'c', 'a'], 'descending by default');
    assert.deepEqual(list(admin, { ...past, sortField: 'COMMAND', sortOrder: 'up' }), ['a', 'b', 'c']);
    assert.deepEqual(list(admin, { ...past, sortField: 'status', sortOrder: 'asc' }), ['b', 'c', 'a'], 'null last');
    assert.deepEqual(list(admin, { ...past, status: 'x' }), ['b']);
    assert.equal(list(admin, { ...past, status: ' ' }).length, 3, 'a blank status is none');
    assert.deepEqual(list(admin, { ...past, command: 'a', names: ['b', 'c'] }), ['c', 'b']);
    assert.deepEqual(list(admin, { start: 1000, end: '2000' }), ['a', 'c'], 'both ends count');
    assert.deepEqual(list(admin, { ...past, take: 1, skip: 1 }), ['c']);
    assert.deepEqual(list(admin, { ...past, take: 0 }), []);
    assert.deepEqual(list(admin, { ...past, skip: -5 }), []);
  });

  it('searches several devices, and ignores the name and device that they replace', () => {
    const { admin } = world();
    insert(admin, { command: 'a' });
    assert.deepEqual(list(admin, { deviceIds: ['d1', 'none'], names: ['a'], command: null }), ['a']);
    assert.match(admin.outcome('command/list', { deviceId: 'd1', command: null }), /^500 /);
    const missing = '400 Device id is wrong or empty';
    assert.equal(admin.outcome('command/list', { deviceIds: ['d1'], deviceId: null }), missing);
    assert.equal(admin.outcome('command/list', { deviceIds: ['d1'] }), missing);
    assert.equal(admin.outcome('notification/list', { deviceIds: ['d1', 'none'] }), 'success');
    assert.match(admin.outcome('notification/list', { deviceIds: ['none', 'd1'], deviceId: 'd1' }), /^404 /);
    assert.equal(admin.outcome('notification/list', { deviceIds: [] }), missing);
    assert.equal(admin.outcome('notification/list', { deviceId: null, take: 'x' }), '400 Malformed Json received.');
  });

  it('returns 20 by default', () => {
    const { admin } = world();
    for (let count = 0; count < 25; count++) insert(admin, { command: 'a' });
    assert.equal(list(admin, {}).length, 20);
    assert.equal(list(admin, { take: 100 }).length, 26);
  });
});
