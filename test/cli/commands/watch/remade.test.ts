import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { wasMadeAnew } from '../../../../src/cli/commands/watch/remade.ts';
import { connect } from '../../../../src/client/index.ts';
import { embeddedServer } from '../../../helpers/embeddedServer.ts';

const device = { name: 'lamp', networkId: 1, deviceTypeId: 1 };

describe('a device that is watched', () => {
  it('was made anew where it was deleted and saved since, not where it was only saved again', async () => {
    await using server = await embeddedServer();
    const { url, accessToken } = server;
    const connection = await connect({ url, credentials: { accessToken } });
    const isNew = (agoMs: number) => wasMadeAnew(connection, 'd1', agoMs);
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
    assert.equal(await wasMadeAnew(connection, 'not there', 60_000), false);
    await connection.close();
  });
});
