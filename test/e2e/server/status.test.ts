import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { serverStates } from '../../../src/protocol/serverStates.ts';
import { ailingServer, type AilingServer } from '../../helpers/ailingServer.ts';
import { deadUrl, hangsUp, saysNothing, tcpServer } from '../../helpers/badServer.ts';
import { ended, errorOf, Home } from '../../helpers/cli.ts';
import { startServer } from '../../helpers/runningServer.ts';

describe('server status', { concurrency: 2 }, () => {
  it('shows which server answers, and its version', async () => {
    using home = new Home();
    await using server = await startServer(home);
    const run = await home.run(['server', 'status']);
    assert.equal(run.code, 0, run.stderr);
    const status = JSON.parse(run.stdout) as Record<string, unknown>;
    assert.equal(status['url'], server.ready.url);
    assert.equal(status['apiVersion'], '4.1.0');
  });

  it('ends with 2 where no server is named and none runs', async () => {
    using home = new Home();
    const run = await home.run(['server', 'status']);
    assert.equal(run.code, 2, run.stderr);
    assert.equal(run.stdout, '');
  });

  it('ends with 5 where nothing listens', async () => {
    using home = new Home();
    const run = await home.run(['server', 'status', '--url', await deadUrl()]);
    assert.equal(run.code, 5, run.stderr);
  });

  it('connects no longer than --timeout says, unless --connect-timeout does', async () => {
    using home = new Home();
    await using mute = await tcpServer(saysNothing);
    const status = ['server', 'status', '--url', mute.url, '--timeout', '300ms'];
    const [short, long] = await Promise.all([home.run(status), home.run([...status, '--connect-timeout', '600ms'])]);
    assert.deepEqual([short.code, long.code], [5, 5], short.stderr);
    assert.match(short.stderr, /not connected within 300 ms/);
    assert.match(long.stderr, /not connected within 600 ms/);
  });

  it('waits with --wait for a named server to come up', async () => {
    using home = new Home();
    await using early = await tcpServer(hangsUp);
    const waiting = home.run(['server', 'status', '--url', early.url, '--wait', '20s', '--query', 'apiVersion']);
    await early.visited;
    await early.close();
    await using _server = await startServer(home, ['--port', String(early.port)]);
    const run = await waiting;
    assert.equal(run.code, 0, run.stderr);
    assert.equal(run.stdout, '4.1.0\n');
  });

  it('waits with --wait for a local server that is not started yet', async () => {
    using home = new Home();
    const waiting = home.run(['server', 'status', '--wait', '20s', '--query', 'url']);
    await using server = await startServer(home);
    const run = await waiting;
    assert.equal(run.code, 0, run.stderr);
    assert.equal(run.stdout, `${server.ready.url}\n`);
  });

  it('gives up when the time of --wait is over', async () => {
    using home = new Home();
    const [named, local] = await Promise.all([
      home.run(['server', 'status', '--url', await deadUrl(), '--wait', '200ms']),
      home.run(['server', 'status', '--wait', '200ms']),
    ]);
    assert.equal(named.code, 5, named.stderr);
    assert.equal(local.code, 2, local.stderr);
  });

  it('refuses a wait that is not a duration', async () => {
    using home = new Home();
    const run = await home.run(['server', 'status', '--wait', '60']);
    assert.equal(run.code, 2, run.stderr);
    assert.match(run.stderr, /--wait/);
  });
});

describe('server status of a sick server', { concurrency: true }, () => {
  const named = ({ url, server: { accessToken } }: AilingServer) => ({
    env: { DEVICEHIVE_URL: url, DEVICEHIVE_TOKEN: accessToken },
  });
  const { message, hint } = serverStates['backend silent'];

  it('shows the times of frontend and backend separately, where both answer', async () => {
    using home = new Home();
    await using server = await ailingServer('well');
    const run = await home.run(['server', 'status'], named(server));
    assert.equal(run.code, 0, run.stderr);
    const status = JSON.parse(run.stdout) as Record<string, number>;
    assert.ok(status['replyMs'] !== undefined && status['replyMs'] > 0);
    assert.ok(status['backendMs'] !== undefined && status['backendMs'] > 0);
  });

  for (const timeout of ['5s', '700ms'])
    it(`ends with 7 where the backend does not answer within ${timeout}`, async () => {
      using home = new Home();
      await using server = await ailingServer();
      const args = ['server', 'status', '--json', '--timeout', timeout];
      const run = await home.run(args, named(server));
      assert.equal(run.code, 7, run.stderr);
      const error = errorOf(run);
      assert.ok(String(error['message']).endsWith(message), run.stderr);
      assert.equal(error['hint'], hint);
      assert.equal(run.stdout, '');
    });

  it('says that the backend was not asked where nothing proves who asks', async () => {
    using home = new Home();
    await using server = await ailingServer();
    const run = await home.run(['server', 'status', '--url', server.url]);
    assert.equal(run.code, 0, run.stderr);
    assert.match(run.stderr, /the backend was not asked: that needs a token/);
    assert.equal((JSON.parse(run.stdout) as Record<string, unknown>)['backendMs'], null);
  });

  it('waits with --wait for the backend too', async () => {
    using home = new Home();
    await using server = await ailingServer();
    const waiting = home.run(['server', 'status', '--wait', '40s', '--query', 'apiVersion'], named(server));
    await server.received('device/count');
    server.health = 'well';
    const run = await waiting;
    assert.equal(run.code, 0, run.stderr);
    assert.equal(run.stdout, '4.1.0\n');
  });

  it('gives up when the time of --wait is over, and says why', async () => {
    using home = new Home();
    await using server = await ailingServer();
    const run = await home.run(['server', 'status', '--wait', '2500ms'], named(server));
    assert.equal(run.code, 7, run.stderr);
    assert.match(run.stderr, /the server did not recover within 2500ms: device\/count/);
    assert.ok(run.stderr.includes(message), run.stderr);
  });
});

describe('server stop', { concurrency: 2 }, () => {
  it('stops the newest server of this machine', async () => {
    using home = new Home();
    await using first = await startServer(home);
    await using second = await startServer(home);
    const end = ended(second.child);
    const run = await home.run(['server', 'stop']);
    assert.equal(run.code, 0, run.stderr);
    assert.ok(run.stdout.includes(second.ready.url));
    assert.equal((await end).code, 0);
    const status = await home.run(['server', 'status', '--query', 'url']);
    assert.equal(status.stdout, `${first.ready.url}\n`);
  });

  it('stops every server with --all', async () => {
    using home = new Home();
    await using first = await startServer(home);
    await using second = await startServer(home);
    const servers = [first, second];
    const ends = servers.map(({ child }) => ended(child));
    const run = await home.run(['server', 'stop', '--all', '--json']);
    assert.equal(run.code, 0, run.stderr);
    const pids = run.stdout
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { pid: number }).pid);
    assert.deepEqual(pids.sort(), servers.map(({ ready }) => ready.pid).sort());
    for (const { code } of await Promise.all(ends)) assert.equal(code, 0);
    const folder = join(home.folder, 'run', 'devicehive');
    assert.deepEqual(existsSync(folder) ? readdirSync(folder) : [], []);
  });

  it('says so where none runs', async () => {
    using home = new Home();
    const run = await home.run(['server', 'stop']);
    assert.notEqual(run.code, 0);
    assert.match(run.stderr, /no server/);
    assert.equal(run.stdout, '');
  });
});
