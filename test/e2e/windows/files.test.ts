import assert from 'node:assert/strict';
import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { Home } from '../../helpers/cli.ts';
import { serverForAll } from '../../helpers/runningServer.ts';
import { windowsEnv } from '../../helpers/windows.ts';

const home = new Home();
const server = serverForAll(home);
const env = windowsEnv(home);

describe('files on Windows', () => {
  it('keeps contexts and logins in %APPDATA%, whose rights are not those of POSIX', async () => {
    const own = { ...env, XDG_CONFIG_HOME: '' };
    writeFileSync(join(home.work, 'password.txt'), `${server.ready.password}\r\n`);
    const login = ['auth', 'login', '--login', 'dhadmin', '--password-file', 'password.txt', '--context', 'lab'];
    const add = await home.run(['context', 'add', 'lab', '--url', server.ready.url], { env: own });
    assert.equal(add.code, 0, add.stderr);
    const kept = join(env['APPDATA'] ?? '', 'devicehive', 'contexts.json');
    assert.ok(existsSync(kept));
    chmodSync(kept, 0o666);
    const run = await home.run(login, { env: own });
    assert.equal(run.code, 0, run.stderr);
    const list = await home.run(['device', 'list', '--context', 'lab', '--query', '[].id'], { env: own });
    assert.equal(list.code, 0, list.stderr);
  });

  it('reads lines that end with CR and LF', async () => {
    const lines = ['{"action":"server/info"}', '{"action":"device/get","deviceId":"d1"}'];
    writeFileSync(join(home.work, 'lines.ndjson'), `${lines.join('\r\n')}\r\n`);
    writeFileSync(join(home.work, 'token.txt'), `\ufeff${server.ready.accessToken}\r\n`);
    const run = await home.run(['batch', 'lines.ndjson', '--token-file', 'token.txt'], { env });
    assert.equal(run.code, 0, run.stderr);
    assert.equal(run.stdout.trimEnd().split('\n').length, 2);
  });
});
