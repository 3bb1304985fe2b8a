import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ask, restWorld } from '../http.ts';
import { world, type InMemoryClient } from '../inMemory.ts';
import { harmsOf } from './harmsOf.ts';

const reason = /^503 a real DeviceHive would have stopped here: /;

function save(client: InMemoryClient, deviceId: string, bytes: number): void {
  const device = { name: deviceId, data: { blob: 'x'.repeat(bytes) } };
  assert.equal(client.outcome('device/save', { deviceId, device }), 'success');
}

function saveMany(client: InMemoryClient, count: number, bytes: number): void {
  for (let index = 0; index < count; index++) save(client, `big-${index}`, bytes);
}

function insert(client: InMemoryClient, bytes: number, name = 'c'): string {
  const command = { command: name, parameters: { blob: 'x'.repeat(bytes) } };
  return client.outcome('command/insert', { deviceId: 'd1', command });
}

describe('a list reply on the message bus', () => {
  it('does harm beyond 1 MiB, and is answered all the same', () => {
    const inside = world();
    const { admin, log } = inside;
    saveMany(admin, 1000, 1200);
    const reply = admin.ask('device/list', { take: 1000 });
    assert.equal((reply?.['devices'] as unknown[]).length, 1000);
    assert.deepEqual(harmsOf(inside), ['size device/list 1']);
    assert.match(
      log.at(-1)?.message ?? '',
      /^a real DeviceHive would have stopped here: the reply to device\/list takes \d+ bytes .*; ask for fewer items/,
    );
    assert.equal(log.at(-1)?.harm, 'size');
  });

  it('weighs 100 bytes more than its text, and 10 for each item', () => {
    const limit = 1_048_200;
    const sizes = [limit - 110, limit - 109].map((bytes) => {
      const inside = world();
      const { admin } = inside;
      save(admin, 'd1', 0);
      const ask = '{"action":"device/list","name":"d1"}';
      const [empty = ''] = admin.say(ask);
      save(admin, 'd1', bytes - empty.length);
      const [full = ''] = admin.say(ask);
      assert.equal(full.length, bytes);
      return harmsOf(inside).length;
    });
    assert.deepEqual(sizes, [0, 1]);
  });

  it('counts bytes, not characters', () => {
    const inside = world();
    const { admin } = inside;
    const device = { name: 'd1', data: { text: 'é'.repeat(600_000) } };
    admin.ask('device/save', { deviceId: 'd1', device });
    admin.ask('device/list');
    assert.deepEqual(harmsOf(inside), ['size device/list 1']);
  });

  it('does harm of commands too, and not where the bus is not used', () => {
    const inside = world();
    const { admin } = inside;
    for (let index = 0; index < 90; index++) insert(admin, 12_000);
    admin.ask('command/list', { deviceId: 'd1', take: 80 });
    assert.deepEqual(harmsOf(inside), []);
    admin.ask('command/list', { deviceId: 'd1', take: 90 });
    assert.deepEqual(harmsOf(inside), ['size command/list 1']);
    save(admin, 'd1', 2 * 1024 * 1024);
    assert.equal(admin.outcome('device/get', { deviceId: 'd1' }), 'success');
    assert.deepEqual(harmsOf(inside), ['size command/list 1']);
  });

  it('does harm over REST as well', async () => {
    await using inside = await restWorld();
    saveMany(inside.admin, 1000, 1200);
    const { status, body } = await ask(inside, 'GET', '/device', { token: inside.token });
    assert.deepEqual([status, (body as unknown[]).length], [200, 1002]);
    assert.deepEqual(harmsOf(inside), ['size device/list 1']);
  });

  it('is refused by a strict server, over REST with the status 503', async () => {
    await using inside = await restWorld({ strict: true });
    saveMany(inside.admin, 1000, 1200);
    assert.match(inside.admin.outcome('device/list', { take: 1000 }), reason);
    const { status, body } = await ask(inside, 'GET', '/device', { token: inside.token });
    assert.deepEqual([status, (body as { error: number }).error], [503, 503]);
    assert.match((body as { message: string }).message, /^a real DeviceHive would have stopped here: /);
    assert.deepEqual(harmsOf(inside), ['size device/list 2']);
  });
});

describe('a replay', () => {
  const timestamp = '2026-11-22T00:00:00.000';

  function replayed(options: { readonly strict?: boolean }, limit: number) {
    const inside = world(options);
    const { admin } = inside;
    for (let index = 0; index < 1500; index++) insert(admin, 700);
    const outcome = admin.outcome('command/subscribe', { deviceId: 'd1', timestamp, limit });
    return { inside, outcome, pushes: admin.pushes().length };
  }

  it('does harm where all of it takes more than 1 MiB, and is sent all the same', () => {
    const { inside, outcome, pushes } = replayed({}, 10_000);
    assert.deepEqual([outcome, pushes], ['success', 1501]);
    assert.deepEqual(harmsOf(inside), ['size command/subscribe 1']);
  });

  it('is no harm in smaller pieces', () => {
    const { inside, pushes } = replayed({}, 500);
    assert.equal(pushes, 500);
    assert.deepEqual(harmsOf(inside), []);
  });

  it('is refused by a strict server, with its subscription', () => {
    const { inside, outcome, pushes } = replayed({ strict: true }, 10_000);
    assert.match(outcome, reason);
    assert.equal(pushes, 0);
    assert.equal(inside.hive.subscriptions.isEmpty, true);
  });
});

describe('a single message', () => {
  it('keeps its 413, and is counted', () => {
    for (const strict of [false, true]) {
      const inside = world({ strict });
      const { admin } = inside;
      const parameters = { blob: 'x'.repeat(1100 * 1024) };
      assert.match(insert(admin, 1100 * 1024), /^413 a command of \d+ bytes/);
      const notification = { notification: 'n', parameters };
      assert.match(admin.outcome('notification/insert', { deviceId: 'd1', notification }), /^413 a notification of/);
      const update = { deviceId: 'd1', commandId: 42, command: { result: parameters } };
      assert.match(admin.outcome('command/update', update), /^413 a command of/);
      assert.equal(insert(admin, 1000 * 1024), 'success');
      const actions = ['command/insert', 'notification/insert', 'command/update'];
      assert.deepEqual(
        harmsOf(inside),
        actions.map((action) => `size ${action} 1`),
      );
    }
  });
});

describe('a device with big data', () => {
  it('causes a warning when it is saved, and is not counted, since nobody has tried it', () => {
    const inside = world({ strict: true });
    save(inside.admin, 'd1', 500 * 1024);
    const before = inside.log.length;
    save(inside.admin, 'd1', 2 * 1024 * 1024);
    const [warning] = inside.log.slice(before);
    assert.match(warning?.message ?? '', /^\$device-update of a device of \d+ bytes .* was never tried/);
    assert.equal(warning?.level, 'warn');
    assert.deepEqual(harmsOf(inside), []);
  });
});
