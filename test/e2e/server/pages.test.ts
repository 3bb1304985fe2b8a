import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { after, describe, it } from 'node:test';
import { Home } from '../../helpers/cli.ts';
import { startServer } from '../../helpers/runningServer.ts';

const home = new Home();
after(() => home[Symbol.dispose]());

/** Returns the HTTP status of a REST request with these headers. */
async function statusAt(url: string, headers: Readonly<Record<string, string>>): Promise<number | undefined> {
  const call = request({ host: '127.0.0.1', port: new URL(url).port, path: '/dh/rest/info', headers });
  call.end();
  const [response] = (await once(call, 'response')) as [IncomingMessage];
  response.resume();
  return response.statusCode;
}

const allowed = ['--allow-host', 'hive.test', '--allow-host', 'b.test', '--allow-origin', 'https://console.example'];

describe('pages of other sites', { concurrency: 2 }, () => {
  it('are refused by server start, which logs the flag that lets them in', async () => {
    await using server = await startServer(home);
    assert.equal(await statusAt(server.ready.url, { origin: 'https://evil.example' }), 403);
    assert.equal(await statusAt(server.ready.url, { host: 'evil.example' }), 403);
    const { stderr } = await server.stop();
    assert.match(stderr, /^warn: .*403.*--allow-origin https:\/\/evil\.example/m);
    assert.match(stderr, /^warn: .*403.*--allow-host evil\.example/m);
  });

  it('are let in by name, by any that is given', async () => {
    await using server = await startServer(home, allowed);
    for (const host of ['hive.test', 'b.test:80']) assert.equal(await statusAt(server.ready.url, { host }), 200);
    assert.equal(await statusAt(server.ready.url, { origin: 'https://console.example' }), 200);
    assert.equal(await statusAt(server.ready.url, { origin: 'https://evil.example' }), 403);
  });

  it('are let in to the server of exec, and of --embedded, likewise', async () => {
    const probe = `const { port } = new URL(process.env.DEVICEHIVE_URL);
      require('node:http').get({ host: '127.0.0.1', port, path: '/dh/rest/info', headers: { host: 'b.test' } }, (response) => {
        console.log(response.statusCode);
        response.resume();
      });`;
    const run = (...flags: string[]) => home.run(['exec', ...flags, '--', process.execPath, '-e', probe]);
    assert.equal((await run(...allowed)).stdout, '200\n');
    const refused = await run();
    assert.equal(refused.stdout, '403\n');
    assert.match(refused.stderr, /--allow-host b\.test/);
    const list = await home.run(['device', 'list', '--embedded', ...allowed]);
    assert.equal(list.code, 0, list.stderr);
  });

  it('cannot be let in by what is no name or origin, nor to a server that runs elsewhere', async () => {
    for (const [flag, value] of [
      ['--allow-host', 'http://hive.test'],
      ['--allow-origin', 'hive.test'],
      ['--allow-origin', 'null'],
    ] as const) {
      for (const command of [
        ['server', 'start'],
        ['device', 'list', '--embedded'],
        ['exec', '--no-demo', '--', 'true'],
      ]) {
        const { code, stderr } = await home.run([...command.slice(0, 2), flag, value, ...command.slice(2)]);
        assert.equal(code, 2, stderr);
        assert.match(stderr, new RegExp(`${flag} must be`));
      }
    }
    const elsewhere = await home.run(['device', 'list', '--url', 'ws://127.0.0.1:1', '--allow-host', 'a.test']);
    assert.equal(elsewhere.code, 2);
    assert.match(elsewhere.stderr, /--allow-host is for an embedded server/);
  });
});
