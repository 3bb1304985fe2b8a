import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { bin, errorOf, Home } from '../../helpers/cli.ts';
import { Pipelining } from '../../helpers/pipelining.ts';
import { readyServer, startServer } from '../../helpers/runningServer.ts';

/** Limits files to 200 KiB, so that SQLite meets the errors of a full disk. */
const script = 'trap "" XFSZ; ulimit -f 400; exec "$0" "$@"';

describe('a server with --data on a full disk', () => {
  it('acknowledges nothing that it cannot keep: it stops with 2, and everything acknowledged is kept', async () => {
    using home = new Home();
    const words = [process.execPath, bin, 'server', 'start', '--json', '--data', 'hive.db'];
    await using full = await readyServer(home.spawn('/bin/sh', ['-c', script, ...words]));
    const { url, accessToken } = full.ready;
    const client = await Pipelining.open({ url, accessToken });
    const other = await Pipelining.open({ url, accessToken });
    const closed = Promise.all([once(client.socket, 'close'), once(other.socket, 'close')]);
    const saved: string[] = [];
    const data = { text: 'x'.repeat(10_000) };
    for (let count = 0; client.socket.readyState === client.socket.OPEN; count++) {
      const deviceId = `d-${count}`;
      void client.done('device/save', { deviceId, device: { name: 'd', data } }).then(() => saved.push(deviceId));
      await Promise.race([client.ask('server/info'), closed]);
    }
    await closed;
    const run = await full.end;
    assert.equal(run.code, 2, run.stderr);
    const error = errorOf({ ...run, stderr: run.stderr.split('\n').findLast((text) => text.startsWith('{')) ?? '' });
    assert.match(String(error['message']), /cannot keep data in 'hive.db': .*the server stops/);
    assert.ok(saved.length > 2, String(saved.length));
    await using server = await startServer(home, ['--data', 'hive.db']);
    const { devices } = await (await Pipelining.open(server.ready)).done('device/list', { take: 1000 });
    const ids = new Set((devices as { id: string }[]).map(({ id }) => id));
    assert.deepEqual(
      saved.filter((id) => !ids.has(id)),
      [],
    );
  });
});
