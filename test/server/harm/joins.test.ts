import assert from 'node:assert/strict';
import { Agent } from 'node:http';
import { describe, it } from 'node:test';
import { ask, outcome, restWorld } from '../http.ts';
import { world, type InMemoryClient } from '../inMemory.ts';
import { harmsOf } from './harmsOf.ts';

function list(client: InMemoryClient): void {
  assert.equal(client.outcome('device/list'), 'success');
}

function get(client: InMemoryClient): string {
  return client.outcome('command/get', { deviceId: 'd1', commandId: 42 });
}

const subscribe = (client: InMemoryClient, fields: object = {}) =>
  client.outcome('command/subscribe', fields as Record<string, unknown>);

describe('command/get', () => {
  it('does harm while replies are due to two sessions, its own included, and is answered all the same', () => {
    const inside = world();
    const { admin, holder } = inside;
    list(admin);
    list(holder());
    assert.equal(get(admin), 'success');
    assert.deepEqual(harmsOf(inside), ['joining command/get 1']);
    const { message } = inside.hive.harms.list()[0] ?? { message: '' };
    assert.match(message, /^a real DeviceHive would have stopped here: command\/get waits inside an I\/O thread/);
    assert.match(message, /can freeze a frontend \(seen with 2 processors\); send command\/list instead$/);
    assert.deepEqual(inside.log.at(-1), { level: 'warn', message, harm: 'joining', section: 'PROTOCOL.md 7, Q41' });
  });

  it('does none beside one session, however many requests, nor 30 ms after the last of two', () => {
    const inside = world();
    const { admin, holder, clock } = inside;
    const other = holder();
    for (let count = 0; count < 20; count++) list(other);
    assert.equal(get(admin), 'success');
    list(admin);
    clock.advance(30);
    assert.equal(get(admin), 'success');
    assert.equal(get(other), 'success');
    assert.deepEqual(harmsOf(inside), []);
  });

  it('does harm where replies fall due within the 30 ms that it lasts, and is counted once', () => {
    const inside = world();
    const { admin, holder, clock } = inside;
    const [one, two, three] = [holder(), holder(), holder()];
    get(admin);
    clock.advance(29);
    list(one);
    assert.deepEqual(harmsOf(inside), []);
    list(two);
    list(three);
    assert.deepEqual(harmsOf(inside), ['joining command/get 1']);
    get(admin);
    assert.deepEqual(harmsOf(inside), ['joining command/get 2']);
  });

  it('is not affected by later requests of its own session, which are not read yet', () => {
    const inside = world();
    const { admin, holder } = inside;
    get(admin);
    list(admin);
    list(holder());
    assert.deepEqual(harmsOf(inside), []);
  });

  it('does harm beside two sessions that only receive pushes', () => {
    const inside = world();
    const { admin, holder, clock } = inside;
    const devices = [holder(), holder()];
    for (const device of devices) subscribe(device, { deviceId: 'd1' });
    clock.advance(30);
    get(admin);
    holder().ask('notification/insert', { deviceId: 'd1', notification: { notification: 'n' } });
    assert.deepEqual(harmsOf(inside), []);
    clock.advance(30);
    get(admin);
    holder().ask('command/insert', { deviceId: 'd1', command: { command: 'c' } });
    assert.deepEqual(harmsOf(inside), ['joining command/get 1']);
  });

  it('counts requests that never get a reply for no longer than others', () => {
    const inside = world();
    const { admin, holder, clock } = inside;
    const unanswered = () => holder().outcome('command/update', { deviceId: 'd1', commandId: 7, command: {} });
    assert.equal(unanswered(), 'silence');
    assert.equal(unanswered(), 'silence');
    get(admin);
    assert.deepEqual(harmsOf(inside), ['joining command/get 1']);
    clock.advance(30);
    get(admin);
    assert.deepEqual(harmsOf(inside), ['joining command/get 1']);
  });

  it('is not harmed by requests that are refused, or replied to without the bus', () => {
    const inside = world();
    const { admin, holder, stranger } = inside;
    assert.match(stranger().outcome('device/list'), /^401/);
    assert.match(holder().outcome('command/list', { deviceId: 'none' }), /^404/);
    for (const action of ['server/info', 'user/getCurrent']) holder().ask(action);
    for (let count = 0; count < 2; count++) holder().ask('device/get', { deviceId: 'd1' });
    list(holder());
    get(admin);
    assert.deepEqual(harmsOf(inside), []);
  });
});

describe('a subscription of which exactly one of networks and device types is known', () => {
  function beside(fields: object, claims: object = {}): string[] {
    const inside = world();
    const { holder, client } = inside;
    inside.hive.users.update(client('client', [1]), { allDeviceTypesAvailable: false });
    inside.clock.advance(30);
    const subscriber = holder(claims);
    list(holder());
    list(holder());
    for (const type of ['command', 'notification']) {
      assert.equal(subscriber.outcome(`${type}/subscribe`, fields as Record<string, unknown>), 'success');
    }
    return harmsOf(inside);
  }
  const both = ['joining command/subscribe 1', 'joining notification/subscribe 1'];

  it('does harm by its fields, by the networks of a client, or by device types of a token', () => {
    assert.deepEqual(beside({ networkIds: [1] }), both);
    assert.deepEqual(beside({ deviceTypeIds: [1], names: ['x'] }), both);
    assert.deepEqual(beside({}, { n: ['1'] }), both);
    assert.deepEqual(beside({ networkIds: [] }, { n: ['1'] }), both);
    assert.deepEqual(beside({}, { u: 2, n: ['*'], dt: ['1'] }), both);
  });

  it('does none with both lists, a device or neither', () => {
    assert.deepEqual(beside({ networkIds: [1], deviceTypeIds: [1] }), []);
    assert.deepEqual(beside({ deviceId: 'd1', networkIds: [1] }), []);
    assert.deepEqual(beside({ names: ['x'] }), []);
    assert.deepEqual(beside({ deviceTypeIds: [1] }, { n: ['1'] }), []);
  });
});

describe('over REST', () => {
  it('no handler waits inside an I/O thread, but replies are due, once for each connection', async () => {
    await using inside = await restWorld();
    const { admin, holder, token } = inside;
    list(admin);
    list(holder());
    const command = await outcome(inside, 'GET', '/device/d1/command/42', { token });
    const poll = await outcome(inside, 'GET', '/device/command/poll?networkIds=1&waitTimeout=0', { token });
    assert.deepEqual([command, poll], ['200', '200']);
    assert.deepEqual(harmsOf(inside), []);
    inside.clock.advance(30);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (let count = 0; count < 2; count++) await ask(inside, 'GET', '/device', { token, agent });
    assert.equal(get(admin), 'success');
    assert.deepEqual(harmsOf(inside), []);
    list(holder());
    assert.deepEqual(harmsOf(inside), ['joining command/get 1']);
    agent.destroy();
  });
});

describe('a strict server', () => {
  it('refuses requests that would freeze a real one, with the reason, and carries none of them out', () => {
    const inside = world({ strict: true });
    const { admin, holder, hive } = inside;
    list(admin);
    list(holder());
    assert.match(subscribe(admin, { networkIds: [1] }), /^503 a real DeviceHive would have stopped here: .*both/);
    assert.equal(hive.subscriptions.isEmpty, true);
    assert.match(get(admin), /^503 a real DeviceHive would have stopped here: .*send command\/list instead$/);
    assert.deepEqual(harmsOf(inside), ['joining command/subscribe 1', 'joining command/get 1']);
  });

  it('refuses a request with pushes to two sessions beside one that waits, before it is stored', () => {
    const inside = world({ strict: true });
    const { admin, holder, hive, clock } = inside;
    const devices = [holder(), holder()];
    for (const device of devices) {
      subscribe(device, { deviceId: 'd1' });
      subscribe(device, { deviceId: 'd1', returnUpdatedCommands: true });
      device.ask('notification/subscribe', { deviceId: 'd1' });
    }
    clock.advance(30);
    assert.equal(get(admin), 'success');
    const sent: readonly (readonly [string, Record<string, unknown>])[] = [
      ['command/insert', { command: { command: 'c' } }],
      ['command/update', { commandId: 42, command: { status: 's' } }],
      ['notification/insert', { notification: { notification: 'n' } }],
    ];
    for (const [action, fields] of sent) {
      assert.match(holder().outcome(action, { deviceId: 'd1', ...fields }), /^503 a real DeviceHive .*command\/get/);
    }
    const nowMs = clock.now();
    assert.equal([...hive.commands.ofDevice('d1', nowMs)].length, 1);
    assert.equal([...hive.commands.ofDevice('d1', nowMs)][0]?.status, null);
    assert.equal([...hive.notifications.ofDevice('d1', nowMs)].length, 0);
    assert.deepEqual(
      devices.flatMap((device) => device.pushes()),
      [],
    );
    assert.deepEqual(harmsOf(inside), ['joining command/get 3']);
  });

  it('refuses to save a device whose news would go to two sessions beside such a request, before it is stored', () => {
    const inside = world({ strict: true });
    const { admin, holder, hive, clock } = inside;
    const listeners = [holder(), holder()];
    for (const listener of listeners) assert.equal(listener.outcome('notification/subscribe'), 'success');
    clock.advance(30);
    assert.equal(get(admin), 'success');
    for (const deviceId of ['new', 'd1']) {
      const save = { deviceId, device: { name: 'renamed' } };
      assert.match(holder().outcome('device/save', save), /^503 a real DeviceHive .*command\/get/);
    }
    assert.equal(hive.devices.find('new'), undefined);
    assert.notEqual(hive.devices.find('d1')?.name, 'renamed');
    assert.deepEqual(
      listeners.flatMap((listener) => listener.pushes()),
      [],
    );
    assert.deepEqual(harmsOf(inside), ['joining command/get 2']);
  });

  it('refuses a request beside one that waits already', () => {
    const inside = world({ strict: true });
    const { admin, holder } = inside;
    assert.equal(get(admin), 'success');
    list(holder());
    assert.match(
      holder().outcome('command/insert', { deviceId: 'd1', command: { command: 'c' } }),
      /^503 a real DeviceHive would have stopped here: command\/get /,
    );
    assert.deepEqual(admin.ask('command/list', { deviceId: 'd1', names: ['c'] })?.['commands'], []);
  });
});
