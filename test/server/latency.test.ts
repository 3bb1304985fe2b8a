import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ask, replyTo, restWorld, send, type Listening } from './http.ts';
import { world, type Frame, type InMemoryClient } from './inMemory.ts';

const latencyMs = 100;
const insert = { deviceId: 'd1', command: { command: 'blink' } };

/** Returns what was sent since the last call: pushes by name, replies by action and requestId. */
function heard(client: InMemoryClient): string[] {
  return client.pushes().map((frame) => {
    const name = String(frame['action']);
    return 'status' in frame ? `${name} ${String(frame['requestId'])} ${String(frame['status'])}` : `push ${name}`;
  });
}

function say(client: InMemoryClient, action: string, requestId: number, fields: Frame = {}): void {
  client.ask(action, { ...fields, requestId });
}

/** Polls the server's info until the condition holds. */
async function until(server: Listening, isSo: () => boolean): Promise<void> {
  while (!isSo()) await ask(server, 'GET', '/info');
}

describe('a server with a latency', () => {
  it('replies to async actions when it is over, and to sync ones at once', () => {
    const { admin, clock } = world({ latencyMs });
    const later = [
      'command/list',
      'command/unsubscribe',
      'notification/list',
      'device/list',
      'user/count',
      'network/list',
    ];
    for (const action of [...later, 'user/getDeviceTypes'])
      assert.equal(admin.ask(action, { deviceId: 'd1', userId: 1 }), undefined, action);
    assert.equal(admin.outcome('device/get', { deviceId: 'd1' }), 'success');
    assert.equal(admin.outcome('command/get', { deviceId: 'd1', commandId: 42 }), 'success');
    clock.advance(latencyMs - 1);
    assert.deepEqual(heard(admin), []);
    clock.advance(1);
    assert.deepEqual(
      heard(admin),
      [...later, 'user/getDeviceTypes'].map((action) => `${action} 7 success`),
    );
  });

  it('lists the device types of a user with assigned ones at once', () => {
    const { admin } = world({ latencyMs });
    admin.ask('user/disallowAllDeviceTypes', { userId: 1 });
    assert.equal(admin.outcome('user/getDeviceTypes', { userId: 1 }), 'success');
  });

  it('refuses at once, as the half that knows', () => {
    const { admin, stranger } = world({ latencyMs });
    assert.equal(stranger().outcome('device/list'), '401 Unauthorized');
    assert.match(admin.outcome('command/insert', { ...insert, deviceId: 'none' }), /^404 /);
    assert.equal(admin.outcome('device/list', { sortField: 'none' }), '400 Invalid request parameters');
  });

  it('pushes as late, before the reply of an insert and after that of an update', () => {
    const { admin, clock } = world({ latencyMs });
    say(admin, 'command/subscribe', 1, { deviceId: 'd1' });
    say(admin, 'command/subscribe', 2, { deviceId: 'd1', returnUpdatedCommands: true });
    say(admin, 'command/insert', 3, insert);
    say(admin, 'command/update', 4, { deviceId: 'd1', commandId: 42, command: { status: 'done' } });
    clock.advance(latencyMs);
    assert.deepEqual(heard(admin), [
      'command/subscribe 1 success',
      'command/subscribe 2 success',
      'push command/insert',
      'command/insert 3 success',
      'command/update 4 success',
      'push command/update',
    ]);
  });

  it('pushes the effects of a sync action after its reply, and large pushes and replays as late as others', () => {
    const { admin, clock } = world({ latencyMs });
    say(admin, 'notification/subscribe', 1);
    say(admin, 'device/save', 2, { deviceId: 'd2', device: { name: 'd2', networkId: 1, deviceTypeId: 1 } });
    assert.equal(admin.outcome('device/get', { deviceId: 'd2' }), 'success');
    const parameters = { text: 'x'.repeat(20_000) };
    say(admin, 'notification/insert', 3, { deviceId: 'd1', notification: { notification: 'big', parameters } });
    say(admin, 'command/subscribe', 4, { deviceId: 'd1', timestamp: '2000-01-01' });
    assert.deepEqual(heard(admin), []);
    clock.advance(latencyMs);
    assert.deepEqual(heard(admin), [
      'notification/subscribe 1 success',
      'push notification/insert',
      'push notification/insert',
      'notification/insert 3 success',
      'command/subscribe 4 success',
      'push command/insert',
    ]);
  });

  it('delays every twentieth reply by half as much again, but never that of a subscribe', () => {
    const { admin, clock } = world({ latencyMs });
    for (let id = 1; id <= 40; id++) say(admin, 'command/insert', id, insert);
    clock.advance(latencyMs);
    const inTime = heard(admin).map((reply) => Number(reply.split(' ')[1]));
    assert.deepEqual(
      inTime,
      Array.from({ length: 40 }, (_, index) => index + 1).filter((id) => id % 20 !== 0),
    );
    clock.advance(latencyMs / 2);
    assert.deepEqual(heard(admin), ['command/insert 20 success', 'command/insert 40 success']);
    for (let id = 1; id <= 40; id++) say(admin, 'command/subscribe', id, { deviceId: 'd1' });
    clock.advance(latencyMs);
    assert.equal(heard(admin).length, 40);
  });

  it('says nothing to a session that has ended meanwhile', () => {
    const { admin, holder, clock } = world({ latencyMs });
    const other = holder();
    say(other, 'command/subscribe', 1);
    say(other, 'device/count', 2);
    say(admin, 'command/insert', 3, insert);
    other.session.end();
    clock.advance(latencyMs);
    assert.deepEqual(heard(other), []);
    assert.deepEqual(heard(admin), ['command/insert 3 success']);
  });

  it('delays nothing without one', () => {
    const { admin, clock } = world();
    assert.equal(admin.outcome('command/insert', insert), 'success');
    assert.equal(clock.pending, 0);
  });
});

describe('a server with a latency, over REST', () => {
  it('delays answers that come over the bus, and sends the rest at once', async () => {
    await using server = await restWorld({ latencyMs });
    assert.equal((await ask(server, 'GET', '/device/d1', server)).status, 200);
    assert.equal((await ask(server, 'GET', '/device/none/command', server)).status, 404);
    const before = server.clock.pending;
    const reply = replyTo(send(server, 'POST', '/device/d1/command', { token: server.token, body: insert.command }));
    await until(server, () => server.clock.pending > before);
    server.clock.advance(latencyMs);
    assert.equal((await reply).status, 201);
  });

  it('lets a poll without a wait listen for so long, and then answers as late as others', async () => {
    await using server = await restWorld({ latencyMs });
    const path = '/device/d1/command/poll?waitTimeout=0';
    const heardOf = async (act: () => void) => {
      const before = server.clock.pending;
      const reply = replyTo(send(server, 'GET', path, server));
      await until(server, () => server.clock.pending > before);
      act();
      server.clock.advance(latencyMs);
      return ((await reply).body as Frame[]).map(({ command }) => command);
    };
    const inserting = () => {
      server.clock.advance(latencyMs - 1);
      say(server.admin, 'command/insert', 1, insert);
    };
    assert.deepEqual(await heardOf(inserting), ['blink']);
    assert.deepEqual(await heardOf(() => undefined), []);
  });
});
