import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Frame } from '../../../../../src/protocol/frames.ts';
import type { Answer } from '../../../../helpers/fakeServer.ts';
import { received, sent, type Entry } from '../../../../helpers/traces.ts';
import { played, reply } from './played.ts';

const refusal: Answer = () => ({ status: 'error', code: 403, error: 'Access is denied' });

/** Returns a request and its success reply. */
function exchange(requestId: number, request: Frame & { readonly action: string }, fields: Frame = {}, connection = 1) {
  return [sent({ requestId, ...request }, connection), reply(requestId, request.action, fields, connection)];
}

/** Returns an `authenticate` with its reply; with `userId` the recording says whose token it carries. */
function login(requestId: number, userId?: number, connection = 1): Entry[] {
  const [request, answer] = exchange(requestId, { action: 'authenticate', token: '***' }, {}, connection);
  const bearer = userId === undefined ? {} : { bearer: { userId, actions: [0], networks: ['*'], deviceTypes: ['*'] } };
  return [{ ...(request as Entry), ...bearer }, answer as Entry];
}

const at = '2026-11-22T22:13:45.123';
const actionsOf = (requests: readonly Frame[]) => requests.map(({ action }) => action);

describe('a replay of lists', () => {
  it('asks for one item more than the recording got, not for all that a larger server holds', async () => {
    const devices = Array.from({ length: 30 }, (_, index) => ({ id: `d-${index}` }));
    const entries = [
      ...exchange(1, { action: 'device/list', take: 10_000 }, { devices }),
      ...exchange(2, { action: 'device/list', take: 5 }, { devices: devices.slice(0, 5) }),
      ...exchange(3, { action: 'command/subscribe', deviceId: 'd', limit: 10_000 }, { subscriptionId: 7 }),
    ];
    const { requests } = await played(entries, {
      'device/list': () => ({ devices }),
      'command/subscribe': () => ({ subscriptionId: 8 }),
    });
    assert.deepEqual(
      requests.map(({ take, limit }) => take ?? limit),
      [20, 31, 31, 5, 20],
    );
  });

  it('asks for no more than this server bears, however light the items of the recording were', async () => {
    const light = Array.from({ length: 100 }, (_, index) => ({ id: index + 1 }));
    const commands = light.map(({ id }) => ({ id, parameters: 'x'.repeat(12_000) }));
    const some: Answer = ({ take }) => ({ commands: commands.slice(0, Number(take)) });
    const entries = [
      ...exchange(1, { action: 'command/list', deviceId: 'd', take: 100 }, { commands: light }),
      ...exchange(2, { action: 'command/subscribe', deviceId: 'd', timestamp: at, limit: 100 }, { subscriptionId: 7 }),
      ...light.map((command) => received({ action: 'command/insert', command, subscriptionId: 7 })),
    ];
    const { requests } = await played(
      entries,
      { 'command/list': some, 'command/subscribe': () => ({ subscriptionId: 8 }) },
      { timeoutMs: 100 },
    );
    const asked = requests.map(({ take, limit }) => Number(take ?? limit));
    assert.deepEqual(asked, [20, 40, 42, 42, 20, 40, 42, 42]);
  });

  it('subscribes to no notifications whose past is more than this server bears', async () => {
    const notifications = Array.from({ length: 100 }, (_, id) => ({ id, parameters: 'x'.repeat(12_000) }));
    const some: Answer = ({ take }) => ({ notifications: notifications.slice(0, Number(take)) });
    const subscribe = { action: 'notification/subscribe', deviceId: 'd', timestamp: at };
    const script = { 'notification/list': some, 'notification/subscribe': () => ({ subscriptionId: 8 }) };
    const heavy = await played(exchange(1, subscribe, { subscriptionId: 7 }), script);
    assert.deepEqual(heavy.told, ['skipped notification/subscribe']);
    assert.match(heavy.findings[0]?.reason ?? '', /more than the message bus of this server carries/);
    notifications.length = 30;
    const light = await played(exchange(1, subscribe, { subscriptionId: 7 }), script);
    assert.deepEqual(light.told, ['agrees notification/subscribe']);
  });
});

describe('a replay whose replies differ', () => {
  it('binds nothing from such a reply', async () => {
    const entries = [
      ...exchange(1, { action: 'user/getCurrent' }, { current: { id: 5, login: 'other' } }),
      ...exchange(2, { action: 'user/get', userId: 5 }, { user: { id: 5 } }),
    ];
    const { told, requests } = await played(entries, {
      'user/getCurrent': () => ({ current: { id: 1, login: 'dhadmin' } }),
    });
    assert.deepEqual(told, ['differs user/getCurrent', 'skipped user/get']);
    assert.deepEqual(actionsOf(requests), ['user/getCurrent']);
  });

  it('binds of a list what both servers have: by name, by login, or by being the same', async () => {
    const network = (id: number, name: string, description: string | null = null) => ({ id, name, description });
    const command = (id: number, name: string) => ({ id, command: name, timestamp: at });
    const entries = [
      ...exchange(1, { action: 'network/list' }, { networks: [network(1, 'a'), network(5, 'b'), network(6, 'c')] }),
      ...exchange(
        2,
        { action: 'user/list' },
        {
          users: [
            { id: 3, login: 'one' },
            { id: 4, login: 'two' },
          ],
        },
      ),
      ...exchange(
        3,
        { action: 'command/list', deviceId: 'd' },
        { commands: [command(10, 'x'), command(11, 'x'), command(12, 'y')] },
      ),
      ...[1, 5, 6].flatMap((networkId, index) =>
        exchange(10 + index, { action: 'network/get', networkId }, { network: { id: networkId } }),
      ),
      ...[3, 4].flatMap((userId, index) =>
        exchange(20 + index, { action: 'user/get', userId }, { user: { id: userId } }),
      ),
      ...[10, 11, 12].flatMap((commandId, index) =>
        exchange(30 + index, { action: 'command/update', deviceId: 'd', commandId, command: {} }),
      ),
    ];
    const { requests } = await played(entries, {
      'network/list': () => ({ networks: [network(7, 'd'), network(9, 'b', 'another'), network(1, 'a')] }),
      'user/list': () => ({ users: [{ id: 4, login: 'one' }] }),
      'command/list': () => ({ commands: [command(21, 'x'), command(20, 'x'), command(11, 'x'), command(22, 'y')] }),
    });
    const ids = (action: string, field: string) =>
      requests.filter((request) => request['action'] === action).map((request) => request[field]);
    assert.deepEqual(ids('network/get', 'networkId'), [1, 9]);
    assert.deepEqual(ids('user/get', 'userId'), [4]);
    assert.deepEqual(ids('command/update', 'commandId'), [11, 22]);
  });

  it('does not crash over texts that look like ids', async () => {
    const error =
      'There are the following devices within this device type: lamp-89. Please review and delete them first.';
    const refused = { status: 'error', code: 400, error };
    const entries = [
      ...exchange(1, { action: 'devicetype/list' }, { deviceTypes: [{ id: 89, name: 'Lamps' }] }),
      sent({ action: 'devicetype/delete', requestId: 2, deviceTypeId: 88 }),
      received({ action: 'devicetype/delete', requestId: 2, ...refused }),
      sent({ action: 'device/delete', requestId: 4, deviceId: 'd' }),
      received({ action: 'device/delete', requestId: 4, ...refused, error: 'Device type with id = 89 not found' }),
      ...exchange(
        3,
        { action: 'command/list', deviceId: 'd' },
        { commands: [{ parameters: { deviceTypeId: '90', text: 'Command with id = 7' } }] },
      ),
    ];
    const { told } = await played(entries, {
      'devicetype/list': () => ({ deviceTypes: [] }),
      'devicetype/delete': () => refused,
      'device/delete': () => ({ ...refused, error: 'Device type with id = 90 not found' }),
      'command/list': () => ({ commands: [{ parameters: { deviceTypeId: 'none', text: 'Command with id = 8' } }] }),
    });
    assert.deepEqual(told, [
      'differs devicetype/list',
      'agrees devicetype/delete',
      'agrees device/delete',
      'differs command/list',
    ]);
  });
});

describe('a replay that leaves something out', () => {
  const hidden = { action: 'device/save', deviceId: 'lamp', device: { name: 'Lamp', data: { password: '***' } } };

  it('leaves out what depends on it: a device, inserted messages, and their pushes', async () => {
    const push = { action: 'command/insert', subscriptionId: 5, command: { id: 10, deviceId: 'd1' } };
    const updated = {
      action: 'command/update',
      subscriptionId: 5,
      command: { id: 42, deviceId: 'd1', status: 'done' },
    };
    const entries = [
      ...exchange(1, { action: 'command/subscribe', deviceId: 'd1' }, { subscriptionId: 5 }),
      ...exchange(2, hidden),
      ...exchange(3, { action: 'device/delete', deviceId: 'lamp' }),
      sent({ action: 'command/insert', requestId: 4, deviceId: 'd1', command: { command: '***' } }),
      received(push),
      reply(4, 'command/insert', { command: { id: 10 } }),
      ...exchange(5, { action: 'command/update', deviceId: 'd1', commandId: 10, command: {} }),
      ...exchange(6, { action: 'command/list', deviceId: 'd1' }, { commands: [{ id: 10 }] }),
      ...exchange(7, { action: 'command/update', deviceId: 'd1', commandId: 42, command: { result: { text: '***' } } }),
      received(updated),
      ...exchange(8, { action: 'device/count' }, { count: 2 }),
      ...exchange(9, { action: 'device/save', deviceId: 'lamp', device: { name: 'Lamp' } }),
      ...exchange(10, { action: 'device/get', deviceId: 'lamp' }),
    ];
    const { told, requests, findings } = await played(entries, {
      'command/subscribe': () => ({ subscriptionId: 6 }),
      'command/list': () => ({ commands: [] }),
      'device/count': () => ({ count: 1 }),
    });
    assert.deepEqual(told, [
      'agrees command/subscribe',
      'skipped device/save',
      'skipped device/delete',
      'skipped command/insert',
      'skipped push command/insert',
      'skipped command/update',
      'skipped command/list',
      'skipped command/update',
      'skipped push command/update',
      'skipped device/count',
      'agrees device/save',
      'agrees device/get',
    ]);
    assert.deepEqual(actionsOf(requests), [
      'command/subscribe',
      'command/list',
      'device/count',
      'device/save',
      'device/get',
    ]);
    assert.equal(findings[2]?.reason, 'device lamp is not as it was in the recording');
  });

  it('leaves a device alone that it could not save', async () => {
    const save = { action: 'device/save', deviceId: 'lamp', device: { name: 'Lamp' } };
    const entries = [...exchange(1, save), ...exchange(2, { action: 'device/delete', deviceId: 'lamp' })];
    const { told } = await played(entries, { 'device/save': refusal });
    assert.deepEqual(told, ['differs device/save', 'skipped device/delete']);
  });
});

describe('a replay of a recording of several users', () => {
  const remove = (requestId: number, deviceId: string, connection = 1) =>
    exchange(requestId, { action: 'device/delete', deviceId }, {}, connection);

  it('skips the sessions of other users, for as long as they last', async () => {
    const entries = [
      ...login(1, 1),
      ...remove(2, 'a'),
      ...login(3, 2),
      ...remove(4, 'b'),
      ...login(5, 1),
      ...remove(6, 'c'),
    ];
    const { told, requests, findings } = await played(entries, {});
    assert.deepEqual(told, ['agrees device/delete', 'skipped device/delete', 'agrees device/delete']);
    assert.match(findings[1]?.reason ?? '', /logged in as somebody else/);
    assert.deepEqual(requests, [
      { action: 'authenticate', token: 'mine' },
      { action: 'device/delete', deviceId: 'a' },
      { action: 'device/delete', deviceId: 'c' },
    ]);
  });

  it('assumes another user where the recording does not say, once it holds a token of another user', async () => {
    const second = { kind: 'opened' as const, connection: 2 };
    const third = { kind: 'opened' as const, connection: 3 };
    const token = (requestId: number, fields: Frame) =>
      exchange(requestId, fields as Frame & { readonly action: string }, { accessToken: '***' });
    for (const foreign of [
      token(3, { action: 'token/create', payload: { userId: 1 } }),
      token(3, { action: 'token', login: 'you', password: '***' }),
    ]) {
      const entries = [
        ...[...token(1, { action: 'token', login: 'me', password: '***' }), ...login(2)],
        ...[second, ...login(1, undefined, 2), ...remove(2, 'a', 2)],
        ...[...foreign, third, ...login(1, undefined, 3), ...remove(2, 'b', 3)],
        ...remove(9, 'c'),
      ];
      const { told } = await played(entries, { 'token/create': () => ({ accessToken: 'new' }) });
      assert.deepEqual(
        told.filter((text) => text.includes('device')),
        ['agrees device/delete', 'skipped device/delete', 'agrees device/delete'],
      );
    }
  });

  it('assumes another user at a second login on a connection, unless a fresh token came first', async () => {
    const refresh = exchange(8, { action: 'token/refresh', refreshToken: '***' }, { accessToken: '***' });
    const again = await played([...login(1), ...refresh, ...login(2), ...remove(3, 'a')], {});
    assert.deepEqual(again.told, ['skipped token/refresh', 'agrees device/delete']);
    const other = await played([...login(1), ...login(2), ...remove(3, 'a')], {});
    assert.deepEqual(other.told, ['skipped device/delete']);
  });

  it('is anonymous as long as the recording was, and where a login failed', async () => {
    const failed = received({
      action: 'authenticate',
      requestId: 2,
      status: 'error',
      code: 401,
      error: 'Invalid credentials',
    });
    const entries = [
      ...[...remove(1, 'a'), sent({ action: 'authenticate', requestId: 2, token: '***' }), failed, ...remove(3, 'b')],
      ...[...login(4), ...remove(5, 'c')],
    ];
    const { requests } = await played(entries, {});
    assert.deepEqual(requests, [
      { action: 'device/delete', deviceId: 'a' },
      { action: 'device/delete', deviceId: 'b' },
      { action: 'authenticate', token: 'mine' },
      { action: 'device/delete', deviceId: 'c' },
    ]);
  });

  it('never changes the user of the token in force, whatever its id was', async () => {
    const change = (requestId: number, action: string, userId?: unknown) =>
      exchange(requestId, { action, ...(userId === undefined ? {} : { userId }), user: {} });
    const entries = [
      ...login(1, 5),
      ...[...change(2, 'user/update', 5), ...change(3, 'user/delete', 5), ...change(4, 'user/updateCurrent')],
      ...[...change(5, 'user/update', 1), ...change(6, 'user/update', '1'), ...change(7, 'user/delete', 1.5)],
      ...[...change(8, 'user/unassignNetwork', 1), ...change(9, 'user/update', 1e300), ...change(10, 'user/delete', 2)],
      ...exchange(11, { action: 'user/getCurrent' }),
      ...exchange(12, { action: 'user/get', userId: 3 }),
    ];
    const { requests } = await played(entries, {}, { ownUserId: 1 });
    assert.deepEqual(requests.slice(1), [
      { action: 'user/delete', userId: 2, user: {} },
      { action: 'user/get', userId: 3 },
    ]);
    const unknown = await played(entries, {}, { ownUserId: undefined });
    assert.deepEqual(actionsOf(unknown.requests), ['authenticate', 'user/get']);
  });
});

describe('a replay over several connections', () => {
  it('sends requests that may freeze a server alone, and nothing until they are answered', async () => {
    const entries = [
      { kind: 'opened' as const, connection: 2 },
      sent({ action: 'device/list', requestId: 1 }),
      sent({ action: 'command/get', requestId: 1, deviceId: 'd1', commandId: 1 }, 2),
      sent({ action: 'device/count', requestId: 2 }),
      ...[reply(1, 'device/list'), reply(1, 'command/get', {}, 2), reply(2, 'device/count')],
    ];
    const order: string[] = [];
    const later: Answer = ({ action, requestId }, peer) => {
      order.push(`> ${action}`);
      setTimeout(() => {
        order.push(`< ${action}`);
        peer.send({ action, requestId, status: 'success' });
      }, 20);
      return undefined;
    };
    await played(entries, { 'device/list': later, 'command/get': later, 'device/count': later });
    const each = ['device/list', 'command/get', 'device/count'];
    assert.deepEqual(
      order,
      each.flatMap((action) => [`> ${action}`, `< ${action}`]),
    );
  });

  it('uses an id of the recording again while the first with it is unanswered', async () => {
    const update = (commandId: number) => sent({ action: 'command/update', requestId: 'x', deviceId: 'd1', commandId });
    const entries = [update(1), update(2), received({ action: 'command/update', requestId: 'x', status: 'success' })];
    const { told } = await played(
      entries,
      { 'command/update': ({ commandId }) => (commandId === 1 ? undefined : {}) },
      { timeoutMs: 500 },
    );
    assert.deepEqual(told, ['skipped command/update', 'agrees command/update']);
  });
});
