import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { Home } from '../../helpers/cli.ts';
import { fakeServer, type FakeServer } from '../../helpers/fakeServer.ts';
import { startServer, type RunningServer } from '../../helpers/runningServer.ts';

const home = new Home();
const project = join(home.work, 'project');
const below = join(project, 'deep', 'below');
let local: RunningServer;
let byFlag: FakeServer;
let byEnvironment: FakeServer;
let byProject: FakeServer;

before(async () => {
  local = await startServer(home);
});
beforeEach(async () => {
  [byFlag, byEnvironment, byProject] = await Promise.all([fakeServer(), fakeServer(), fakeServer()]);
  mkdirSync(below, { recursive: true });
  writeFileSync(join(project, 'devicehive.config.json'), JSON.stringify({ url: byProject.url }));
});
afterEach(async () => {
  await Promise.all([byFlag.close(), byEnvironment.close(), byProject.close()]);
  rmSync(project, { recursive: true });
});
after(async () => {
  await local[Symbol.asyncDispose]();
  home[Symbol.dispose]();
});

const update = ['command', 'update', '--device', 'd1', '--id', '42', '--status', 'done'];
const info = ['server', 'info'];

/** Returns the servers that saw a handshake. */
function visited(): string[] {
  const servers = { flag: byFlag, environment: byEnvironment, project: byProject };
  return Object.entries(servers).flatMap(([name, { handshakes }]) => (handshakes.length > 0 ? [name] : []));
}

function tokensSentTo(server: FakeServer): unknown[] {
  return server.requests.flatMap((request) => ('token' in request ? [request['token']] : []));
}

describe('which server and which token', () => {
  it('prefers --url to everything', async () => {
    const env = { DEVICEHIVE_URL: byEnvironment.url };
    const words = [...update, '--url', byFlag.url, '--token', '-'];
    const run = await home.run(words, { env, cwd: project, stdin: 'of-flag' });
    assert.equal(run.code, 0, run.stderr);
    assert.deepEqual(visited(), ['flag']);
    assert.deepEqual(tokensSentTo(byFlag), ['of-flag']);
  });

  it('keeps the secrets of the environment from another server than the one it names, and says so', async () => {
    writeFileSync(join(home.work, 'password.txt'), 'my-password');
    const secrets: readonly NodeJS.ProcessEnv[] = [
      { DEVICEHIVE_TOKEN: 'secret-token' },
      { DEVICEHIVE_REFRESH_TOKEN: 'secret-token' },
      { DEVICEHIVE_LOGIN: 'me', DEVICEHIVE_PASSWORD_FILE: join(home.work, 'password.txt') },
    ];
    for (const secret of secrets) {
      const [name = ''] = Object.keys(secret);
      const env = { ...secret, DEVICEHIVE_URL: byEnvironment.url };
      const run = await home.run([...update, '--url', byFlag.url], { env });
      assert.equal(run.code, 4, run.stderr);
      assert.ok(run.stderr.includes(`${name} is set, but belongs to the server that DEVICEHIVE_URL names`), run.stderr);
    }
    const env = { DEVICEHIVE_URL: byEnvironment.url, DEVICEHIVE_REFRESH_TOKEN: 'secret-token' };
    await home.run([...update, '--url', byFlag.url, '--token', '-'], { env, stdin: 'of-flag' });
    assert.deepEqual(byFlag.sent('token/refresh'), []);
    assert.deepEqual(byFlag.sent('token'), []);
    assert.deepEqual(tokensSentTo(byFlag), ['of-flag']);
  });

  it('sends the secrets of the environment to its own server, however a flag writes that', async () => {
    const env = { DEVICEHIVE_URL: byFlag.url, DEVICEHIVE_TOKEN: 'of-environment' };
    const run = await home.run([...update, '--url', `ws://127.0.0.1:${byFlag.port}`], { env });
    assert.equal(run.code, 0, run.stderr);
    assert.deepEqual(tokensSentTo(byFlag), ['of-environment']);
  });

  it('keeps the token beside DEVICEHIVE_CONTEXT from another context, and a login from another server', async () => {
    const add = (name: string, { url }: FakeServer) => home.run(['context', 'add', name, '--url', url]);
    await add('theirs', byFlag);
    await add('ours', byEnvironment);
    const env = { DEVICEHIVE_CONTEXT: 'ours', DEVICEHIVE_TOKEN: 'of-ours' };
    const run = await home.run([...update, '--context', 'theirs'], { env });
    assert.equal(run.code, 4, run.stderr);
    assert.match(run.stderr, /DEVICEHIVE_TOKEN is set, but belongs to the server that DEVICEHIVE_CONTEXT names/);
    writeFileSync(join(home.work, 'password.txt'), 'my-password');
    const account = { DEVICEHIVE_LOGIN: 'me', DEVICEHIVE_PASSWORD_FILE: join(home.work, 'password.txt') };
    const login = await home.run(['auth', 'login', '--context', 'theirs'], {
      env: { ...account, DEVICEHIVE_URL: byEnvironment.url },
    });
    assert.equal(login.code, 2, login.stderr);
    assert.deepEqual(byFlag.requests, []);
    assert.equal((await home.run([...update, '--context', 'ours'], { env })).code, 0);
    await Promise.all(['theirs', 'ours'].map((name) => home.run(['context', 'remove', name])));
  });

  it('prefers the environment to the project file', async () => {
    const env = { DEVICEHIVE_URL: byEnvironment.url, DEVICEHIVE_TOKEN: 'of-environment' };
    const run = await home.run(update, { env, cwd: project });
    assert.equal(run.code, 0, run.stderr);
    assert.deepEqual(visited(), ['environment']);
    assert.deepEqual(tokensSentTo(byEnvironment), ['of-environment']);
  });

  it('prefers the project file, also from a folder below it, to the local server', async () => {
    const run = await home.run(info, { cwd: below });
    assert.equal(run.code, 0, run.stderr);
    assert.deepEqual(visited(), ['project']);
  });

  it('does not look for a project file above the root of the repository', async () => {
    mkdirSync(join(project, 'deep', '.git'), { recursive: true });
    const run = await home.run(['server', 'status', '--query', 'url'], { cwd: below });
    assert.equal(run.stdout, `${local.ready.url}\n`);
    assert.deepEqual(visited(), []);
  });

  it('falls back to the local server', async () => {
    const run = await home.run([...info, '--envelope', '--query', 'server.url']);
    assert.equal(run.stdout, `${local.ready.url}\n`);
  });

  it('prefers --embedded to the environment, the project file and the local server', async () => {
    const env = { DEVICEHIVE_URL: byEnvironment.url };
    const run = await home.run([...update, '--embedded'], { env, cwd: project });
    assert.equal(run.code, 0, run.stderr);
    assert.match(run.stderr, /embedded/);
    assert.deepEqual(visited(), []);
  });

  it('sends neither DEVICEHIVE_TOKEN nor a login to the server of a project file', async () => {
    writeFileSync(join(home.work, 'password.txt'), 'my-password');
    const secrets: readonly NodeJS.ProcessEnv[] = [
      { DEVICEHIVE_TOKEN: 'secret-token' },
      { DEVICEHIVE_REFRESH_TOKEN: 'secret-token' },
      { DEVICEHIVE_LOGIN: 'me', DEVICEHIVE_PASSWORD_FILE: join(home.work, 'password.txt') },
    ];
    for (const env of secrets) {
      const run = await home.run(update, { env, cwd: project });
      assert.equal(run.code, 4, run.stderr);
      assert.match(run.stderr, /no access token/);
      const [name = ''] = Object.keys(env);
      assert.ok(run.stderr.includes(`${name} is set, but goes only to a server that a flag or the environment names.`));
    }
    assert.deepEqual(byProject.requests, []);
  });

  it('sends the token of request authenticate --data, whatever is in force', async () => {
    const words = ['request', 'authenticate', '--data', '{"token":"of-data"}', '--url', byFlag.url];
    assert.equal((await home.run(words)).code, 0);
    assert.equal((await home.run([...words, '--token', '-'], { stdin: 'of-flag' })).code, 0);
    assert.deepEqual(tokensSentTo(byFlag), ['of-data', 'of-data']);
  });

  it('sends --token-file to the server of a project file', async () => {
    writeFileSync(join(home.work, 'token.txt'), 'of-flag');
    const run = await home.run([...update, '--token-file', join(home.work, 'token.txt')], { cwd: project });
    assert.equal(run.code, 0, run.stderr);
    assert.deepEqual(tokensSentTo(byProject), ['of-flag']);
  });

  it('prefers a token flag to the environment', async () => {
    const env = { DEVICEHIVE_TOKEN: 'of-environment' };
    const run = await home.run([...update, '--url', byFlag.url, '--token', '-'], { env, stdin: 'of-flag\n' });
    assert.equal(run.code, 0, run.stderr);
    assert.deepEqual(tokensSentTo(byFlag), ['of-flag']);
  });

  it('sends no token with an action that needs none, and never one in the handshake', async () => {
    const env = { DEVICEHIVE_TOKEN: 'secret-token' };
    assert.equal((await home.run([...info, '--url', byFlag.url], { env })).code, 0);
    assert.equal((await home.run([...update, '--url', byEnvironment.url], { env })).code, 0);
    assert.deepEqual(tokensSentTo(byFlag), []);
    assert.deepEqual(tokensSentTo(byEnvironment), ['secret-token']);
    for (const { handshakes } of [byFlag, byEnvironment]) {
      assert.ok(!JSON.stringify(handshakes).includes('secret-token'));
      assert.equal(handshakes[0]?.authorization, undefined);
    }
  });

  it('uses the own token of the local and of the embedded server, whatever DEVICEHIVE_TOKEN says', async () => {
    const env = { DEVICEHIVE_TOKEN: 'of-another-server' };
    assert.equal((await home.run(update, { env })).code, 0);
    assert.equal((await home.run([...update, '--embedded'], { env })).code, 0);
  });

  it('sends a token flag to the local and to the embedded server', async () => {
    for (const target of [[], ['--embedded']]) {
      const run = await home.run([...update, ...target, '--token', '-'], { stdin: 'of-another-server' });
      assert.equal(run.code, 4, run.stderr);
      assert.match(run.stderr, /Invalid credentials/);
    }
  });

  it('takes timeout and output from the project file, then the environment, then flags', async () => {
    const settings = { url: byProject.url, output: 'yaml', timeout: 'soon' };
    writeFileSync(join(project, 'devicehive.config.json'), JSON.stringify(settings));
    const bad = await home.run(info, { cwd: project });
    assert.equal(bad.code, 2);
    assert.match(bad.stderr, /timeout/);
    const env = { DEVICEHIVE_TIMEOUT: '5s' };
    assert.match((await home.run(info, { cwd: project, env })).stdout, /^action: server\/info$/m);
    const json = { ...env, DEVICEHIVE_OUTPUT: 'json' };
    assert.match((await home.run(info, { cwd: project, env: json })).stdout, /^\{"action":"server\/info"/);
    const yaml = await home.run([...info, '-o', 'yaml'], { cwd: project, env: json });
    assert.match(yaml.stdout, /^action: server\/info$/m);
  });
});
