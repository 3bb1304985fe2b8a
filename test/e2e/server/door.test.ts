import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { saysNothing, tcpServer } from '../../helpers/badServer.ts';
import { Home } from '../../helpers/cli.ts';
import { startServer } from '../../helpers/runningServer.ts';

const home = new Home();
after(() => home[Symbol.dispose]());
writeFileSync(join(home.work, 'secret.txt'), 'a-secret-of-our-own\n', { mode: 0o600 });
writeFileSync(join(home.work, 'password.txt'), 'our-own-password\n', { mode: 0o600 });
writeFileSync(join(home.work, 'well-known.txt'), 'dhadmin_#911\n', { mode: 0o600 });

const update = ['command', 'update', '--device', 'd1', '--id', '42', '--status', 'done'];
const secret = ['--secret-file', 'secret.txt'];
const password = ['--password-file', 'password.txt'];

const refused: readonly {
  readonly what: string;
  readonly args: readonly string[];
  readonly says: readonly RegExp[];
  readonly saysNot?: RegExp;
}[] = [
  { what: 'a port that is no number', args: ['--port', 'abc'], says: [/--port/, /abc/] },
  { what: 'a port beyond 65535', args: ['--port', '65536'], says: [/--port/, /65536/] },
  {
    what: 'an address of another machine',
    args: ['--host', '203.0.113.7', '--insecure'],
    says: [/203\.0\.113\.7/, /--host|address/],
  },
  {
    what: 'an open door with the well-known secret and password',
    args: ['--host', '0.0.0.0'],
    says: [/--secret-file/, /--password-file/, /--insecure/],
  },
  {
    what: 'an open door with the well-known password',
    args: ['--host', '0.0.0.0', ...secret],
    says: [/--password-file/, /--insecure/],
    saysNot: /--secret-file/,
  },
  {
    what: 'an open door with the well-known secret',
    args: ['--host', '::', ...password],
    says: [/--secret-file/, /--insecure/],
    saysNot: /--password-file/,
  },
  { what: 'a secret file that is not there', args: ['--secret-file', 'none'], says: [/--secret-file/, /none/] },
  { what: 'a password file that is not there', args: ['--password-file', 'none'], says: [/--password-file/, /none/] },
  {
    what: 'a ready file that cannot be written',
    args: ['--ready-file', 'missing/ready.json'],
    says: [/--ready-file/, /missing/],
  },
];

describe('what server start refuses', { concurrency: 2 }, () => {
  for (const { what, args, says, saysNot } of refused) {
    it(`${what} ends with 2`, async () => {
      const run = await home.run(['server', 'start', ...args]);
      assert.equal(run.code, 2, run.stderr);
      assert.equal(run.stdout, '');
      for (const text of says) assert.match(run.stderr, text);
      if (saysNot !== undefined) assert.doesNotMatch(run.stderr, saysNot);
      assert.doesNotMatch(run.stderr, /^\s+at /m);
    });
  }

  it('a port that is taken ends with 2', async () => {
    await using taken = await tcpServer(saysNothing);
    const run = await home.run(['server', 'start', '--port', String(taken.port)]);
    assert.equal(run.code, 2, run.stderr);
    assert.match(run.stderr, new RegExp(`${taken.port}.*taken`));
  });
});

describe('whom server start lets in', { concurrency: 2 }, () => {
  it('everybody who knows secret or password on an open door, which is announced by its loopback address', async () => {
    await using server = await startServer(home, ['--host', '0.0.0.0', ...secret, ...password]);
    const { url, accessToken } = server.ready;
    assert.match(url, /^ws:\/\/127\.0\.0\.1:\d+\/dh\/websocket$/);
    const run = await home.run([...update, '--url', url, '--token', '-'], { stdin: accessToken });
    assert.equal(run.code, 0, run.stderr);
  });

  it('anybody with --insecure', async () => {
    await using server = await startServer(home, ['--host', '0.0.0.0', '--insecure']);
    const { url, accessToken } = server.ready;
    assert.equal((await home.run([...update, '--url', url, '--token', '-'], { stdin: accessToken })).code, 0);
  });

  it('no token of the well-known secret once there is another', async () => {
    using other = new Home();
    await using wellKnown = await startServer(other);
    await using server = await startServer(home, secret);
    const { accessToken } = wellKnown.ready;
    const run = await home.run([...update, '--url', server.ready.url, '--token', '-'], { stdin: accessToken });
    assert.equal(run.code, 4, run.stderr);
    assert.match(run.stderr, /Invalid credentials/);
    const own = server.ready.accessToken;
    assert.equal((await home.run([...update, '--url', server.ready.url, '--token', '-'], { stdin: own })).code, 0);
  });

  it('the administrator with the new password only', async () => {
    await using server = await startServer(home, password);
    assert.equal(server.ready.password, 'our-own-password');
    const login = ['token', 'get', '--login', 'dhadmin', '--url', server.ready.url, '--query', 'accessToken'];
    const got = await home.run([...login, ...password]);
    assert.equal(got.code, 0, got.stderr);
    const run = await home.run([...update, '--url', server.ready.url, '--token', '-'], { stdin: got.stdout });
    assert.equal(run.code, 0, run.stderr);
    const old = await home.run([...login, '--password-file', 'well-known.txt']);
    assert.equal(old.code, 4, old.stderr);
  });
});
