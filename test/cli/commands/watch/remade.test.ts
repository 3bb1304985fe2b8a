import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DeviceLooks, devicesMadeAnew } from '../../../../src/cli/commands/watch/remade.ts';
import { connect } from '../../../../src/client/index.ts';
import { Failure } from '../../../../src/errors.ts';
import { embeddedServer } from '../../../helpers/embeddedServer.ts';

const device = { name: 'lamp', networkId: 1, deviceTypeId: 1 };

describe('a device that is watched', () => {
  it('was made anew where it was deleted and saved since, not where it was only saved again', async () => {
    await using server = await embeddedServer();
    const { url, accessToken } = server;
    const connection = await connect({ url, credentials: { accessToken } });
    const isNew = async (agoMs: number) => (await devicesMadeAnew(connection, ['d1'], agoMs)).includes('d1');
    await connection.request('device/save', { deviceId: 'd1', device });
    assert.equal(await isNew(60_000), false);
    await connection.request('device/delete', { deviceId: 'd1' });
    await connection.request('device/save', { deviceId: 'd1', device });
    assert.equal(await isNew(60_000), true);
    assert.equal(await isNew(0), false);
    await connection.close();
  });

  it('is not known to be new where the server does not say', async () => {
    await using server = await embeddedServer();
    const { url, accessToken } = server;
    const connection = await connect({ url, credentials: { accessToken } });
    assert.deepEqual(await devicesMadeAnew(connection, ['not there'], 60_000), []);
    await connection.close();
  });

  it('is looked at once a minute while nothing comes from it, whatever comes from others', async () => {
    const looks: (readonly string[])[] = [];
    const look = (ids: readonly string[]) => Promise.resolve(void looks.push(ids));
    const devices = new DeviceLooks(look, [{ deviceId: 'd1' }, { deviceId: 'd2' }], 0);
    await devices.tick(59_999);
    devices.heard({ action: 'notification/insert', subscriptionId: 1, notification: { deviceId: 'd1' } }, 59_999);
    await devices.tick(60_000);
    await devices.tick(60_001);
    assert.deepEqual(looks, [['d2']]);
    devices.heard({ action: 'command/insert', subscriptionId: 1, command: { deviceId: 'd2' } }, 60_002);
    await devices.tick(119_999);
    assert.deepEqual(looks, [['d2'], ['d1']]);
  });

  it('is looked at again after a look that failed', async () => {
    let count = 0;
    const look = () => Promise.reject(new Failure('timeout', `look ${++count} met silence`));
    const devices = new DeviceLooks(look, [{ deviceId: 'd1' }], 0);
    await devices.tick(60_000);
    await devices.tick(120_000);
    assert.equal(count, 2);
  });
});
