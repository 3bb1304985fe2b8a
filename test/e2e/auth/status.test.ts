import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, it } from 'node:test';
import { errorOf, Home } from '../../helpers/cli.ts';
import { jwtWith } from '../../helpers/fakeServer.ts';
import { serverForAll } from '../../helpers/runningServer.ts';

const home = new Home();
const server = serverForAll(home);

afterEach(() => rmSync(join(home.folder, 'config'), { recursive: true, force: true }));

/** Returns tokens of the administrator with these rights. */
async function tokens(...rights: readonly string[]): Promise<{ accessToken: string; refreshToken: string }> {
  const run = await home.run(['token', 'create', '--user', '1', ...rights]);
  assert.equal(run.code, 0, run.stderr);
  return JSON.parse(run.stdout) as { accessToken: string; refreshToken: string };
}

async function statusWith(content: unknown): Promise<Record<string, unknown>> {
  writeFileSync(join(home.work, 'token.json'), JSON.stringify(content));
  const run = await home.run(['auth', 'status', '--url', server.ready.url, '--token-file', 'token.json']);
  assert.equal(run.code, 0, run.stderr);
  return JSON.parse(run.stdout) as Record<string, unknown>;
}

describe('auth status', () => {
  it('shows server, context, user, token, rights and whether it can be refreshed', async () => {
    const login = ['auth', 'login', '--url', server.ready.url, '--login', 'dhadmin', '--password-file', '-'];
    await home.run(login, { stdin: server.ready.password });
    const run = await home.run(['auth', 'status']);
    assert.equal(run.code, 0, run.stderr);
    const { expiresAt, refreshableUntil, ...rest } = JSON.parse(run.stdout) as Record<string, unknown>;
    assert.deepEqual(rest, {
      url: server.ready.url,
      from: 'context',
      context: '127.0.0.1',
      user: { id: 1, login: 'dhadmin', role: 'administrator' },
      tokenKind: 'access',
      permissions: ['*'],
      networks: ['*'],
      deviceTypes: ['*'],
      refreshable: true,
    });
    assert.match(String(expiresAt), /^\d{4}-.*Z$/);
    assert.ok(String(expiresAt) < String(refreshableUntil));
    assert.doesNotMatch(run.stdout, /eyJ/);
  });

  it('shows the server that runs on this machine', async () => {
    const run = await home.run(['auth', 'status', '--query', 'from']);
    assert.equal(run.stdout, 'local\n', run.stderr);
  });

  it('names permissions, and shows only the user id where the token does not permit more', async () => {
    const rights = ['--action', 'GetDevice', '--action', 'UpdateDeviceCommand', '--network', '1'];
    const { accessToken } = await tokens(...rights);
    const status = await statusWith({ accessToken });
    assert.deepEqual(status['permissions'], ['GetDevice', 'UpdateDeviceCommand']);
    assert.deepEqual(status['user'], { id: 1, login: null, role: null });
    assert.deepEqual(status['networks'], ['1']);
    assert.equal(status['deviceTypes'], null);
    assert.equal(status['refreshable'], false);
    assert.equal(status['refreshableUntil'], null);
  });

  it('names no permission for a token that may do nothing', async () => {
    const { accessToken } = await tokens('--network', '*');
    assert.deepEqual((await statusWith({ accessToken }))['permissions'], []);
  });

  it('refreshes an expired token', async () => {
    const times = ['--expiration', '2020-01-01T00:00:00.000', '--refresh-expiration', '2099-01-01T00:00:00.000'];
    const status = await statusWith(await tokens('--action', '*', '--network', '*', ...times));
    assert.ok(Date.parse(String(status['expiresAt'])) > Date.now());
    assert.equal(status['refreshableUntil'], '2099-01-01T00:00:00.000Z');
  });

  it('ends with 4 where there is no token, and says how to log in', async () => {
    const run = await home.run(['auth', 'status', '--url', server.ready.url, '--json']);
    assert.equal(run.code, 4);
    assert.equal(run.stdout, '');
    assert.ok(String(errorOf(run)['hint']).includes(`devicehive auth login --url ${server.ready.url}`));
  });

  it('ends with 4 where the token has expired, is a refresh token, or is forged', async () => {
    const times = ['--expiration', '2020-01-01T00:00:00.000', '--refresh-expiration', '2020-01-01T00:00:00.000'];
    const expired = await tokens('--action', '*', ...times);
    const forged = jwtWith({ u: 1, a: [0], n: ['*'], dt: ['*'], e: Date.UTC(2099, 0), t: 1 });
    for (const content of [
      expired,
      { accessToken: expired.accessToken },
      { accessToken: server.ready.refreshToken },
      { accessToken: forged },
    ]) {
      writeFileSync(join(home.work, 'token.json'), JSON.stringify(content));
      const run = await home.run(['auth', 'status', '--url', server.ready.url, '--token-file', 'token.json']);
      assert.equal(run.code, 4, run.stderr);
      assert.equal(run.stdout, '');
    }
  });

  it('ends with 5 where the server cannot be reached', async () => {
    const run = await home.run(['auth', 'status', '--url', 'ws://127.0.0.1:1', '--token', '-'], { stdin: 'x' });
    assert.equal(run.code, 5, run.stderr);
  });
});
