import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { Home } from '../../helpers/cli.ts';
import { fakeServer, jwtWith, type Answer } from '../../helpers/fakeServer.ts';

let home: Home;
let folder: string;
beforeEach(() => {
  home = new Home();
  folder = join(home.folder, 'config', 'devicehive');
});
afterEach(() => home[Symbol.dispose]());

const rights = { u: 1, a: [0], n: ['*'], dt: ['*'] };
const expired = jwtWith({ ...rights, e: Date.UTC(2020, 0), t: 1 });
const refreshToken = jwtWith({ ...rights, e: Date.UTC(2099, 0), t: 0 });
const update = ['command', 'update', '--device', 'd1', '--id', '42', '--status', 'done'];

/** Returns another token each time. */
function refreshing(): Answer {
  let count = 0;
  return () => ({ accessToken: jwtWith({ ...rights, e: Date.UTC(2099, 0) + count++, t: 1 }) });
}

async function logIn(name: string, url: string): Promise<void> {
  const args = ['auth', 'login', '--context', name, '--url', url, '--login', 'me', '--password-file', '-'];
  const run = await home.run(args, { stdin: 'my-password' });
  assert.equal(run.code, 0, run.stderr);
}

function kept(name: string): Record<string, unknown> {
  return JSON.parse(readFileSync(join(folder, 'credentials', `${name}.json`), 'utf8')) as Record<string, unknown>;
}

describe("a context's expired access token", () => {
  it('is refreshed by itself and written back whole, for this user only', async () => {
    await using server = await fakeServer({
      token: () => ({ accessToken: expired, refreshToken }),
      'token/refresh': refreshing(),
    });
    await logIn('lab', server.url);
    assert.equal(kept('lab')['accessToken'], expired);
    for (let count = 0; count < 2; count++) assert.equal((await home.run(update)).code, 0);
    assert.equal(server.sent('token/refresh').length, 1, 'the second run uses the new token');
    const { accessToken, ...rest } = kept('lab');
    assert.notEqual(accessToken, expired);
    assert.deepEqual(rest, { url: server.url, login: 'me', refreshToken });
    assert.equal(statSync(join(folder, 'credentials', 'lab.json')).mode & 0o777, 0o600);
  });

  it('is refreshed by ten processes at once without harm to the file, or to contexts that are added meanwhile', async () => {
    await using server = await fakeServer({
      token: () => ({ accessToken: expired, refreshToken }),
      'token/refresh': refreshing(),
    });
    await logIn('lab', server.url);
    const names = Array.from({ length: 5 }, (_, index) => `added-${index}`);
    const runs = await Promise.all([
      ...Array.from({ length: 10 }, () => home.run(update)),
      ...names.map((name) => home.run(['context', 'add', name, '--url', 'ws://192.0.2.1'])),
    ]);
    for (const { code, stderr } of runs) assert.equal(code, 0, stderr);
    const { accessToken, ...rest } = kept('lab');
    assert.notEqual(accessToken, expired);
    assert.deepEqual(rest, { url: server.url, login: 'me', refreshToken });
    const list = await home.run(['context', 'list', '--query', '[].name']);
    assert.deepEqual((JSON.parse(list.stdout) as string[]).sort(), [...names, 'lab']);
    assert.deepEqual(readdirSync(join(folder, 'credentials')), ['lab.json']);
    assert.deepEqual(readdirSync(folder).sort(), ['contexts.json', 'credentials']);
  });

  it('is not written back over a login, or after a logout, that came meanwhile', async () => {
    let meanwhile = (): void => undefined;
    const refresh = refreshing();
    await using server = await fakeServer({
      token: () => ({ accessToken: expired, refreshToken }),
      'token/refresh': (request, peer) => {
        meanwhile();
        return refresh(request, peer);
      },
    });
    await logIn('lab', server.url);
    const file = join(folder, 'credentials', 'lab.json');
    const newer = { ...kept('lab'), accessToken: 'of-a-newer-login', refreshToken: 'of-a-newer-login' };
    meanwhile = () => writeFileSync(file, JSON.stringify(newer));
    assert.equal((await home.run(update)).code, 0);
    assert.deepEqual(kept('lab'), newer);
    await logIn('lab', server.url);
    const { rmSync } = await import('node:fs');
    meanwhile = () => rmSync(file);
    assert.equal((await home.run(update)).code, 0);
    assert.deepEqual(readdirSync(join(folder, 'credentials')), []);
  });
});
