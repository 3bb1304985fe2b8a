import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { askBackend, connect } from '../../../../src/client/index.ts';
import { QuietWatch } from '../../../../src/cli/commands/watch/quiet.ts';
import { serverStates } from '../../../../src/protocol/serverStates.ts';
import { ailingServer, type AilingServer } from '../../../helpers/ailingServer.ts';
import { fakeServer, refusing } from '../../../helpers/fakeServer.ts';
import { FakeIo } from '../../fakeIo.ts';

const minuteMs = 60_000;
const { message, hint } = serverStates['backend silent'];

/** Opens a connection with a short timeout for probes. */
function open({ url, server: { accessToken } }: AilingServer) {
  return connect({ url, credentials: { accessToken }, timeoutMs: 500 });
}

describe('a watch to which nothing comes', () => {
  it('asks the backend once a minute, and not while something comes', async () => {
    await using server = await ailingServer('well');
    await using connection = await open(server);
    const io = new FakeIo();
    const quiet = new QuietWatch(() => askBackend(connection), 0, io);
    await quiet.tick(minuteMs - 1);
    assert.equal(server.sent('device/count').length, 0);
    await quiet.tick(minuteMs);
    assert.equal(server.sent('device/count').length, 1);
    quiet.heard(minuteMs + 1);
    await quiet.tick(2 * minuteMs);
    assert.equal(server.sent('device/count').length, 1);
    assert.deepEqual(io.warnings, []);
  });

  it('warns once where the backend does not answer, and says when it does again', async () => {
    await using server = await ailingServer();
    await using connection = await open(server);
    const io = new FakeIo();
    const quiet = new QuietWatch(() => askBackend(connection), 0, io);
    await quiet.tick(minuteMs);
    await quiet.tick(2 * minuteMs);
    assert.deepEqual(io.warnings, [`nothing has come for 60 s: ${message}. ${hint}`]);
    server.health = 'well';
    await quiet.tick(3 * minuteMs);
    await quiet.tick(4 * minuteMs);
    assert.deepEqual(io.warnings.slice(1), ['the backend answers again; pushes may have been lost meanwhile']);
  });

  it('asks no more where its token permits no question', async () => {
    const forbidden = refusing(403, 'Access is denied');
    const counts = { 'device/count': forbidden, 'network/count': forbidden, 'devicetype/count': forbidden };
    await using server = await fakeServer({ ...counts, 'user/count': forbidden });
    await using connection = await connect({ url: server.url });
    const io = new FakeIo();
    const quiet = new QuietWatch(() => askBackend(connection), 0, io);
    await quiet.tick(minuteMs);
    await quiet.tick(2 * minuteMs);
    assert.equal(server.sent('device/count').length, 1);
    assert.deepEqual(io.warnings, []);
  });
});
