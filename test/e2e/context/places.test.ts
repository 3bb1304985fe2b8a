import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { Home } from '../../helpers/cli.ts';
import { fakeServer, type FakeServer } from '../../helpers/fakeServer.ts';

let home: Home;
let docker: FakeServer;
/** The server's URL without its path. */
let bare: string;

beforeEach(async () => {
  home = new Home();
  docker = await fakeServer(
    {
      token: () => ({ accessToken: 'access', refreshToken: 'refresh' }),
      'server/info': () => ({ info: { apiVersion: '4.1.0' } }),
      'user/getCurrent': () => ({ current: { id: 1, login: 'me', role: 0 } }),
    },
    { path: '/api/websocket' },
  );
  bare = `ws://127.0.0.1:${docker.port}`;
  writeFileSync(join(home.work, 'password.txt'), 'secret');
  writeFileSync(join(home.work, 'token.txt'), 'a-token', { mode: 0o600 });
});
afterEach(async () => {
  await docker.close();
  home[Symbol.dispose]();
});

const both = ['/dh/websocket', '/api/websocket'];
const get = ['device', 'get', '--device', 'd1'];
const login = ['auth', 'login', '--login', 'me', '--password-file', 'password.txt'];

/** Returns the URL of a context in contexts.json. */
function storedUrl(name: string): string {
  const text = readFileSync(join(home.folder, 'config', 'devicehive', 'contexts.json'), 'utf8');
  return (JSON.parse(text) as { contexts: Record<string, { url: string }> }).contexts[name]?.url ?? '';
}

async function succeeds(args: readonly string[], env: Record<string, string> = {}): Promise<string> {
  const run = await home.run(args, { env });
  assert.equal(run.code, 0, `${args.join(' ')}: ${run.stderr}`);
  return run.stdout;
}

describe('a server that is named without a path', () => {
  it('is found at the second place, and named by it in results', async () => {
    const out = await succeeds([...get, '--url', bare, '--token-file', 'token.txt', '--envelope']);
    assert.deepEqual((JSON.parse(out) as { server: unknown }).server, { url: docker.url, embedded: false });
    assert.deepEqual(docker.tried, both);
  });

  it('is looked for once: its context knows the place from then on', async () => {
    await succeeds(['context', 'add', 'lab', '--url', bare, '--use']);
    assert.equal(storedUrl('lab'), bare);
    await succeeds(['server', 'status']);
    assert.equal(storedUrl('lab'), docker.url);
    await succeeds([...login, '--context', 'lab']);
    await succeeds([...get, '--context', 'lab']);
    await succeeds([...get, '--url', bare]);
    await succeeds(['context', 'add', 'lab', '--url', bare]);
    assert.equal(storedUrl('lab'), docker.url);
    const places = docker.tried.slice(both.length);
    assert.deepEqual(new Set(places), new Set(['/api/websocket']));
    assert.equal(docker.sent('authenticate').at(-1)?.['token'], 'access');
  });

  it('is found by completion, which keeps the place for its context too', async () => {
    await succeeds(['context', 'add', 'lab', '--url', bare, '--use']);
    const words = ['device', 'get', '--token-file', 'token.txt', '--device', ''];
    await succeeds(['completion', 'complete', '--', ...words]);
    assert.equal(docker.sent('device/list').length, 1);
    assert.equal(storedUrl('lab'), docker.url);
  });

  it('is found by a login, whose context keeps the place', async () => {
    const out = JSON.parse(await succeeds([...login, '--url', bare])) as { context: string; url: string };
    assert.equal(out.url, docker.url);
    assert.equal(storedUrl(out.context), docker.url);
    await succeeds([...login, '--url', bare, '--context', out.context]);
    assert.equal(storedUrl(out.context), docker.url);
    await succeeds(get);
  });

  it('is found by every command that connects', async () => {
    const env = { DEVICEHIVE_URL: bare, DEVICEHIVE_TOKEN: 'a-token' };
    const status = JSON.parse(await succeeds(['auth', 'status', '--json'], env)) as { url: string };
    assert.equal(status.url, docker.url);
    const doctor = await home.run(['doctor', '--json', '--requests', '1'], { env });
    assert.equal((JSON.parse(doctor.stdout) as { server: { url: string } }).server.url, docker.url);
    const child = ['-e', 'console.log(process.env.DEVICEHIVE_URL)'];
    assert.equal(await succeeds(['exec', '--', process.execPath, ...child], env), `${docker.url}\n`);
    writeFileSync(join(home.work, 'lines.ndjson'), '{"action":"device/get","deviceId":"d1"}\n');
    await succeeds(['batch', 'lines.ndjson'], env);
    await succeeds(['completion', 'bash'], env);
  });

  it('goes to the command of exec as it is, where no server is there yet', async () => {
    await docker.close();
    const child = ['-e', 'console.log(process.env.DEVICEHIVE_URL)'];
    const run = await home.run(['exec', '--', process.execPath, ...child], {
      env: { DEVICEHIVE_URL: bare, DEVICEHIVE_TOKEN: 'a-token' },
    });
    assert.deepEqual([run.code, run.stdout], [0, `${bare}\n`]);
    assert.match(run.stderr, /connection refused; the command gets ws:\/\/127\.0\.0\.1:\d+ as it is/);
  });

  it('is reported with both places where it has its WebSocket at neither', async () => {
    await using other = await fakeServer({}, { path: '/hive/websocket' });
    const run = await home.run([...get, '--url', `ws://127.0.0.1:${other.port}`, '--token-file', 'token.txt']);
    assert.equal(run.code, 5);
    assert.match(run.stderr, /no WebSocket at \/dh\/websocket \(HTTP 404\) or at \/api\/websocket \(HTTP 404\)/);
  });
});

describe('the address of a REST API', () => {
  it('stands for the WebSocket of its server, as a note says', async () => {
    const rest = `http://127.0.0.1:${docker.port}/api/rest`;
    const run = await home.run([...get, '--url', rest, '--token-file', 'token.txt']);
    assert.equal(run.code, 0, run.stderr);
    assert.ok(
      run.stderr.includes(`--url names the REST API of a server; its WebSocket is used: ${docker.url}`),
      run.stderr,
    );
    assert.deepEqual(docker.tried, ['/api/websocket']);
    await succeeds([...login, '--url', rest]);
    assert.equal(storedUrl('127.0.0.1'), docker.url);
    await succeeds(['server', 'status', '--url', rest]);
    await succeeds(get, { DEVICEHIVE_URL: rest });
  });
});
