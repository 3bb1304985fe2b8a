import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, beforeEach, describe, it } from 'node:test';
import { errorOf, Home } from '../../helpers/cli.ts';
import { fakeServer, type FakeServer } from '../../helpers/fakeServer.ts';
import { startServer } from '../../helpers/runningServer.ts';

const home = new Home();
const folder = join(home.folder, 'config', 'devicehive');
const project = join(home.work, 'devicehive.config.json');
let one: FakeServer;
let two: FakeServer;

/** Two servers, with the contexts `one`, which is in use, and `two`; each has a token of its own. */
beforeEach(async () => {
  const answers = (name: string) => ({
    token: () => ({ accessToken: `token-of-${name}`, refreshToken: `refresh-of-${name}` }),
  });
  [one, two] = await Promise.all([fakeServer(answers('one')), fakeServer(answers('two'))]);
  for (const [name, { url }] of Object.entries({ one, two })) {
    const args = ['auth', 'login', '--context', name, '--url', url, '--login', 'me', '--password-file', '-'];
    const run = await home.run(args, { stdin: 'my-password' });
    assert.equal(run.code, 0, run.stderr);
  }
});
afterEach(async () => {
  await Promise.all([one.close(), two.close()]);
  rmSync(folder, { recursive: true });
  rmSync(project, { force: true });
});
after(() => home[Symbol.dispose]());

const update = ['command', 'update', '--device', 'd1', '--id', '42', '--status', 'done'];

function tokensSentTo(server: FakeServer): unknown[] {
  return server.sent('authenticate').map((request) => request['token']);
}

/** What each server was sent as a token. */
function tokens(): { one: unknown[]; two: unknown[] } {
  return { one: tokensSentTo(one), two: tokensSentTo(two) };
}

describe('the server and token of a context', () => {
  it('are those of the context in use', async () => {
    const run = await home.run(update);
    assert.equal(run.code, 0, run.stderr);
    assert.deepEqual(tokens(), { one: ['token-of-one'], two: [] });
  });

  it('are those of --context before everything else', async () => {
    const env = { DEVICEHIVE_URL: one.url, DEVICEHIVE_CONTEXT: 'one', DEVICEHIVE_TOKEN: 'of-environment' };
    writeFileSync(project, '{"context":"one"}');
    const run = await home.run([...update, '--context', 'two'], { env });
    assert.equal(run.code, 0, run.stderr);
    assert.deepEqual(tokens(), { one: [], two: ['token-of-two'] });
  });

  it('are those of DEVICEHIVE_CONTEXT before the project file and the context in use', async () => {
    writeFileSync(project, '{"context":"one"}');
    const run = await home.run(update, { env: { DEVICEHIVE_CONTEXT: 'two' } });
    assert.equal(run.code, 0, run.stderr);
    assert.deepEqual(tokens(), { one: [], two: ['token-of-two'] });
  });

  it('are those of the project file before the context in use', async () => {
    writeFileSync(project, '{"context":"two"}');
    const run = await home.run(update, { env: { DEVICEHIVE_TOKEN: 'of-environment' } });
    assert.equal(run.code, 0, run.stderr);
    assert.deepEqual(tokens(), { one: [], two: ['token-of-two'] });
  });

  it('come before a server that runs on this machine', async () => {
    await using local = await startServer(home);
    const run = await home.run([...update, '--envelope', '--query', 'server.url']);
    assert.notEqual(run.stdout, `${local.ready.url}\n`);
    assert.deepEqual(tokens(), { one: ['token-of-one'], two: [] });
  });

  it('give way to DEVICEHIVE_URL, which comes before DEVICEHIVE_CONTEXT', async () => {
    const env = { DEVICEHIVE_URL: two.url, DEVICEHIVE_CONTEXT: 'one', DEVICEHIVE_TOKEN: 'of-environment' };
    const run = await home.run(update, { env });
    assert.equal(run.code, 0, run.stderr);
    assert.deepEqual(tokens(), { one: [], two: ['of-environment'] });
  });

  it('are not used by --embedded', async () => {
    const run = await home.run([...update, '--embedded']);
    assert.equal(run.code, 0, run.stderr);
    assert.deepEqual(tokens(), { one: [], two: [] });
  });
});

describe("a context's token", () => {
  it('goes to its server when only the URL is named, and to no other', async () => {
    await using other = await fakeServer();
    const bare = two.url.replace('/dh/websocket', '');
    assert.equal((await home.run([...update, '--url', bare])).code, 0);
    assert.deepEqual(tokens(), { one: [], two: ['token-of-two'] });
    const run = await home.run([...update, '--url', other.url]);
    assert.equal(run.code, 4, run.stderr);
    assert.deepEqual(other.requests, []);
  });

  it('is not used once contexts.json points the name elsewhere', async () => {
    await using other = await fakeServer();
    const file = join(folder, 'contexts.json');
    writeFileSync(file, readFileSync(file, 'utf8').replace(one.url, other.url));
    const run = await home.run(update);
    assert.equal(run.code, 4, run.stderr);
    assert.deepEqual(other.requests, []);
  });

  it('gives way to a token flag', async () => {
    const run = await home.run([...update, '--context', 'two', '--token', '-'], { stdin: 'of-flag' });
    assert.equal(run.code, 0, run.stderr);
    assert.deepEqual(tokensSentTo(two), ['of-flag']);
  });

  it('gives way to DEVICEHIVE_TOKEN where the environment names the context', async () => {
    const env = { DEVICEHIVE_CONTEXT: 'two', DEVICEHIVE_TOKEN: 'of-environment' };
    assert.equal((await home.run(update, { env })).code, 0);
    assert.deepEqual(tokensSentTo(two), ['of-environment']);
  });

  it('is replaced by DEVICEHIVE_TOKEN where there is none, if a flag or the environment names the context', async () => {
    await home.run(['auth', 'logout', '--context', 'one']);
    const env = { DEVICEHIVE_TOKEN: 'of-environment' };
    assert.equal((await home.run(update, { env })).code, 4);
    assert.equal((await home.run([...update, '--context', 'one'], { env })).code, 0);
    assert.deepEqual(tokensSentTo(one), ['of-environment']);
  });

  it('is refused, and not sent, where others may read it', async () => {
    const file = join(folder, 'credentials', 'one.json');
    for (const { path, wide, right } of [
      { path: file, wide: 0o640, right: 0o600 },
      { path: join(folder, 'credentials'), wide: 0o750, right: 0o700 },
    ]) {
      chmodSync(path, wide);
      const run = await home.run([...update, '--json']);
      assert.equal(run.code, 2, run.stderr);
      const { message, hint } = errorOf(run);
      assert.ok(String(message).includes(path) && String(message).includes(wide.toString(8)), String(message));
      assert.ok(String(hint).includes(`chmod ${right.toString(8)} '${path}'`), String(hint));
      chmodSync(path, right);
    }
    assert.deepEqual(tokens(), { one: [], two: [] });
    assert.equal((await home.run(update)).code, 0);
  });

  it('never shows when its file is damaged', async () => {
    writeFileSync(join(folder, 'credentials', 'one.json'), 'token-of-one');
    const run = await home.run(update);
    assert.equal(run.code, 2);
    assert.doesNotMatch(run.stderr, /token-of-one/);
  });

  it('is gone with its context', async () => {
    assert.equal((await home.run(['context', 'remove', 'two'])).code, 0);
    await home.run(['context', 'add', 'two', '--url', two.url]);
    assert.equal((await home.run([...update, '--context', 'two'])).code, 4);
  });
});

describe('a wrong choice of server', () => {
  for (const flags of [
    ['--url', 'ws://192.0.2.1', '--context', 'one'],
    ['--context', 'one', '--embedded'],
    ['--url', 'ws://192.0.2.1', '--context', 'one', '--embedded'],
  ]) {
    it(`ends with 2: ${flags.join(' ')}`, async () => {
      const run = await home.run([...update, ...flags]);
      assert.equal(run.code, 2);
      assert.match(run.stderr, /name (two|three) servers/);
    });
  }

  it('ends with 2 and the name most like it, wherever it was named', async () => {
    mkdirSync(join(home.work, 'below'), { recursive: true });
    writeFileSync(join(home.work, 'below', 'devicehive.config.json'), '{"context":"tow"}');
    for (const [args, options] of [
      [[...update, '--context', 'tow'], {}],
      [update, { env: { DEVICEHIVE_CONTEXT: 'tow' } }],
      [update, { cwd: join(home.work, 'below') }],
    ] as const) {
      const run = await home.run(args, options);
      assert.equal(run.code, 2);
      assert.match(run.stderr, /there is no context 'tow'\nDid you mean two\?/);
    }
  });

  it('ends with 2 where a project file names a URL and a context', async () => {
    writeFileSync(project, '{"context":"two","url":"ws://192.0.2.1"}');
    const run = await home.run(update);
    assert.equal(run.code, 2);
    assert.match(run.stderr, /name two servers/);
  });
});
