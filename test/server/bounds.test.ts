import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { maxValues } from '../../src/server/reading/json.ts';
import { maxListening } from '../../src/server/limits.ts';
import { MessageStore, type Notification } from '../../src/server/store/messages.ts';
import { world } from './inMemory.ts';

const malformed = '{"code":400,"status":"error","error":"Malformed Json received."}';

describe('requests of very many values', () => {
  const start = '{"action":"server/info","requestId":1,"x":[';

  for (const [what, item] of [
    ['lists', '[]'],
    ['objects', '{}'],
    ['numbers', '1'],
    ['words without quotes', 'a'],
  ] as const) {
    it(`are malformed without being read: ${what}`, () => {
      const { admin, log } = world();
      assert.deepEqual(admin.say(`${start}${`${item},`.repeat(maxValues + 1)}${item}]}`), [malformed]);
      assert.match(log[0]?.message ?? '', /more than 120000 values/);
    });
  }

  it('are not counted inside of texts, however quoted', () => {
    const { admin } = world();
    const text = `${',[{'.repeat(maxValues)}\\\\\\"${','.repeat(10)}\\\\`;
    const [reply] = admin.say(`${start}"${text}",1]}`);
    assert.match(reply ?? '', /"status":"success"/);
  });
});

describe('what one session listens to', () => {
  it('is bounded, names, networks and types included, and free again after an unsubscribe', () => {
    const { admin, stranger } = world();
    const names = Array.from({ length: maxListening - 2 }, (_, index) => `n${index}`);
    const many = admin.ask('command/subscribe', { deviceId: 'd1', names });
    assert.equal(many?.['status'], 'success');
    assert.equal(admin.outcome('notification/subscribe', { deviceId: 'd1' }), 'success');
    assert.match(admin.outcome('command/subscribe', { deviceId: 'd1' }), /^413 one session can listen to no more/);
    const { subscriptionId } = many;
    assert.equal(admin.outcome('command/unsubscribe', { subscriptionId }), 'success');
    assert.equal(admin.outcome('command/subscribe', { deviceId: 'd1' }), 'success');
    assert.match(stranger().outcome('command/subscribe', { deviceId: 'd1' }), /^401/);
  });
});

describe('messages beyond the memory limit', () => {
  const weight = 10 * 1024 * 1024;
  const nowMs = 1_000_000;

  function notification(id: number, length: number, expiresAt = nowMs + 120_000): Notification {
    const texts = { notification: 'x'.repeat(length), parameters: null };
    return { id, deviceId: 'd', networkId: 1, deviceTypeId: 1, timestamp: nowMs, expiresAt, ...texts };
  }

  it('are forgotten before their time, the oldest first, but for what never expires', () => {
    const forgotten: number[] = [];
    const store = new MessageStore<Notification>(
      (message) => message.notification.length,
      () => 10 * weight,
      (count) => forgotten.push(count),
    );
    store.insert(notification(0, weight, Infinity), nowMs);
    for (let id = 1; id <= 12; id++) store.insert(notification(id, weight), nowMs);
    assert.ok(forgotten.length > 0);
    const left = [...store.ofDevice('d', nowMs)].map(({ id }) => id);
    assert.equal(left[0], 0);
    assert.deepEqual(
      left.slice(1),
      [...left.slice(1)].sort((one, other) => one - other),
    );
    assert.equal(left.at(-1), 12);
    assert.equal(left.length + forgotten.reduce((sum, count) => sum + count), 13);
    assert.ok(left.length <= 10 && left.length > 5, String(left));
    store.sweep(nowMs + 120_000, 1000);
    assert.deepEqual(
      [...store.ofDevice('d', nowMs + 120_000)].map(({ id }) => id),
      [0],
    );
  });

  it('are swept in slices where many expire at once', () => {
    const store = new MessageStore<Notification>(
      () => 0,
      () => Infinity,
      () => undefined,
    );
    for (let id = 1; id <= 1000; id++) store.insert(notification(id, 1), nowMs);
    const laterMs = nowMs + 120_000;
    assert.deepEqual([store.sweep(laterMs, 600), store.sweep(laterMs, 399)], [true, true]);
    assert.deepEqual([store.sweep(laterMs, 600), store.sweep(laterMs, 600)], [false, false]);
  });

  it('count by their size after an update', () => {
    const forgotten: number[] = [];
    const store = new MessageStore<Notification>(
      (message) => message.notification.length,
      () => 10 * weight,
      (count) => forgotten.push(count),
    );
    for (let id = 1; id <= 50; id++) {
      const message = notification(id, weight);
      store.insert(message, nowMs);
      store.change(message, () => Object.assign(message, { notification: 'short' }));
    }
    assert.deepEqual(forgotten, []);
  });
});

describe('lists of a device with very many commands', () => {
  it('are in order where commands bring times of their own', () => {
    const { admin } = world();
    for (const timestamp of [5, 3, 4, 1, 2].map((day) => `2026-11-0${day}T00:00:00.000`)) {
      admin.ask('command/insert', { deviceId: 'd1', command: { command: timestamp.slice(8, 10), timestamp } });
    }
    const names = (fields: object) => {
      const { commands } = admin.ask('command/list', { deviceId: 'd1', ...fields }) as {
        commands: { command: string }[];
      };
      return commands.map(({ command }) => command);
    };
    assert.deepEqual(names({ take: 3 }), ['01', '02', '03']);
    assert.deepEqual(names({ take: 2, skip: 1 }), ['02', '03']);
    assert.deepEqual(names({ sortField: 'timestamp', take: 2 }), ['blink', '05']);
    assert.deepEqual(names({ sortField: 'command', sortOrder: 'ASC', take: 2 }), ['01', '02']);
    assert.deepEqual(names({ status: 'none' }), []);
  });
});
