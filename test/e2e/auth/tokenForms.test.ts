import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, beforeEach, describe, it } from 'node:test';
import { bin, Home } from '../../helpers/cli.ts';
import { fakeServer, type FakeServer } from '../../helpers/fakeServer.ts';

const home = new Home();
let server: FakeServer;
beforeEach(async () => {
  server = await fakeServer({ token: () => ({ accessToken: 'granted', refreshToken: 'granted-too' }) });
});
afterEach(() => server.close());
after(() => home[Symbol.dispose]());

const user = ['user', 'get-current'];
const marked = '\ufeffBearer the-token\u200b\r\n';
const ready = JSON.stringify({ accessToken: 'the-token', password: 'secret-password' });

function file(name: string, text: string): string {
  const path = join(home.work, name);
  writeFileSync(path, text);
  return path;
}

/** Returns every way to give this text as the token. */
function waysOf(text: string): { words: string[]; env?: NodeJS.ProcessEnv; stdin?: string }[] {
  return [
    { words: ['--token', text] },
    { words: ['--token', '-'], stdin: text },
    { words: ['--token-file', file('token.txt', text)] },
    { words: [], env: { DEVICEHIVE_TOKEN: text } },
    { words: [], env: { DEVICEHIVE_TOKEN_FILE: file('token.txt', text) } },
  ];
}

describe('a token', () => {
  it('is the same however it comes', async () => {
    for (const text of [marked, ready, '"the-token"']) {
      for (const { words, ...options } of waysOf(text)) {
        const run = await home.run([...user, '--url', server.url, ...words], options);
        assert.equal(run.code, 0, run.stderr);
      }
    }
    assert.deepEqual(new Set(server.sent('authenticate').map(({ token }) => token)), new Set(['the-token']));
    assert.equal(server.sent('authenticate').length, 15);
  });

  it('is never sent where it cannot be one, nor shown', async () => {
    for (const text of ['{"password":"secret-password"}', '{"accessToken":"secret', 'secret token', 'secret:token']) {
      for (const { words, ...options } of waysOf(text)) {
        const run = await home.run([...user, '--url', server.url, ...words], options);
        assert.equal(run.code, 2, run.stderr);
        assert.doesNotMatch(run.stderr, /secret/);
        assert.match(run.stderr, /It must hold an access token, or JSON with "accessToken"/);
      }
    }
    assert.deepEqual(server.requests, []);
  });

  it('to refresh with comes in the same forms', async () => {
    const refresh = ['token', 'refresh', '--url', server.url];
    const kept = file('ready.json', '\ufeff{"accessToken":"a","refreshToken":"Bearer the-token"}');
    assert.equal((await home.run([...refresh, '--refresh-token-file', kept])).code, 0);
    assert.equal((await home.run([...refresh, '--refresh-token', '-'], { stdin: marked })).code, 0);
    const env = { DEVICEHIVE_REFRESH_TOKEN: marked };
    await home.run([...user, '--url', server.url], { env });
    const sent = server.sent('token/refresh').map(({ refreshToken }) => refreshToken);
    assert.deepEqual(sent, ['the-token', 'the-token', 'the-token']);
    const bad = await home.run([...refresh, '--refresh-token-file', file('bad.txt', '{"password":"secret"}')]);
    assert.equal(bad.code, 3, bad.stderr);
    assert.match(bad.stderr, /--refresh-token-file has no refreshToken/);
  });
});

describe('a password', () => {
  it('loses a byte-order mark and its line end, however it comes', async () => {
    const text = '\ufeff my password \r\n';
    const named = file('password.txt', text);
    const url = ['--url', server.url];
    await home.run(['token', 'get', '--login', 'me', '--password-file', named, ...url]);
    await home.run(['token', 'get', '--login', 'me', '--password', '-', ...url], { stdin: text });
    await home.run(['auth', 'login', '--login', 'me', '--password-file', '-', ...url], { stdin: text });
    const env = {
      DEVICEHIVE_LOGIN: 'me',
      DEVICEHIVE_PASSWORD_FILE: named,
      DEVICEHIVE_CONFIG_DIR: join(home.work, 'new'),
    };
    await home.run([...user, ...url], { env });
    const sent = server.sent('token').map(({ password }) => password);
    assert.deepEqual(sent, Array(4).fill(' my password '));
  });

  it('of the administrator loses it too', async () => {
    const words = ['exec', '--password-file', file('admin.txt', '\ufeffadmin-password\n'), '--'];
    const login = ['token', 'get', '--login', 'dhadmin', '--password-file', file('plain.txt', 'admin-password')];
    const run = await home.run([...words, process.execPath, bin, ...login], {
      env: { DEVICEHIVE_CONFIG_DIR: join(home.work, 'new') },
    });
    assert.equal(run.code, 0, run.stderr);
  });
});
