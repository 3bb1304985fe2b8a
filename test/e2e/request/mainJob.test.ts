import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { Home, type Ended } from '../../helpers/cli.ts';
import { serverForAll } from '../../helpers/runningServer.ts';

const home = new Home();
/** The same machine without a running server in its runtime folder. */
const elsewhere = new Home();
const server = serverForAll(home, () => {
  const { accessToken, password } = server.ready;
  writeFileSync(join(home.work, 'token.txt'), `${accessToken}\n`, { mode: 0o600 });
  writeFileSync(join(home.work, 'ready.json'), `${server.line}\n`, { mode: 0o600 });
  writeFileSync(join(home.work, 'password.txt'), `${password}\n`, { mode: 0o600 });
});

after(() => {
  elsewhere[Symbol.dispose]();
});

const update = ['command', 'update', '--device', 'd1', '--id', '42', '--status', 'done'];

/** Checks that stdout is one compact line with a reply, whatever requests came before it. */
function assertUpdated({ code, stdout, stderr }: Ended): void {
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^\{"action":"command\/update","requestId":\d+,"status":"success"\}\n$/);
}

describe('the main job', () => {
  it('updates command 42 of d1 with a server inside the command, as the README shows', async () => {
    const run = await elsewhere.run([...update, '--embedded']);
    assert.equal(run.stdout, '{"action":"command/update","requestId":2,"status":"success"}\n');
    assert.equal(run.code, 0);
    assert.match(run.stderr, /^server: ws:\/\/127\.0\.0\.1:\d+\/dh\/websocket \(embedded[^\n]*\)\n$/);
  });

  it('finds a server of another process without configuration', async () => {
    const run = await home.run([...update, '--result', '{"ok":true}']);
    assertUpdated(run);
    assert.equal(run.stderr, '');
    const got = await home.run(['command', 'get', '--device', 'd1', '--id', '42', '--query', 'command.result']);
    assert.equal(got.stdout, '{"ok":true}\n');
  });

  it('does two at once with servers of their own', async () => {
    const runs = await Promise.all([
      elsewhere.run([...update, '--embedded']),
      elsewhere.run([...update, '--embedded']),
    ]);
    for (const run of runs) assertUpdated(run);
  });

  it('does two at once with one server', async () => {
    const runs = await Promise.all([home.run(update), home.run(update)]);
    for (const run of runs) assertUpdated(run);
  });

  const ways: readonly {
    readonly what: string;
    readonly args?: () => readonly string[];
    readonly env?: () => NodeJS.ProcessEnv;
    readonly stdin?: () => string;
  }[] = [
    { what: 'DEVICEHIVE_TOKEN', env: () => ({ DEVICEHIVE_TOKEN: server.ready.accessToken }) },
    { what: 'a plain --token-file', args: () => ['--token-file', 'token.txt'] },
    { what: 'the JSON of server start as --token-file', args: () => ['--token-file', 'ready.json'] },
    { what: '--token - on stdin', args: () => ['--token', '-'], stdin: () => `${server.ready.accessToken}\n` },
    { what: 'a plain DEVICEHIVE_TOKEN_FILE', env: () => ({ DEVICEHIVE_TOKEN_FILE: 'token.txt' }) },
    { what: 'a JSON DEVICEHIVE_TOKEN_FILE', env: () => ({ DEVICEHIVE_TOKEN_FILE: 'ready.json' }) },
    { what: 'DEVICEHIVE_REFRESH_TOKEN alone', env: () => ({ DEVICEHIVE_REFRESH_TOKEN: server.ready.refreshToken }) },
    {
      what: 'DEVICEHIVE_LOGIN and DEVICEHIVE_PASSWORD_FILE',
      env: () => ({ DEVICEHIVE_LOGIN: 'dhadmin', DEVICEHIVE_PASSWORD_FILE: 'password.txt' }),
    },
  ];

  for (const { what, args, env, stdin } of ways) {
    it(`takes --url with ${what}`, async () => {
      const run = await elsewhere.run([...update, '--url', server.ready.url, ...(args?.() ?? [])], {
        env: env?.() ?? {},
        cwd: home.work,
        ...(stdin === undefined ? {} : { stdin: stdin() }),
      });
      assertUpdated(run);
      assert.equal(run.stderr, '');
    });
  }

  it('takes the server from DEVICEHIVE_URL, a URL without a path too', async () => {
    const env = { DEVICEHIVE_URL: new URL(server.ready.url).origin, DEVICEHIVE_TOKEN: server.ready.accessToken };
    assertUpdated(await elsewhere.run(update, { env }));
  });

  it('warns of a token in the command line, even with --quiet', async () => {
    const run = await elsewhere.run([...update, '--url', server.ready.url, '--token', server.ready.accessToken, '-q']);
    assertUpdated(run);
    assert.match(run.stderr, /warning: --token .*process lists/);
    assert.ok(!run.stderr.includes(server.ready.accessToken));
  });

  it('refuses a wrong password of DEVICEHIVE_LOGIN with 4', async () => {
    writeFileSync(join(elsewhere.work, 'wrong.txt'), 'wrong-password');
    const env = { DEVICEHIVE_LOGIN: 'dhadmin', DEVICEHIVE_PASSWORD_FILE: 'wrong.txt' };
    const run = await elsewhere.run([...update, '--url', server.ready.url], { env });
    assert.equal(run.code, 4, run.stderr);
    assert.equal(run.stdout, '');
    assert.match(run.stderr, /Invalid credentials/);
  });
});
