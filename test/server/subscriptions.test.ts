import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { world, type Frame, type InMemoryClient } from './inMemory.ts';

function subscribe(client: InMemoryClient, fields: Frame = {}, noun = 'command'): void {
  assert.equal(client.outcome(`${noun}/subscribe`, fields), 'success', JSON.stringify(fields));
}

function insert(client: InMemoryClient, command: string | null, deviceId = 'd1'): number {
  const reply = client.ask('command/insert', { deviceId, command: { command } });
  return (reply?.['command'] as { id: number }).id;
}

describe('subscriptions', () => {
  it('push an own insert before its reply, an own update after it, and a replay after the subscribe reply', () => {
    const { admin } = world();
    subscribe(admin);
    subscribe(admin, { returnUpdatedCommands: true });
    const order = (frame: Frame) =>
      admin.say(JSON.stringify(frame)).map((text) => ('status' in (JSON.parse(text) as Frame) ? 'reply' : 'push'));
    assert.deepEqual(order({ action: 'command/insert', deviceId: 'd1', command: { command: 'a' } }), ['push', 'reply']);
    assert.deepEqual(order({ action: 'command/update', deviceId: 'd1', commandId: 42, command: {} }), [
      'reply',
      'push',
    ]);
    assert.deepEqual(order({ action: 'command/subscribe', deviceId: 'd1', timestamp: 0, limit: 1 }), ['reply', 'push']);
  });

  it('deliver either inserts or updates', () => {
    const { admin, holder } = world();
    const [inserts, updates] = [holder(), holder()];
    subscribe(inserts);
    subscribe(updates, { returnUpdatedCommands: true });
    const commandId = insert(admin, 'a');
    assert.deepEqual([inserts.pushes().length, updates.pushes().length], [1, 0]);
    admin.ask('command/update', { deviceId: 'd1', commandId, command: { status: 's' } });
    assert.deepEqual([inserts.pushes().length, updates.pushes().map(({ action }) => action)], [0, ['command/update']]);
  });

  it('push a command without a name twice to those without names, and not to others', () => {
    const { admin, holder } = world();
    const [any, named, network] = [holder(), holder(), holder()];
    subscribe(any, { deviceId: 'd1' });
    subscribe(named, { names: ['a'] });
    subscribe(network, { networkIds: [1] });
    insert(admin, null);
    insert(admin, '');
    assert.deepEqual(any.pushedNames(), [null, null, '']);
    assert.deepEqual(network.pushedNames(), [null, null, '']);
    assert.deepEqual(named.pushedNames(), []);
  });

  it('push once for each subscription, identical ones too', () => {
    const { admin, holder } = world();
    const client = holder();
    subscribe(client);
    subscribe(client);
    insert(admin, 'a');
    const ids = client.pushes().map(({ subscriptionId }) => subscriptionId);
    assert.equal(new Set(ids).size, 2);
  });

  it('replay one copy for each name, the oldest first, up to the limit', () => {
    const { admin, holder, clock } = world();
    for (const name of ['a', 'b', 'c']) {
      insert(admin, name);
      clock.advance(10);
    }
    const client = holder();
    subscribe(client, { deviceId: 'd1', timestamp: 0, names: ['a', 'c'] });
    assert.deepEqual(client.pushedNames(), ['a', 'c', 'a', 'c']);
    subscribe(client, { deviceId: 'd1', timestamp: 0, limit: 2 });
    assert.deepEqual(client.pushedNames(), ['blink', 'a']);
    subscribe(client, { deviceId: 'd1', timestamp: 0, limit: 0 });
    subscribe(client, { timestamp: 0 });
    assert.deepEqual(client.pushedNames(), [], 'nothing with limit 0, nothing without a device');
  });

  it('replay updated commands as inserts, or alone as updates', () => {
    const { admin, holder } = world();
    insert(admin, 'a');
    admin.ask('command/update', { deviceId: 'd1', commandId: 42, command: { status: 's' } });
    const client = holder();
    subscribe(client, { deviceId: 'd1', timestamp: 0 });
    assert.deepEqual(
      client.pushes().map(({ action }) => action),
      ['command/insert', 'command/insert'],
    );
    subscribe(client, { deviceId: 'd1', timestamp: 0, returnUpdatedCommands: true });
    assert.deepEqual(
      client.pushes().map(({ action }) => action),
      ['command/update'],
    );
  });

  it('replay only events of their network and type, so no announcements of saved devices', () => {
    const { admin, holder } = world();
    insert(admin, 'before');
    const { id } = admin.ask('network/insert', { network: { name: 'other' } })?.['network'] as { id: number };
    admin.ask('device/save', { deviceId: 'd1', device: { networkId: id } });
    insert(admin, 'after');
    const client = holder();
    subscribe(client, { deviceId: 'd1', timestamp: 0 });
    client.ask('notification/subscribe', { deviceId: 'd1', timestamp: 0 });
    assert.deepEqual(client.pushedNames(), ['after']);
  });

  it('do not follow a device that moves, until it moves back', () => {
    const { admin, holder } = world();
    const client = holder();
    subscribe(client, { deviceId: 'd1' });
    const { id } = admin.ask('network/insert', { network: { name: 'other' } })?.['network'] as { id: number };
    const move = (networkId: number) => admin.ask('device/save', { deviceId: 'd1', device: { networkId } });
    move(id);
    insert(admin, 'away');
    move(1);
    insert(admin, 'back');
    assert.deepEqual(client.pushedNames(), ['back']);
  });

  it('to a network hear later devices, but only those to everything hear later types', () => {
    const { admin, holder } = world();
    const [network, all] = [holder(), holder()];
    subscribe(network, { networkIds: [1] });
    subscribe(all);
    const { id: deviceTypeId } = admin.ask('devicetype/insert', { deviceType: { name: 't' } })?.['deviceType'] as {
      id: number;
    };
    admin.ask('device/save', { deviceId: 'd2', device: { name: 'd2' } });
    admin.ask('device/save', { deviceId: 'd3', device: { name: 'd3', deviceTypeId } });
    insert(admin, 'two', 'd2');
    insert(admin, 'three', 'd3');
    assert.deepEqual(network.pushedNames(), ['two']);
    assert.deepEqual(all.pushedNames(), ['two', 'three']);
  });

  it('to a device end with it, unnoticed, and do not come back', () => {
    const { admin, holder } = world();
    const [device, network] = [holder(), holder()];
    subscribe(device, { deviceId: 'd1' });
    subscribe(network, { networkIds: [1] });
    admin.ask('device/delete', { deviceId: 'd1' });
    admin.ask('device/save', { deviceId: 'd1', device: { name: 'd1' } });
    insert(admin, 'a');
    assert.deepEqual(device.pushedNames(), []);
    assert.deepEqual(network.pushedNames(), ['a']);
    assert.equal((device.ask('subscription/list')?.['subscriptions'] as []).length, 1);
    assert.equal(device.outcome('command/unsubscribe'), 'success');
  });

  it('hear of saved devices only if they are to everything', () => {
    const { admin, holder } = world();
    const [all, network] = [holder(), holder()];
    subscribe(all, {}, 'notification');
    subscribe(network, { networkIds: [1] }, 'notification');
    admin.ask('device/save', { deviceId: 'd1', device: { name: 'new' } });
    const [push] = all.pushes();
    const { notification, networkId, parameters } = push?.['notification'] as Frame;
    assert.deepEqual([notification, networkId, (parameters as Frame)['name']], ['$device-update', null, 'new']);
    assert.deepEqual(network.pushes(), []);
  });

  it('to very many combinations cost no more than their lists, and get each event once', () => {
    const { admin, holder } = world();
    const networkIds = [1];
    const deviceTypeIds = [1];
    for (let count = 0; count < 200; count++) {
      const inserted = [
        admin.ask('network/insert', { network: { name: `n${count}` } }),
        admin.ask('devicetype/insert', { deviceType: { name: `t${count}` } }),
      ];
      networkIds.push((inserted[0]?.['network'] as { id: number }).id);
      deviceTypeIds.push((inserted[1]?.['deviceType'] as { id: number }).id);
    }
    const names = Array.from({ length: 1000 }, (_, index) => `a${index}`);
    const client = holder();
    subscribe(client, { networkIds, deviceTypeIds, names });
    subscribe(client, { networkIds: networkIds.slice(1), deviceTypeIds });
    subscribe(client, { networkIds, deviceTypeIds: deviceTypeIds.slice(1) });
    insert(admin, 'a7');
    insert(admin, 'b');
    insert(admin, null);
    assert.deepEqual(client.pushedNames(), ['a7']);
    assert.equal(client.outcome('command/unsubscribe'), 'success');
    insert(admin, 'a7');
    assert.deepEqual(client.pushedNames(), []);
  });

  it('with an empty list of names are refused, or mean all names', () => {
    const { admin } = world();
    const refused = '403 No access to any device type or network';
    assert.equal(admin.outcome('command/subscribe', { names: [] }), refused);
    assert.equal(admin.outcome('command/subscribe', { names: [], deviceId: 'd1' }), refused);
    assert.equal(admin.outcome('command/subscribe', { names: [], networkIds: [1] }), 'success');
    insert(admin, 'a');
    assert.deepEqual(admin.pushedNames(), ['a']);
  });

  it('keep their filters when the session becomes that of another user, who may not touch them', () => {
    const { admin, hive, clock } = world();
    subscribe(admin, { deviceId: 'd1' });
    const token = hive.tokens.issue({ u: 1, a: [7], n: ['*'], dt: ['*'], e: clock.now() + 1, t: 1 });
    admin.ask('authenticate', { token });
    assert.equal(admin.outcome('subscription/list'), '403 Access is denied');
    insert(admin, 'a');
    assert.deepEqual(admin.pushedNames(), ['a']);
  });

  it('are refused to administrators with 404 and to clients with 403', () => {
    const { admin, holder, client } = world();
    const user = client('ops', [1]);
    const limited = holder({ u: user.id });
    assert.equal(
      admin.outcome('command/subscribe', { networkIds: [8, 9] }),
      "404 Networks with such networkIds wasn't found: {[8, 9]}",
    );
    assert.equal(limited.outcome('command/subscribe', { networkIds: [9] }), '403 Access is denied');
    assert.equal(limited.outcome('command/subscribe', { deviceId: 'none' }), '403 Access is denied');
    assert.equal(admin.outcome('command/subscribe', { deviceId: '' }), '400 Device id is wrong or empty');
    const nowhere = holder({ n: null });
    assert.equal(nowhere.outcome('notification/subscribe'), '403 No access to any device type or network');
  });

  it('end one by one, or all of a kind at once', () => {
    const { admin } = world();
    subscribe(admin);
    subscribe(admin);
    subscribe(admin, {}, 'notification');
    const subscriptions = admin.ask('subscription/list')?.['subscriptions'] as Frame[];
    const own = subscriptions.find(({ type }) => type === 'notification')?.['subscriptionId'];
    assert.equal(
      admin.outcome('command/unsubscribe', { subscriptionId: own }),
      `404 Subscription with id ${String(own)} was not found`,
    );
    assert.equal(admin.outcome('notification/unsubscribe', { subscriptionId: String(own) }), 'success');
    assert.equal(admin.outcome('command/unsubscribe'), 'success');
    assert.deepEqual(admin.ask('subscription/list')?.['subscriptions'], []);
  });

  it('end with the session', () => {
    const { admin, holder } = world();
    const client = holder();
    subscribe(client);
    client.session.end();
    insert(admin, 'a');
    assert.deepEqual(client.pushes(), []);
  });
});
