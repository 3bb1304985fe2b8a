import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, beforeEach, describe, it } from 'node:test';
import { Home } from '../../helpers/cli.ts';
import { fakeServer, type FakeServer } from '../../helpers/fakeServer.ts';
import { keys, Terminal } from '../../helpers/terminal.ts';

const home = new Home();
const cwd = join(home.work, 'foreign');
const project = join(cwd, 'devicehive.config.json');
const config = join(home.folder, 'config', 'devicehive');
let stranger: FakeServer;

beforeEach(async () => {
  rmSync(join(home.folder, 'config'), { recursive: true, force: true });
  stranger = await fakeServer({ token: () => ({ accessToken: 'a', refreshToken: 'r' }) });
  mkdirSync(cwd, { recursive: true });
  writeFileSync(project, JSON.stringify({ url: stranger.url }));
  writeFileSync(join(cwd, 'secret.txt'), 'my-secret-word\n', { mode: 0o600 });
});
afterEach(() => stranger.close());
after(() => home[Symbol.dispose]());

/** Whether anything secret came to the server that the foreign folder names. */
function hasGot(): boolean {
  return JSON.stringify(stranger.requests).includes('my-secret-word');
}

const login = ['auth', 'login', '--login', 'me', '--password-file', 'secret.txt'];
const sending: Readonly<Record<string, { readonly args: readonly string[]; readonly stdin?: string }>> = {
  'a login': { args: login },
  'a login of its own': { args: ['token', 'get', '--login', 'me', '--password-file', 'secret.txt'] },
  'a request by its action': { args: ['request', 'token', '--data', '{"login":"me","password":"my-secret-word"}'] },
  'a request nobody knows': { args: ['request', 'x/y', '--data', '{"deep":{"password":"my-secret-word"}}'] },
  'a batch': {
    args: ['batch', '-'],
    stdin: '{"action":"token","login":"me","password":"my-secret-word"}\n',
  },
};

describe('a server that only a project file names', { concurrency: 1 }, () => {
  for (const [what, { args, stdin = '' }] of Object.entries(sending)) {
    it(`is not sent ${what} where nobody can be asked`, async () => {
      const run = await home.run(args, { cwd, stdin });
      assert.equal(run.code, 2, run.stderr);
      assert.ok(run.stderr.includes(project), run.stderr);
      assert.match(run.stderr, /nothing was sent.*--url ws:.*DEVICEHIVE_URL.*context add/s);
      assert.ok(!hasGot());
    });
  }

  it('is asked what needs no secret', async () => {
    const run = await home.run(['server', 'info'], { cwd });
    assert.equal(run.code, 0, run.stderr);
    const dry = await home.run([...(sending['a login of its own']?.args ?? []), '--dry-run'], { cwd });
    assert.equal(dry.code, 0, dry.stderr);
  });

  it('gets passwords once a flag or a variable names it too, or a context stands for it', async () => {
    const args = ['token', 'get', '--login', 'me', '--password-file', 'secret.txt'];
    assert.equal((await home.run([...args, '--url', stranger.url], { cwd })).code, 0);
    assert.equal((await home.run(args, { cwd, env: { DEVICEHIVE_URL: stranger.url } })).code, 0);
    await home.run(['context', 'add', 'mine', '--url', stranger.url]);
    assert.equal((await home.run(args, { cwd })).code, 0);
  });

  it('gets the token that a flag of a script gives', async () => {
    assert.equal((await home.run(['device', 'list', '--token-file', 'secret.txt'], { cwd })).code, 0);
    assert.ok(hasGot());
  });

  it('is confirmed by a person once, who is told who names it', async () => {
    using terminal = Terminal.start(home, ['device', 'list', '--token-file', 'secret.txt'], { cwd });
    await terminal.waitFor(/May secrets be sent to .*\(y\/N\)/);
    assert.ok(terminal.text.replaceAll(/\s/g, '').includes(project), terminal.text);
    terminal.type('y', keys.enter);
    assert.equal(await terminal.ended(), 0, terminal.text);
    assert.ok(readFileSync(join(config, 'confirmed.json'), 'utf8').includes(stranger.url));
    const again = await home.run(login, { cwd });
    assert.equal(again.code, 0, again.stderr);
    await using other = await fakeServer();
    writeFileSync(project, JSON.stringify({ url: other.url }));
    const changed = await home.run(login, { cwd });
    assert.equal(changed.code, 2, 'another server is to be confirmed anew');
  });

  it('gets nothing where a person says no, which is what enter means', async () => {
    using terminal = Terminal.start(home, login, { cwd });
    await terminal.waitFor(/May secrets be sent to/);
    terminal.type(keys.enter);
    assert.equal(await terminal.ended(), 2, terminal.text);
    assert.deepEqual(stranger.handshakes, []);
  });
});

describe('auth login', { concurrency: 1 }, () => {
  it('says where it logs in and why before it asks, whatever is quiet', async () => {
    const env = { DEVICEHIVE_URL: stranger.url };
    for (const flag of ['--quiet', '--json']) {
      using terminal = Terminal.start(home, ['auth', 'login', flag], { cwd, env });
      await terminal.waitFor(/logging in to ws:\S+ \(named by DEVICEHIVE_URL\)\s[^]*\(--login\)/);
      terminal.type(keys.ctrlC);
      assert.equal(await terminal.ended(), 130);
    }
  });

  it('says it of flags, contexts and project files', async () => {
    const said = async (args: readonly string[]) => {
      const { code, stderr } = await home.run([...login, ...args], { cwd });
      assert.equal(code, 0, stderr);
      return /^logging in to .*/m.exec(stderr)?.[0];
    };
    const { url } = stranger;
    assert.equal(await said(['--url', url]), `logging in to ${url} (named by --url)`);
    assert.equal(await said([]), `logging in to ${url}, context '127.0.0.1' (named by ${project})`);
    rmSync(project);
    assert.equal(await said([]), `logging in to ${url}, context '127.0.0.1' (the context in use)`);
    assert.equal(
      await said(['--context', '127.0.0.1']),
      `logging in to ${url}, context '127.0.0.1' (named by --context)`,
    );
  });
});
