import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { errorOf, Home } from '../../helpers/cli.ts';
import { fakeServer, jwtWith, refusing } from '../../helpers/fakeServer.ts';
import { serverForAll } from '../../helpers/runningServer.ts';

const home = new Home();
const file = join(home.work, 'tokens.json');
const farFuture = Date.UTC(2099, 0);
/** Signed by the server; the access token has expired, the refresh token has not. */
let expired: { readonly accessToken: string; readonly refreshToken: string };
const server = serverForAll(home, async () => {
  const rights = ['--user', '1', '--action', '*', '--network', '*', '--device-type', '*'];
  const times = ['--expiration', '2020-01-01T00:00:00.000', '--refresh-expiration', '2099-01-01T00:00:00.000'];
  const { stdout } = await home.run(['token', 'create', ...rights, ...times]);
  expired = JSON.parse(stdout) as typeof expired;
});

const update = ['command', 'update', '--device', 'd1', '--id', '42', '--status', 'done'];

function write(content: unknown, mode = 0o600): void {
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content), { mode });
}

function read(): Record<string, unknown> {
  return JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
}

describe('an expired access token', () => {
  it('is refreshed with the refresh token of its file, which is rewritten whole and keeps its mode', async () => {
    const { accessToken, refreshToken } = expired;
    write({ accessToken, refreshToken, note: 'mine' });
    const { ino } = statSync(file);
    const run = await home.run([...update, '--url', server.ready.url, '--token-file', 'tokens.json']);
    assert.equal(run.code, 0, run.stderr);
    assert.match(run.stdout, /"status":"success"/);
    const now = read();
    assert.notEqual(now['accessToken'], accessToken);
    assert.equal(now['refreshToken'], refreshToken);
    assert.equal(now['note'], 'mine');
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.notEqual(statSync(file).ino, ino, 'a new file took its place');
    assert.deepEqual(
      readdirSync(home.work).filter((name) => name !== 'tokens.json'),
      [],
    );
    const again = await home.run([...update, '--url', server.ready.url, '--token-file', 'tokens.json']);
    assert.equal(again.code, 0, again.stderr);
    assert.equal(read()['accessToken'], now['accessToken']);
  });

  it('is refreshed with DEVICEHIVE_REFRESH_TOKEN', async () => {
    const env = { DEVICEHIVE_TOKEN: expired.accessToken, DEVICEHIVE_REFRESH_TOKEN: expired.refreshToken };
    const run = await home.run([...update, '--url', server.ready.url], { env });
    assert.equal(run.code, 0, run.stderr);
  });

  it('is refreshed when only the server finds it expired, and the request is sent once more', async () => {
    const old = jwtWith({ u: 1, a: [0], n: ['*'], dt: ['*'], e: farFuture, t: 1 });
    const fresh = jwtWith({ u: 1, a: [0], n: ['*'], dt: ['*'], e: farFuture + 1, t: 1 });
    await using fake = await fakeServer({
      authenticate: ({ token }) => (token === fresh ? {} : { status: 'error', code: 401, error: 'Token expired' }),
      'token/refresh': () => ({ accessToken: fresh }),
    });
    write({ accessToken: old, refreshToken: 'a-refresh-token' });
    const run = await home.run([...update, '--url', fake.url, '--token-file', 'tokens.json']);
    assert.equal(run.code, 0, run.stderr);
    assert.deepEqual(
      fake.requests.map(({ action }) => action),
      ['authenticate', 'token/refresh', 'authenticate', 'command/update'],
    );
    assert.equal(fake.sent('token/refresh')[0]?.['refreshToken'], 'a-refresh-token');
    assert.deepEqual(read(), { accessToken: fresh, refreshToken: 'a-refresh-token' });
  });

  it('leads to the request once more when its reply is 401 Token expired', async () => {
    const fresh = jwtWith({ u: 1, a: [0], n: ['*'], dt: ['*'], e: farFuture, t: 1 });
    await using fake = await fakeServer({
      'command/update': () =>
        fake.sent('command/update').length > 1 ? {} : { status: 'error', code: 401, error: 'Token expired' },
      'token/refresh': () => ({ accessToken: fresh }),
    });
    write({ accessToken: 'opaque', refreshToken: 'a-refresh-token' });
    const run = await home.run([...update, '--url', fake.url, '--token-file', 'tokens.json']);
    assert.equal(run.code, 0, run.stderr);
    assert.deepEqual(
      fake.requests.map(({ action }) => action),
      ['authenticate', 'command/update', 'token/refresh', 'authenticate', 'command/update'],
    );
  });

  it('ends with 4 and the code of the server without a refresh token', async () => {
    write(expired.accessToken);
    const run = await home.run([...update, '--url', server.ready.url, '--token-file', 'tokens.json', '--json']);
    assert.equal(run.code, 4, run.stderr);
    assert.equal(run.stdout, '');
    const told = errorOf(run);
    assert.equal(told['kind'], 'auth');
    assert.equal(told['code'], 401);
    assert.match(String(told['message']), /Token expired/);
    assert.equal(readFileSync(file, 'utf8'), expired.accessToken);
  });

  it('ends with 4 when the refresh is refused, and the file stays as it was', async () => {
    await using fake = await fakeServer({
      authenticate: refusing(401, 'Token expired'),
      'token/refresh': refusing(401, 'Token has expired'),
    });
    const content = { accessToken: expired.accessToken, refreshToken: 'a-refresh-token' };
    write(content);
    const run = await home.run([...update, '--url', fake.url, '--token-file', 'tokens.json']);
    assert.equal(run.code, 4, run.stderr);
    assert.deepEqual(read(), content);
  });

  it('of the local server is refreshed, and its entry in the runtime folder keeps the new one', async () => {
    const entry = join(home.folder, 'run', 'devicehive', `server-${server.ready.pid}.json`);
    const known = JSON.parse(readFileSync(entry, 'utf8')) as Record<string, unknown>;
    writeFileSync(entry, JSON.stringify({ ...known, accessToken: expired.accessToken }));
    const run = await home.run(update);
    assert.equal(run.code, 0, run.stderr);
    const now = JSON.parse(readFileSync(entry, 'utf8')) as Record<string, unknown>;
    assert.notEqual(now['accessToken'], expired.accessToken);
    assert.equal(statSync(entry).mode & 0o777, 0o600);
  });
});
