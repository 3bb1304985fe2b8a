import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { actionNames, schemaOf } from '../../../src/protocol/schema.ts';
import { permissionIds, type Permission } from '../../../src/server/rights/permissions.ts';
import { world, type Frame } from '../inMemory.ts';

const denied = '403 Access is denied';
const noDevice = (id: string) => `404 Device with such deviceId = ${id} not found`;

describe('permissions', () => {
  it('are those of the schemas: each is enough by itself, and all others are not', () => {
    const { stranger, holder } = world();
    const all = Object.values(permissionIds);
    for (const action of actionNames()) {
      const needed = (schemaOf(action)['x-permission'] ?? '').split(' or ').filter((name) => name !== '');
      const ids = needed.map((name) => permissionIds[name as Permission]);
      const isOpen = ids.length === 0;
      if (!isOpen) assert.equal(stranger().outcome(action), '401 Unauthorized', action);
      for (const id of ids) assert.notEqual(holder({ a: [id] }).outcome(action), denied, `${action} with ${id}`);
      if (!isOpen) assert.equal(holder({ a: all.filter((id) => !ids.includes(id)) }).outcome(action), denied, action);
    }
  });

  it('come from the list in the token: an empty one grants those of a client, a missing one nothing', () => {
    const { holder } = world();
    assert.equal(holder({ a: [] }).outcome('device/count'), 'success');
    assert.equal(holder({ a: [] }).outcome('user/list'), denied);
    assert.equal(holder({ a: null }).outcome('device/count'), denied);
    assert.equal(holder({ a: [12] }).outcome('user/list'), 'success');
    assert.equal(holder({ a: [4] }).outcome('subscription/list'), 'success');
  });

  it('are checked against the device: 403 where the token is restricted, 404 where it is not', () => {
    const { holder, admin, client } = world();
    const restricted = holder({ n: ['1'] });
    for (const action of [
      'device/get',
      'command/insert',
      'command/update',
      'command/get',
      'command/subscribe',
      'device/delete',
    ]) {
      assert.equal(restricted.outcome(action, { deviceId: 'none', commandId: 1, command: {} }), denied, action);
      assert.equal(admin.outcome(action, { deviceId: 'none', commandId: 1, command: {} }), noDevice('none'), action);
    }
    assert.equal(restricted.outcome('device/get', { deviceId: 'd1' }), 'success');
    assert.equal(holder({ n: ['2'] }).outcome('device/get', { deviceId: 'd1' }), denied);
    assert.equal(restricted.outcome('command/list', { deviceId: 'none' }), denied);
    assert.equal(admin.outcome('command/list', { deviceId: 'none' }), noDevice('none'));
    const outsider = client('outsider');
    assert.equal(holder({ u: outsider.id }).outcome('device/get', { deviceId: 'd1' }), noDevice('d1'));
    assert.equal(holder({ u: outsider.id, n: ['1'] }).outcome('device/get', { deviceId: 'd1' }), denied);
  });

  it('are not checked against the device for notification/get and list', () => {
    const { holder } = world();
    const nowhere = holder({ n: null });
    assert.equal(nowhere.outcome('notification/list', { deviceId: 'd1' }), 'success');
    assert.equal(nowhere.outcome('notification/list', { deviceId: 'none' }), noDevice('none'));
    assert.equal(nowhere.outcome('command/list', { deviceId: 'd1' }), denied);
  });

  it('are checked against networks and device types', () => {
    const { hive, holder, client } = world();
    assert.equal(holder({ n: ['7'] }).outcome('network/get', { networkId: 1 }), denied);
    assert.equal(holder({ n: ['1'] }).outcome('network/get', { networkId: 1 }), 'success');
    assert.equal(
      holder({ dt: ['7'] }).outcome('devicetype/get', { deviceTypeId: 1 }),
      'success',
      'a user with all types',
    );
    const user = client('ops', [1]);
    hive.users.update(user, { allDeviceTypesAvailable: false });
    assert.equal(holder({ u: user.id, dt: ['7'] }).outcome('devicetype/get', { deviceTypeId: 1 }), denied);
    assert.equal(holder({ u: user.id }).outcome('network/get', { networkId: 9 }), '404 Network with id = 9 not found');
  });

  it('without networks show nothing in lists, though counts count', () => {
    const { holder } = world();
    const nowhere = holder({ n: null });
    assert.deepEqual(nowhere.ask('device/list')?.['devices'], []);
    assert.deepEqual(nowhere.ask('network/list')?.['networks'], []);
    assert.equal(nowhere.ask('device/count')?.['count'], 2);
    assert.equal(nowhere.ask('network/count')?.['count'], 1);
    const listed = holder({ n: [] });
    assert.equal(listed.ask('device/count')?.['count'], 0, 'an empty list is a filter, one that is not there is none');
    assert.equal(listed.ask('network/count')?.['count'], 0);
    const shown = (nowhere.ask('devicetype/get', { deviceTypeId: 1 })?.['deviceType'] as Frame)['devices'];
    assert.equal((shown as []).length, 2);
  });

  it('without device types see the devices of a network all the same, and count what they are not limited to', () => {
    const { hive, holder, client } = world();
    const user = client('ops', [1]);
    hive.users.update(user, { allDeviceTypesAvailable: false });
    const devices = (dt: string[] | null) => {
      const own = holder({ u: user.id, dt });
      const { network } = own.ask('network/get', { networkId: 1 }) ?? {};
      return [(network as { devices: [] }).devices.length, own.ask('device/count')?.['count']];
    };
    assert.deepEqual(devices(['7']), [0, 0]);
    assert.deepEqual(devices(['1']), [2, 2]);
    assert.deepEqual(devices([]), [2, 0]);
    assert.deepEqual(devices(null), [2, 2]);
  });
});

describe('a server that others can reach', () => {
  it('adds the checks that the real one lacks', () => {
    const { hive, holder, client } = world({ isExposed: true });
    const outsider = client('outsider');
    const loose = holder({ u: outsider.id });
    assert.equal(loose.outcome('command/list', { deviceId: 'd1' }), noDevice('d1'));
    assert.equal(loose.outcome('command/get', { deviceId: 'd1', commandId: 42 }), noDevice('d1'));
    assert.equal(loose.outcome('notification/list', { deviceId: 'd1' }), denied);
    assert.equal(loose.outcome('notification/list', { deviceId: 'none' }), noDevice('none'));
    assert.equal(loose.outcome('command/subscribe'), '403 No access to any device type or network');
    const nowhere = holder({ n: null });
    assert.deepEqual((nowhere.ask('devicetype/get', { deviceTypeId: 1 })?.['deviceType'] as Frame)['devices'], []);
    const { id } = client('typeless', [1]);
    hive.users.update(hive.users.find(id) ?? outsider, { allDeviceTypesAvailable: false });
    const typeless = holder({ u: id, dt: [] });
    assert.deepEqual((typeless.ask('network/get', { networkId: 1 })?.['network'] as Frame)['devices'], []);
  });

  it('lets clients give away only their own rights', () => {
    const { holder, client } = world({ isExposed: true });
    const user = client('ops', [1]);
    const own = holder({ u: user.id, a: [], n: ['1'] });
    const create = (payload: Frame) => own.outcome('token/create', { payload });
    assert.equal(create({ userId: 1 }), denied);
    assert.equal(create({ userId: user.id, actions: ['*'], networkIds: [1] }), denied);
    assert.equal(create({ userId: user.id, actions: ['ManageUser'] }), denied);
    assert.equal(create({ userId: user.id, actions: ['GetDevice'], networkIds: ['*'] }), denied);
    assert.equal(create({ userId: user.id, actions: ['GetDevice'], networkIds: [1], deviceTypeIds: ['*'] }), 'success');
  });
});
