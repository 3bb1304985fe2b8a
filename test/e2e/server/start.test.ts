import assert from 'node:assert/strict';
import { chmodSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { ended, errorOf, Home } from '../../helpers/cli.ts';
import { changedUntil } from '../../helpers/folderChanges.ts';
import { startServer } from '../../helpers/runningServer.ts';

const keys = ['url', 'login', 'password', 'accessToken', 'refreshToken', 'pid'];
const update = ['command', 'update', '--device', 'd1', '--id', '42', '--status', 'done'];

/** Returns the entries in the runtime folder. */
function entries(home: Home): string[] {
  const folder = join(home.folder, 'run', 'devicehive');
  return existsSync(folder) ? readdirSync(folder) : [];
}

function urlFound(home: Home): Promise<string> {
  return home.run(['server', 'status', '--query', 'url']).then(({ stdout }) => stdout.trimEnd());
}

describe('server start', { concurrency: 2 }, () => {
  it('prints one line of JSON, and writes the same to its ready file', async () => {
    using home = new Home();
    await using server = await startServer(home, ['--ready-file', 'ready.json']);
    assert.deepEqual(Object.keys(server.ready), keys);
    assert.match(server.ready.url, /^ws:\/\/127\.0\.0\.1:\d+\/dh\/websocket$/);
    assert.equal(server.ready.login, 'dhadmin');
    assert.equal(server.ready.password, 'dhadmin_#911');
    assert.equal(server.ready.pid, server.child.pid);
    const file = join(home.work, 'ready.json');
    assert.equal(readFileSync(file, 'utf8'), `${server.line}\n`);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    const { stdout } = await server.stop();
    assert.equal(stdout, `${server.line}\n`, 'nothing else goes to stdout');
  });

  it('writes its ready file whole, replacing an old one, when it accepts connections', async () => {
    using home = new Home();
    const file = join(home.work, 'ready.json');
    writeFileSync(file, '{"pid":0}', { mode: 0o644 });
    const seen: string[] = [];
    const isReplaced = () => {
      if (!existsSync(file)) return false;
      seen.push(readFileSync(file, 'utf8'));
      return seen.at(-1) !== '{"pid":0}';
    };
    const child = home.start(['server', 'start', '--ready-file', 'ready.json']);
    await changedUntil(home.work, isReplaced, ended(child));
    for (const text of seen) assert.ok(Number.isInteger((JSON.parse(text) as { pid: unknown }).pid), text);
    const { url, pid } = JSON.parse(readFileSync(file, 'utf8')) as { url: string; pid: number };
    assert.equal(pid, child.pid);
    const run = await home.run([...update, '--url', url, '--token-file', 'ready.json']);
    assert.equal(run.code, 0, run.stderr);
    assert.equal(statSync(file).mode & 0o777, 0o600);
  });

  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    it(`ends with 0 on ${signal}, and its entry in the runtime folder is gone`, async () => {
      using home = new Home();
      await using server = await startServer(home);
      assert.deepEqual(entries(home), [`server-${server.ready.pid}.json`]);
      const entry = statSync(join(home.folder, 'run', 'devicehive', `server-${server.ready.pid}.json`));
      assert.equal(entry.mode & 0o777, 0o600);
      const { code, stderr } = await server.stop(signal);
      assert.equal(code, 0, stderr);
      assert.deepEqual(entries(home), []);
    });
  }

  it('starts a second time; the newest live server is found', async () => {
    using home = new Home();
    await using first = await startServer(home);
    await using second = await startServer(home);
    assert.notEqual(second.ready.url, first.ready.url);
    assert.equal(await urlFound(home), second.ready.url);
    const named = await home.run(['device', 'count', '--url', first.ready.url]);
    assert.equal(named.code, 4);
    assert.match(named.stderr, /where no server is named, commands find it with its token\. Log in with/);
    await second.stop();
    assert.equal(await urlFound(home), first.ready.url);
  });

  it('that was killed leaves an entry which the next command drops', async () => {
    using home = new Home();
    await (await startServer(home)).stop('SIGKILL');
    assert.equal(entries(home).length, 1);
    const run = await home.run(update);
    assert.equal(run.code, 2, run.stderr);
    assert.match(run.stderr, /no DeviceHive server/);
    assert.deepEqual(entries(home), []);
  });

  it('neither uses nor writes a runtime folder that others can write to', async () => {
    using home = new Home();
    await using _server = await startServer(home);
    const folder = join(home.folder, 'run', 'devicehive');
    assert.equal(statSync(folder).mode & 0o777, 0o700);
    chmodSync(folder, 0o777);
    const run = await home.run(update);
    assert.equal(run.code, 2, run.stderr);
    assert.match(run.stderr, /no DeviceHive server/);
    const second = await home.run(['server', 'start']);
    assert.equal(second.code, 2, second.stderr);
    assert.match(second.stderr, /runtime folder/);
    assert.equal(entries(home).length, 1);
  });

  it('leaves out device d1 with --no-demo', async () => {
    using home = new Home();
    await using _server = await startServer(home, ['--no-demo']);
    const run = await home.run(['device', 'get', '--device', 'd1', '--json']);
    assert.equal(run.code, 6, run.stderr);
    assert.equal(errorOf(run)['code'], 404);
    const list = await home.run(['device', 'count', '--query', 'count']);
    assert.equal(list.stdout, '1\n');
  });

  it('explains unanswered requests on stderr, not with --quiet', async () => {
    using home = new Home();
    const gone = ['command', 'update', '--device', 'd1', '--id', '777', '--status', 'done', '--no-probe'];
    gone.push('--timeout', '3s');
    await using server = await startServer(home);
    assert.equal((await home.run(gone)).code, 7);
    const { stderr } = await server.stop();
    assert.match(stderr, /777/);
    assert.match(stderr, /protocol\.md|4\.12/);
    await using quiet = await startServer(home, ['--quiet']);
    assert.equal((await home.run(gone)).code, 7);
    assert.equal((await quiet.stop()).stderr, '');
  });

  it('answers with --answer-all what DeviceHive leaves unanswered', async () => {
    using home = new Home();
    await using _server = await startServer(home, ['--answer-all']);
    const run = await home.run(['command', 'update', '--device', 'd1', '--id', '777', '--status', 'x', '--json']);
    assert.equal(run.code, 6, run.stderr);
    assert.equal(errorOf(run)['code'], 404);
  });

  it('prints URL, login and token for people without --json', async () => {
    using home = new Home();
    const child = home.start(['server', 'start', '--ready-file', 'ready.json']);
    try {
      const text = await new Promise<string>((resolve) =>
        child.stdout?.once('data', (chunk: Buffer) => resolve(chunk.toString())),
      );
      assert.match(text, /ws:\/\/127\.0\.0\.1:\d+\/dh\/websocket/);
      assert.match(text, /dhadmin/);
    } finally {
      child.kill('SIGKILL');
    }
  });
});
