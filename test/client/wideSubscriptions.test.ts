import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { connect, type Connection, type TraceEvent } from '../../src/client/index.ts';
import type { Frame, PushFrame } from '../../src/protocol/frames.ts';
import type { RunningServer, Seed } from '../../src/server/index.ts';
import { embeddedServer } from '../helpers/embeddedServer.ts';
import { fakeServer, jwtWith, refusing } from '../helpers/fakeServer.ts';
import { failureOf } from '../helpers/failures.ts';

/** Network 2 and type 9 beside what a fresh server has, with a user who reaches these alone, one who reaches all types, and one who reaches nothing. */
const seed: Seed = {
  networks: [{ name: 'Hall' }],
  deviceTypes: [{ name: 'Door' }],
  devices: [{ id: 'd1' }, { id: 'door-7', network: 'Hall', deviceType: 'Door' }],
  users: [
    { login: 'ops', password: 'secret1', networks: ['Hall'], deviceTypes: ['Door'] },
    { login: 'all', password: 'secret1', networks: ['Hall'] },
    { login: 'none', password: 'secret1', deviceTypes: ['Door'] },
  ],
};

const allTypes = [1, 2, 3, 4, 5, 6, 7, 8, 9];

/** Returns a connection, and the frames that it has sent since it was authenticated. */
async function open(
  server: RunningServer,
  login: { readonly login: string } | { readonly accessToken: string } | undefined = server,
): Promise<{ connection: Connection; sent: Frame[]; events: string[] }> {
  const sent: Frame[] = [];
  const events: string[] = [];
  const trace = ({ kind, text = '' }: TraceEvent) => {
    if (kind !== 'sent' && kind !== 'received') return;
    const frame = JSON.parse(text) as Frame;
    events.push(`${kind} ${String(frame['action'])}`);
    if (kind === 'sent') sent.push(frame);
  };
  const credentials = 'accessToken' in login ? { accessToken: login.accessToken } : { ...login, password: 'secret1' };
  const connection = await connect({ url: server.url, credentials, trace });
  sent.length = events.length = 0;
  return { connection, sent, events };
}

/** Returns a token of the administrator with other rights. */
async function tokenWith(server: RunningServer, rights: Frame): Promise<string> {
  const { connection } = await open(server);
  const payload = { userId: 1, actions: ['*'], networkIds: ['*'], deviceTypeIds: ['*'], ...rights };
  const { reply } = await connection.request('token/create', { payload });
  await connection.close();
  return String(reply['accessToken']);
}

function subscribes(sent: readonly Frame[]): Frame[] {
  return sent
    .filter(({ action }) => String(action).endsWith('/subscribe'))
    .map(({ requestId: _requestId, ...frame }) => frame);
}

const notify = (connection: Connection, deviceId: string, name: string) =>
  connection.request('notification/insert', { deviceId, notification: { notification: name } });
const nameOf = (push: PushFrame) => (push['notification'] as { notification: string }).notification;

describe('a subscription without a device', () => {
  it('names the device types too where networks are named, once their list has come', async () => {
    await using server = await embeddedServer({ seed });
    const { connection, sent, events } = await open(server);
    await using _connection = connection;
    await connection.subscribe('command/subscribe', { networkIds: [2], names: ['go'] });
    assert.deepEqual(subscribes(sent).at(-1), {
      action: 'command/subscribe',
      networkIds: [2],
      names: ['go'],
      deviceTypeIds: allTypes,
    });
    assert.deepEqual(events.slice(-4), [
      'sent devicetype/list',
      'received devicetype/list',
      'sent command/subscribe',
      'received command/subscribe',
    ]);
  });

  it('names the networks too where device types are named', async () => {
    await using server = await embeddedServer({ seed });
    const { connection, sent } = await open(server);
    await using _connection = connection;
    await connection.subscribe('notification/subscribe', { networkIds: [], deviceTypeIds: [9] });
    const [, own] = subscribes(sent);
    assert.deepEqual(own, { action: 'notification/subscribe', networkIds: [1, 2], deviceTypeIds: [9] });
  });

  it('is sent as it is where it names both, a device, or nothing and the token reaches everything', async () => {
    await using server = await embeddedServer({ seed });
    const { connection, sent } = await open(server);
    await using _connection = connection;
    const requests: Frame[] = [{}, { networkIds: [1], deviceTypeIds: [1] }, { deviceId: 'd1' }];
    for (const fields of requests) await connection.subscribe('command/subscribe', fields);
    assert.deepEqual(
      sent.map(({ requestId: _requestId, ...frame }) => frame),
      requests.map((fields) => ({ action: 'command/subscribe', ...fields })),
    );
  });

  it('names the groups that a client reaches, from lists', async () => {
    await using server = await embeddedServer({ seed });
    for (const [login, fields, deviceTypeIds] of [
      ['ops', {}, [9]],
      ['ops', { networkIds: [2] }, [9]],
      ['all', {}, allTypes],
      ['all', { deviceTypeIds: [1] }, [1]],
    ] as const) {
      const { connection, sent } = await open(server, { login });
      await connection.subscribe('command/subscribe', fields);
      await connection.close();
      assert.deepEqual(subscribes(sent), [{ action: 'command/subscribe', networkIds: [2], deviceTypeIds }], login);
    }
  });

  it('names the ids in a token that may not read the lists', async () => {
    await using server = await embeddedServer({ seed });
    const accessToken = await tokenWith(server, {
      actions: ['GetDeviceCommand'],
      networkIds: ['1', '2'],
      deviceTypeIds: ['2'],
    });
    const { connection, sent } = await open(server, { accessToken });
    await using _connection = connection;
    await connection.subscribe('command/subscribe', {});
    const own = { action: 'command/subscribe', networkIds: [1, 2], deviceTypeIds: [2] };
    assert.deepEqual(subscribes(sent), [own]);
  });

  it('is refused before it is sent where the missing list cannot be known', async () => {
    await using server = await embeddedServer({ seed });
    const accessToken = await tokenWith(server, { actions: ['GetDeviceCommand'] });
    const { connection, sent } = await open(server, { accessToken });
    await using _connection = connection;
    const failure = await failureOf(
      connection.subscribe('command/subscribe', { networkIds: [1] }),
      'auth',
      /command\/subscribe was not sent: .* look up deviceTypeIds .*: devicetype\/list: .*403/,
    );
    assert.match(String(failure.hint), /Name the device types or one device, .*GetDeviceType/);
    assert.deepEqual(
      subscribes(sent).filter(({ action }) => action === 'command/subscribe'),
      [],
    );
  });

  it('is refused before it is sent where the token reaches nothing', async () => {
    await using server = await embeddedServer({ seed });
    const { connection, sent } = await open(server, { login: 'none' });
    await using _connection = connection;
    await failureOf(connection.subscribe('command/subscribe', {}), 'auth', /reaches no network, so there is nothing/);
    assert.deepEqual(subscribes(sent), []);
  });

  it('goes by the token that a session was authenticated with last', async () => {
    await using server = await embeddedServer({ seed });
    const { connection, sent } = await open(server);
    await using _connection = connection;
    const { reply } = await connection.request('token', { login: 'ops', password: 'secret1' });
    await connection.request('authenticate', { token: reply.accessToken });
    await connection.subscribe('command/subscribe', {});
    assert.deepEqual(subscribes(sent), [{ action: 'command/subscribe', networkIds: [2], deviceTypeIds: [9] }]);
  });

  it('is sent as it is over an anonymous session, which may not subscribe', async () => {
    await using server = await fakeServer({ 'command/subscribe': refusing(401, 'Unauthorized') });
    await using connection = await connect({ url: server.url });
    await failureOf(connection.subscribe('command/subscribe', { networkIds: [1] }), 'auth', /Unauthorized/);
    assert.deepEqual(
      server.requests.map(({ action }) => action),
      ['command/subscribe'],
    );
  });

  it('reads long lists in small pages, by id', async () => {
    const more = Array.from({ length: 249 }, (_, index) => ({ name: `t${index}` }));
    await using server = await embeddedServer({ seed: { ...seed, deviceTypes: [{ name: 'Door' }, ...more] } });
    const { connection, sent } = await open(server);
    await using _connection = connection;
    await connection.subscribe('command/subscribe', { networkIds: [2] });
    const lists = sent.filter(({ action }) => action === 'devicetype/list');
    assert.deepEqual(
      lists.map(({ sortField, take, skip }) => [sortField, take, skip]),
      [
        ['id', 20, 0],
        ['id', 40, 20],
        ['id', 80, 60],
        ['id', 160, 140],
      ],
    );
    assert.equal((subscribes(sent).at(-1)?.['deviceTypeIds'] as number[]).length, 258);
  });

  it('reads the lists once more where what they held is gone, and not where they are the same', async () => {
    const lists = [[1, 2], [1]];
    const token = jwtWith({ u: 2, a: [], n: ['1'], dt: ['*'], e: 4e12, t: 1 });
    await using server = await fakeServer({
      'network/list': () => ({ networks: [{ id: 1 }] }),
      'devicetype/list': () => ({ deviceTypes: (lists.shift() ?? [1]).map((id) => ({ id })) }),
      'command/subscribe': ({ deviceTypeIds }) =>
        (deviceTypeIds as number[]).includes(2) ? { status: 'error', code: 403 } : { subscriptionId: 7 },
      'notification/subscribe': refusing(403, 'Access is denied'),
    });
    await using connection = await connect({ url: server.url, credentials: { accessToken: token } });
    await connection.subscribe('command/subscribe', {}, { requestId: 'mine' });
    assert.deepEqual(
      server.sent('command/subscribe').map(({ requestId, deviceTypeIds }) => [requestId, deviceTypeIds]),
      [
        ['mine', [1, 2]],
        ['mine', [1]],
      ],
    );
    await failureOf(connection.subscribe('notification/subscribe', {}), 'auth', /Access is denied/);
    assert.equal(server.sent('notification/subscribe').length, 1);
  });
});

describe('a subscription to networks', () => {
  it('hears of devices of a type that was not there before, and of no other network', async () => {
    await using server = await embeddedServer({ seed });
    const { connection } = await open(server);
    await using _connection = connection;
    await using subscription = await connection.subscribe('notification/subscribe', { networkIds: [2] });
    await using other = (await open(server)).connection;
    const { reply } = await other.request('devicetype/insert', { deviceType: { name: 'Gate' } });
    const { id: deviceTypeId } = reply.deviceType;
    const save = (deviceId: string, networkId: number) =>
      other.request('device/save', { deviceId, device: { name: deviceId, networkId, deviceTypeId } });
    await save('hall', 1);
    await save('gate-1', 2);
    // the reply to a later request comes after the effects of the news
    await until(async () => (await subscriptionsOf(connection)).length === 3);
    await notify(other, 'hall', 'elsewhere');
    await notify(other, 'gate-1', 'new');
    await notify(other, 'door-7', 'old');
    const names: string[] = [];
    for await (const push of subscription) if (names.push(nameOf(push)) === 2) break;
    assert.deepEqual(names, ['new', 'old']);
  });

  it('leaves nothing behind when it is unsubscribed', async () => {
    await using server = await embeddedServer({ seed });
    const { connection } = await open(server);
    await using _connection = connection;
    const subscription = await connection.subscribe('command/subscribe', { networkIds: [2] });
    assert.equal((await subscriptionsOf(connection)).length, 2, 'itself and the news of devices');
    await subscription.unsubscribe();
    assert.deepEqual(await subscriptionsOf(connection), []);
    for await (const push of subscription) assert.fail(JSON.stringify(push));
  });

  it('does without news where the token may not hear notifications', async () => {
    await using server = await embeddedServer({ seed });
    const actions = ['GetDeviceCommand', 'GetDeviceType'];
    const { connection, sent } = await open(server, { accessToken: await tokenWith(server, { actions }) });
    await using _connection = connection;
    await connection.subscribe('command/subscribe', { networkIds: [2] });
    assert.deepEqual(subscribes(sent).at(-1), {
      action: 'command/subscribe',
      networkIds: [2],
      deviceTypeIds: allTypes,
    });
    assert.equal((await subscriptionsOf(connection)).length, 1);
  });
});

async function subscriptionsOf(connection: Connection): Promise<unknown[]> {
  return (await connection.request('subscription/list', {})).reply['subscriptions'];
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setImmediate(resolve));
}
