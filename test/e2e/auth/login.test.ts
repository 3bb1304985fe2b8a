import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, it } from 'node:test';
import { errorOf, Home } from '../../helpers/cli.ts';
import { fakeServer } from '../../helpers/fakeServer.ts';
import { keys, Terminal } from '../../helpers/terminal.ts';
import { serverForAll } from '../../helpers/runningServer.ts';

const home = new Home();
const folder = join(home.folder, 'config', 'devicehive');
const passwordFile = join(home.work, 'password.txt');
const server = serverForAll(home, () => {
  writeFileSync(passwordFile, `${server.ready.password}\n`);
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const credentials = ['--login', 'dhadmin', '--password-file', passwordFile];

function kept(name: string): Record<string, unknown> {
  return JSON.parse(readFileSync(join(folder, 'credentials', `${name}.json`), 'utf8')) as Record<string, unknown>;
}

describe('auth login', () => {
  it('keeps the tokens, and not the password, for this user only, in a context named after the host', async () => {
    const run = await home.run(['auth', 'login', '--url', server.ready.url, ...credentials]);
    assert.equal(run.code, 0, run.stderr);
    const told = JSON.parse(run.stdout) as Record<string, unknown>;
    assert.equal(told['context'], '127.0.0.1');
    assert.equal(told['login'], 'dhadmin');
    assert.ok(Date.parse(String(told['expiresAt'])) < Date.parse(String(told['refreshableUntil'])));
    assert.doesNotMatch(run.stdout + run.stderr, /eyJ|dhadmin_#911/);
    const file = join(folder, 'credentials', '127.0.0.1.json');
    assert.ok(run.stderr.includes(file), 'the place is said');
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.equal(statSync(join(folder, 'credentials')).mode & 0o777, 0o700);
    assert.deepEqual(Object.keys(kept('127.0.0.1')), ['url', 'login', 'accessToken', 'refreshToken']);
    assert.deepEqual(readdirSync(folder).sort(), ['contexts.json', 'credentials']);
    assert.deepEqual(readdirSync(join(folder, 'credentials')), ['127.0.0.1.json']);
    assert.doesNotMatch(readFileSync(join(folder, 'contexts.json'), 'utf8'), /token|eyJ/i);
    const count = await home.run(['device', 'count', '--envelope', '--query', 'server.url']);
    assert.equal(count.stdout, `${server.ready.url}\n`);
  });

  it('goes to the context in use, and leaves it in use', async () => {
    await home.run(['context', 'add', 'lab', '--url', server.ready.url, '--use']);
    const run = await home.run(['auth', 'login', ...credentials, '--query', 'context']);
    assert.equal(run.stdout, 'lab\n');
    assert.equal(kept('lab')['url'], server.ready.url);
  });

  it('goes to the context of the server that --url or the project file names', async () => {
    await home.run(['context', 'add', 'lab', '--url', server.ready.url]);
    await home.run(['context', 'add', 'other', '--url', 'ws://192.0.2.1', '--use']);
    const byUrl = await home.run(['auth', 'login', '--url', server.ready.url, ...credentials, '--query', 'context']);
    assert.equal(byUrl.stdout, 'lab\n');
    const cwd = join(home.work, 'project');
    mkdirSync(cwd);
    writeFileSync(join(cwd, 'devicehive.config.json'), JSON.stringify({ url: server.ready.url }));
    const byProject = await home.run(['auth', 'login', ...credentials, '--query', 'context'], { cwd });
    assert.equal(byProject.stdout, 'lab\n', byProject.stderr);
    assert.equal((await home.run(['device', 'count'], { cwd })).code, 0);
  });

  it('makes a context with --context and --url, and one with the port in its name where the host is taken', async () => {
    const { url } = server.ready;
    assert.equal((await home.run(['auth', 'login', '--context', 'mine', '--url', url, ...credentials])).code, 0);
    assert.ok(existsSync(join(folder, 'credentials', 'mine.json')));
    await using fake = await fakeServer({ token: () => ({ accessToken: 'a', refreshToken: 'r' }) });
    await home.run(['context', 'add', '127.0.0.1', '--url', 'ws://192.0.2.1']);
    const run = await home.run(['auth', 'login', '--url', fake.url, ...credentials, '--query', 'context']);
    assert.equal(run.stdout, `127.0.0.1-${fake.port}\n`);
    assert.match(run.stderr, /another context is in use/);
  });

  it('does not point an existing context elsewhere, and sends nothing then', async () => {
    await using fake = await fakeServer();
    await home.run(['context', 'add', 'lab', '--url', server.ready.url]);
    const run = await home.run(['auth', 'login', '--context', 'lab', '--url', fake.url, ...credentials]);
    assert.equal(run.code, 2);
    assert.deepEqual(fake.handshakes, []);
  });

  it('takes login and password from the environment where a flag or the environment names the server', async () => {
    const env = { DEVICEHIVE_LOGIN: 'dhadmin', DEVICEHIVE_PASSWORD_FILE: passwordFile };
    assert.equal((await home.run(['auth', 'login', '--url', server.ready.url], { env })).code, 0);
    const unnamed = await home.run(['auth', 'login'], { env });
    assert.equal(unnamed.code, 2, 'the context in use was named by neither');
    assert.match(unnamed.stderr, /--login/);
  });

  it('reads the password from stdin', async () => {
    const args = ['auth', 'login', '--url', server.ready.url, '--login', 'dhadmin', '--password-file', '-'];
    const run = await home.run(args, { stdin: server.ready.password });
    assert.equal(run.code, 0, run.stderr);
  });

  it('ends with 4 on a wrong password and keeps nothing', async () => {
    const args = ['auth', 'login', '--url', server.ready.url, '--login', 'dhadmin', '--password-file', '-', '--json'];
    const run = await home.run(args, { stdin: 'wrong-password' });
    assert.equal(run.code, 4);
    assert.equal(errorOf(run)['code'], 401);
    assert.doesNotMatch(run.stderr, /wrong-password/);
    assert.ok(!existsSync(folder));
  });

  it('names missing values where it cannot prompt', async () => {
    const run = await home.run(['auth', 'login', '--url', server.ready.url, '--json']);
    assert.equal(run.code, 2);
    assert.deepEqual(errorOf(run)['problems'], [
      { at: '--login', message: 'is required' },
      { at: '--password-file', message: 'is required' },
    ]);
  });

  it('ends with 2 where no server is named', async () => {
    const run = await home.run(['auth', 'login', ...credentials]);
    assert.equal(run.code, 2);
    assert.match(run.stderr, /auth login --url URL/);
  });
});

describe('auth login on a terminal', () => {
  it('asks for login and password, and never shows the password', async () => {
    using terminal = Terminal.start(home, ['auth', 'login', '--url', server.ready.url]);
    await terminal.waitFor(/\(--login\)/);
    terminal.type('dhadmin', keys.enter);
    await terminal.waitFor(/\(--password-file\)/);
    terminal.type('dhadmin_#911', keys.enter);
    assert.equal(await terminal.ended(), 0, terminal.text);
    assert.match(terminal.text, /^login +dhadmin$/m);
    assert.ok(!terminal.raw.includes('dhadmin_#911') && !terminal.raw.includes('_#'), terminal.text);
    assert.doesNotMatch(terminal.text, /eyJ/);
    assert.equal((await home.run(['device', 'count'])).code, 0);
  });

  it('is left with Ctrl-C, with 130 and nothing kept', async () => {
    using terminal = Terminal.start(home, ['auth', 'login', '--url', server.ready.url, '--login', 'dhadmin']);
    await terminal.waitFor(/\(--password-file\)/);
    terminal.type('secret', keys.ctrlC);
    assert.equal(await terminal.ended(), 130, terminal.text);
    assert.ok(!terminal.raw.includes('secret'), terminal.text);
    assert.ok(!existsSync(folder));
  });
});

describe('auth logout', () => {
  it('forgets the tokens and keeps the context; once more does no harm', async () => {
    await home.run(['auth', 'login', '--url', server.ready.url, ...credentials]);
    const first = await home.run(['auth', 'logout']);
    assert.equal(first.code, 0, first.stderr);
    assert.match(first.stderr, /until they expire/);
    assert.deepEqual(readdirSync(join(folder, 'credentials')), []);
    assert.equal((await home.run(['auth', 'logout', '--query', 'wasLoggedIn'])).stdout, 'false\n');
    const run = await home.run(['device', 'count']);
    assert.equal(run.code, 4);
    assert.match(run.stderr, /auth login --context 127\.0\.0\.1/);
  });

  it('ends with 2 where there is no context', async () => {
    assert.equal((await home.run(['auth', 'logout'])).code, 2);
    assert.equal((await home.run(['auth', 'logout', '--url', 'ws://192.0.2.1'])).code, 2);
  });
});
