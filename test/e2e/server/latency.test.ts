import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bin, Home } from '../../helpers/cli.ts';
import { failureOf } from '../../helpers/failures.ts';
import { embeddedServer } from '../../helpers/embeddedServer.ts';
import { startServer } from '../../helpers/runningServer.ts';

/** An action that is answered over the bus, and one that is not. */
const count = ['device', 'count', '--timeout', '300ms', '--no-probe'];
const get = ['device', 'get', '--device', 'd1', '--query', 'device.id'];

describe('--latency', { concurrency: 2 }, () => {
  it('lets clients of server start meet timeouts, where a reply comes over the bus', async () => {
    using home = new Home();
    await using _server = await startServer(home, ['--latency', '1m']);
    assert.equal((await home.run(count)).code, 7);
    assert.equal((await home.run(get)).stdout, 'd1\n');
  });

  it('shapes the server of exec, and the one of --embedded', async () => {
    using home = new Home();
    const slow = await home.run(['exec', '--latency', '1m', '--', process.execPath, bin, ...count]);
    assert.equal(slow.code, 7, slow.stderr);
    assert.equal((await home.run([...count, '--embedded', '--latency', '1m'])).code, 7);
    const quick = await home.run(['device', 'count', '--embedded', '--latency', '1ms', '--query', 'count']);
    assert.equal(quick.stdout, '2\n', quick.stderr);
  });

  it('lets a simulation go on as ever', async () => {
    using home = new Home();
    const plan = ['--devices', '2', '--notify', 'n=constant(1) every 100ms', '--on', 'c=done', '--for', '300ms'];
    const run = await home.run([
      'simulate',
      'run',
      '--embedded',
      '--latency',
      '10ms',
      ...plan,
      '--query',
      'ledger.*.lost',
    ]);
    assert.equal(run.code, 0, run.stderr);
    assert.equal(run.stdout, '[0,0,0]\n');
  });

  it('is refused beside another server, and where the time makes no sense', async () => {
    using home = new Home();
    const elsewhere = await home.run([...get, '--url', 'ws://192.0.2.1', '--latency', '10ms']);
    assert.equal(elsewhere.code, 2);
    assert.match(elsewhere.stderr, /--latency is for an embedded server, but --url names another one/);
    for (const latency of ['10', '0ms', '61s', 'x']) {
      const run = await home.run([...get, '--embedded', '--latency', latency]);
      assert.equal(run.code, 2, latency);
      assert.match(run.stderr, /--latency must be/);
    }
    for (const latencyMs of [-1, NaN, 60_001])
      await failureOf(embeddedServer({ latencyMs }), 'usage', /latencyMs must be 0 to 60000/);
  });
});
