import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { deadUrl } from '../../helpers/badServer.ts';
import { bin, errorOf, Home, type RunOptions } from '../../helpers/cli.ts';
import { fakeServer, jwtWith } from '../../helpers/fakeServer.ts';
import { startServer } from '../../helpers/runningServer.ts';

const home = new Home();
after(() => home[Symbol.dispose]());

const own = [process.execPath, bin];
/** Prints what the child's environment says about the server. */
const told = [
  process.execPath,
  '-e',
  'console.log(JSON.stringify(Object.fromEntries(Object.entries(process.env).filter(([name]) => name.startsWith("DEVICEHIVE_")))))',
];

async function environmentOf(flags: readonly string[], options: RunOptions = {}): Promise<Record<string, string>> {
  const run = await home.run(['exec', ...flags, '--', ...told], options);
  assert.equal(run.code, 0, run.stderr);
  return JSON.parse(run.stdout) as Record<string, string>;
}

/** Returns when a token expires, in ms since 1970. */
function expiryOf(token = ''): number {
  const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as {
    payload: { e: number };
  };
  return claims.payload.e;
}

function isListening(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.unref();
  });
}

describe('exec', () => {
  it('reaches its server past any proxy, from within too', async () => {
    const proxy = await deadUrl();
    const env = { HTTP_PROXY: proxy.replace('ws:', 'http:'), HTTPS_PROXY: proxy, ALL_PROXY: proxy };
    const run = await home.run(['exec', '--', ...own, 'device', 'get', '--device', 'd1'], { env });
    assert.equal(run.code, 0, run.stderr);
  });

  it('provides its command with a ready server, which is gone afterwards', async () => {
    const env = await environmentOf([]);
    assert.deepEqual(Object.keys(env).sort(), ['DEVICEHIVE_REFRESH_TOKEN', 'DEVICEHIVE_TOKEN', 'DEVICEHIVE_URL']);
    assert.match(env['DEVICEHIVE_URL'] ?? '', /^ws:\/\/127\.0\.0\.1:\d+\/dh\/websocket$/);
    assert.equal(await isListening(env['DEVICEHIVE_URL'] ?? ''), false);
  });

  it('provides its command with tokens that do not expire while it runs', async () => {
    const env = await environmentOf([]);
    for (const name of ['DEVICEHIVE_TOKEN', 'DEVICEHIVE_REFRESH_TOKEN'])
      assert.ok(expiryOf(env[name]) > Date.now() + 10 * 366 * 86_400_000, name);
  });

  it('lets our own commands find that server', async () => {
    const update = ['command', 'update', '--device', 'd1', '--id', '42', '--status', 'done'];
    const run = await home.run(['exec', '--', ...own, ...update]);
    assert.equal(run.code, 0, run.stderr);
    assert.match(run.stdout, /^\{"action":"command\/update","requestId":\d+,"status":"success"\}\n$/);
    assert.match(run.stderr, /^server: ws:\/\/.* \(embedded in this command\)$/m);
  });

  it('passes stdin, stdout and stderr on, and writes nothing itself to stdout', async () => {
    const run = await home.run(['exec', '--quiet', '--', '/bin/sh', '-c', 'cat; echo problem >&2'], { stdin: 'in\n' });
    assert.deepEqual([run.code, run.stdout, run.stderr], [0, 'in\n', 'problem\n']);
  });

  it('leaves everything after -- to the command', async () => {
    const words = ['-h', '--help', '--version', '-V', '--json', '--quiet', '--url', 'x', '--', '-o', 'json', 'a b', ''];
    const print = ['-e', 'console.log(JSON.stringify(process.argv.slice(1)))', '--'];
    for (const flags of [[], ['--no-demo'], ['--retry', '1']]) {
      const run = await home.run(['exec', ...flags, '--', process.execPath, ...print, ...words]);
      assert.equal(run.code, 0, run.stderr);
      assert.deepEqual(JSON.parse(run.stdout), words);
      assert.match(run.stderr, /^server: /, '--quiet and --json are not ours');
    }
  });

  for (const code of [1, 2, 42, 255]) {
    it(`passes the exit code ${code} on, and says nothing about it`, async () => {
      const run = await home.run(['exec', '-q', '--', '/bin/sh', '-c', `exit ${code}`]);
      assert.deepEqual([run.code, run.stdout, run.stderr], [code, '', '']);
    });
  }

  it('ends with 128 + n where signal n ended the command', async () => {
    for (const [signal, code] of [
      ['KILL', 137],
      ['TERM', 143],
    ] as const) {
      const run = await home.run(['exec', '-q', '--', '/bin/sh', '-c', `kill -${signal} $$`]);
      assert.deepEqual([run.code, run.signal], [code, null]);
    }
  });

  it('ends with 127 where the command does not exist, and with 126 where it cannot be run', async () => {
    const missing = await home.run(['exec', '--', 'no-such-command']);
    assert.equal(missing.code, 127);
    assert.match(missing.stderr, /cannot start 'no-such-command': there is no such command/);
    const file = join(home.work, 'script');
    writeFileSync(file, '#!/bin/sh\n');
    chmodSync(file, 0o644);
    const forbidden = await home.run(['exec', '--json', '--', file]);
    assert.equal(forbidden.code, 126);
    assert.equal(errorOf(forbidden)['exit'], 126);
  });

  it('ends with 2 without a command', async () => {
    for (const args of [['exec'], ['exec', '--'], ['exec', '--no-demo']]) {
      assert.equal((await home.run(args)).code, 2);
    }
  });

  it('shows its own help only before --', async () => {
    const run = await home.run(['exec', '--help']);
    assert.equal(run.code, 0);
    assert.match(run.stdout, /Usage: devicehive exec/);
    assert.match(run.stdout, /127/);
  });
});

describe('the embedded server of exec', () => {
  it('is without device d1 with --no-demo', async () => {
    const get = [...own, 'device', 'get', '--device', 'd1'];
    assert.equal((await home.run(['exec', '--', ...get])).code, 0);
    assert.equal((await home.run(['exec', '--no-demo', '--', ...get])).code, 6);
  });

  it('answers everything with --answer-all', async () => {
    const update = ['command', 'update', '--device', 'd1', '--id', '7', '--status', 'x', '--json'];
    const run = await home.run(['exec', '--answer-all', '-q', '--', ...own, ...update]);
    assert.equal(run.code, 6);
    assert.equal(errorOf(run)['code'], 404);
  });

  it('takes secret and password from files', async () => {
    writeFileSync(join(home.work, 'secret.txt'), 'another-secret');
    writeFileSync(join(home.work, 'password.txt'), 'another-password');
    const flags = ['--secret-file', 'secret.txt', '--password-file', 'password.txt'];
    const login = [...own, 'token', 'get', '--login', 'dhadmin', '--password-file', 'password.txt'];
    const run = await home.run(['exec', ...flags, '--', ...login]);
    assert.equal(run.code, 0, run.stderr);
    const short = await home.run(['exec', '--secret-file', '/dev/null', '--', 'true']);
    assert.equal(short.code, 2);
  });

  it('is chosen by --embedded before everything else', async () => {
    await using other = await fakeServer();
    const env = { DEVICEHIVE_URL: other.url, DEVICEHIVE_TOKEN: 'of-environment', DEVICEHIVE_CONTEXT: 'x' };
    const child = await environmentOf(['--embedded'], { env });
    assert.notEqual(child['DEVICEHIVE_URL'], other.url);
    assert.match(child['DEVICEHIVE_TOKEN'] ?? '', /^eyJ/);
    assert.equal(child['DEVICEHIVE_CONTEXT'], undefined);
  });

  it('is never one that runs on this machine already', async () => {
    await using local = await startServer(home);
    assert.notEqual((await environmentOf([]))['DEVICEHIVE_URL'], local.ready.url);
  });
});

describe('another server for exec', () => {
  it('is the one that a flag, the environment, the project or a context names', async () => {
    await using server = await fakeServer();
    const { url } = server;
    assert.equal((await environmentOf(['--url', url]))['DEVICEHIVE_URL'], url);
    assert.equal((await environmentOf([], { env: { DEVICEHIVE_URL: url } }))['DEVICEHIVE_URL'], url);
    const cwd = join(home.work, 'project');
    mkdirSync(cwd);
    writeFileSync(join(cwd, 'devicehive.config.json'), JSON.stringify({ url }));
    assert.equal((await environmentOf([], { cwd }))['DEVICEHIVE_URL'], url);
    const elsewhere = { DEVICEHIVE_CONFIG_DIR: join(home.work, 'config') };
    await home.run(['context', 'add', 'lab', '--url', url, '--use'], { env: elsewhere });
    assert.equal((await environmentOf([], { env: elsewhere }))['DEVICEHIVE_URL'], url);
    assert.equal((await environmentOf(['--context', 'lab'], { env: elsewhere }))['DEVICEHIVE_URL'], url);
    assert.deepEqual(server.handshakes, [], 'nothing is asked where no token must be fetched');
  });

  it("gets no token that was not meant for it into its command's environment", async () => {
    await using server = await fakeServer();
    const cwd = join(home.work, 'other');
    mkdirSync(cwd);
    writeFileSync(join(cwd, 'devicehive.config.json'), JSON.stringify({ url: server.url }));
    writeFileSync(join(home.work, 'token.txt'), 'secret');
    const env = {
      DEVICEHIVE_TOKEN: 'secret',
      DEVICEHIVE_REFRESH_TOKEN: 'secret',
      DEVICEHIVE_TOKEN_FILE: join(home.work, 'token.txt'),
      DEVICEHIVE_LOGIN: 'me',
      DEVICEHIVE_PASSWORD_FILE: join(home.work, 'token.txt'),
    };
    assert.deepEqual(await environmentOf([], { cwd, env }), { DEVICEHIVE_URL: server.url });
  });

  it('has a token fetched for a login, and for a refresh token', async () => {
    const fresh = jwtWith({ u: 1, a: [0], n: ['*'], dt: ['*'], e: Date.UTC(2099, 0), t: 1 });
    await using server = await fakeServer({
      token: () => ({ accessToken: fresh, refreshToken: 'refresh-of-login' }),
      'token/refresh': () => ({ accessToken: fresh }),
    });
    writeFileSync(join(home.work, 'password.txt'), 'my-password');
    const login = { DEVICEHIVE_LOGIN: 'me', DEVICEHIVE_PASSWORD_FILE: 'password.txt' };
    const expected = { DEVICEHIVE_URL: server.url, DEVICEHIVE_TOKEN: fresh };
    assert.deepEqual(await environmentOf(['--url', server.url], { env: login }), {
      ...expected,
      DEVICEHIVE_REFRESH_TOKEN: 'refresh-of-login',
    });
    const refresh = { DEVICEHIVE_REFRESH_TOKEN: 'mine' };
    assert.deepEqual(await environmentOf(['--url', server.url], { env: refresh }), {
      ...expected,
      DEVICEHIVE_REFRESH_TOKEN: 'mine',
    });
  });

  it('that refuses the login ends with 4, and the command is not started', async () => {
    await using server = await fakeServer({
      token: () => ({ status: 'error', code: 401, error: 'Invalid credentials' }),
    });
    writeFileSync(join(home.work, 'password.txt'), 'my-password');
    const env = { DEVICEHIVE_LOGIN: 'me', DEVICEHIVE_PASSWORD_FILE: 'password.txt' };
    const run = await home.run(['exec', '--url', server.url, '--', 'echo', 'started'], { env });
    assert.equal(run.code, 4, run.stderr);
    assert.equal(run.stdout, '');
  });

  it('is not shaped by the flags of the embedded one: they end with 2', async () => {
    for (const flags of [['--no-demo'], ['--answer-all'], ['--secret-file', 'x'], ['--password-file', 'x']]) {
      const env = { DEVICEHIVE_URL: 'ws://192.0.2.1' };
      const run = await home.run(['exec', ...flags, '--', 'echo', 'started'], { env });
      assert.equal(run.code, 2);
      assert.equal(run.stdout, '');
      assert.match(run.stderr, /DEVICEHIVE_URL names another one/);
    }
  });
});
