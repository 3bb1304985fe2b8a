import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { bin, errorOf, Home } from '../../helpers/cli.ts';

let home: Home;
let folder: string;
beforeEach(() => {
  home = new Home();
  folder = join(home.folder, 'config', 'devicehive');
});
afterEach(() => home[Symbol.dispose]());

const url = 'ws://192.0.2.1:8080';
const whole = `${url}/dh/websocket`;

function stored(): { current?: string; contexts: Record<string, { url: string }> } {
  return JSON.parse(readFileSync(join(folder, 'contexts.json'), 'utf8')) as ReturnType<typeof stored>;
}

describe('context', () => {
  it('add keeps a server by name, in a folder for this user only, and says the place before it first writes', async () => {
    const first = await home.run(['context', 'add', 'lab', '--url', url]);
    assert.equal(first.code, 0, first.stderr);
    assert.deepEqual(JSON.parse(first.stdout), { name: 'lab', url, current: false, loggedIn: false });
    assert.ok(first.stderr.includes(join(folder, 'contexts.json')), first.stderr);
    assert.equal(statSync(folder).mode & 0o777, 0o700);
    assert.deepEqual(stored().contexts, { lab: { url } });
    const second = await home.run(['context', 'add', 'live', '--url', 'wss://hive.example.com/api/websocket', '--use']);
    assert.doesNotMatch(second.stderr, /contexts\.json/);
    assert.equal(stored().current, 'live');
    assert.deepEqual(readdirSync(folder), ['contexts.json']);
  });

  it('add leaves no lock behind on a disk that is full', { skip: process.platform === 'win32' }, () => {
    const full = 'trap "" XFSZ; ulimit -f 0; exec "$0" "$@"';
    const args = ['-c', full, process.execPath, bin, 'context', 'add', 'lab', '--url', url];
    const { status, stderr } = spawnSync('sh', args, { env: home.env(), cwd: home.work, encoding: 'utf8' });
    assert.equal(status, 2, stderr);
    assert.deepEqual(readdirSync(folder), []);
  });

  it('add once more changes nothing, and never points a name elsewhere', async () => {
    await home.run(['context', 'add', 'lab', '--url', url]);
    const same = await home.run(['context', 'add', 'lab', '--url', whole, '--use']);
    assert.equal(same.code, 0, same.stderr);
    assert.equal(stored().current, 'lab');
    for (const name of ['lab', 'Lab']) {
      const other = await home.run(['context', 'add', name, '--url', 'ws://192.0.2.2', '--json']);
      assert.equal(other.code, 2);
      assert.match(String(errorOf(other)['hint']), /context remove lab/);
    }
    assert.deepEqual(stored().contexts, { lab: { url: whole } });
  });

  for (const name of ['', '.', '../x', 'a/b', 'a b', '-x', '__proto__', 'x'.repeat(65)]) {
    it(`add refuses the name '${name.slice(0, 12)}'`, async () => {
      const run = await home.run(['context', 'add', '--url', url, '--', name]);
      assert.equal(run.code, 2, run.stdout);
      assert.ok(!existsSync(folder));
    });
  }

  it('add refuses anything but a WebSocket URL, and a URL with a password', async () => {
    for (const wrong of ['http://192.0.2.1', 'ws://me:secret@192.0.2.1']) {
      const run = await home.run(['context', 'add', 'lab', '--url', wrong]);
      assert.equal(run.code, 2);
      assert.doesNotMatch(run.stderr, /secret/);
    }
  });

  it('list shows all in the order they were added, also none', async () => {
    assert.equal((await home.run(['context', 'list'])).stdout, '[]\n');
    for (const name of ['zebra', 'ape']) await home.run(['context', 'add', name, '--url', url]);
    assert.equal((await home.run(['context', 'list', '--query', '[].name'])).stdout, '["zebra","ape"]\n');
    const lines = (await home.run(['context', 'list', '-o', 'ndjson'])).stdout.trimEnd().split('\n');
    assert.deepEqual(
      lines.map((line) => (JSON.parse(line) as { name: string }).name),
      ['zebra', 'ape'],
    );
  });

  it('use and show choose the one in force; the environment and the project come first', async () => {
    for (const name of ['a', 'b', 'c']) await home.run(['context', 'add', name, '--url', `ws://192.0.2.1/${name}`]);
    assert.equal((await home.run(['context', 'show'])).code, 2);
    assert.equal((await home.run(['context', 'use', 'a'])).code, 0);
    assert.equal((await home.run(['context', 'show', '--query', 'name'])).stdout, 'a\n');
    writeFileSync(join(home.work, 'devicehive.config.json'), '{"context":"b"}');
    assert.equal((await home.run(['context', 'show', '--query', 'name'])).stdout, 'b\n');
    const env = { DEVICEHIVE_CONTEXT: 'c' };
    assert.equal((await home.run(['context', 'show', '--query', 'name'], { env })).stdout, 'c\n');
    assert.equal((await home.run(['context', 'show', 'a', '--query', 'url'], { env })).stdout, 'ws://192.0.2.1/a\n');
  });

  it('remove forgets it, and that it was in use', async () => {
    await home.run(['context', 'add', 'lab', '--url', url, '--use']);
    const run = await home.run(['context', 'remove', 'lab']);
    assert.equal(run.code, 0, run.stderr);
    assert.match(run.stderr, /no context is in use now/);
    assert.deepEqual(stored(), { contexts: {} });
  });

  for (const words of [['use'], ['show'], ['remove']]) {
    it(`${words.join(' ')} of an unknown name ends with 2 and the name most like it`, async () => {
      await home.run(['context', 'add', 'production', '--url', url]);
      const run = await home.run(['context', ...words, 'prodction', '--json']);
      assert.equal(run.code, 2);
      assert.match(String(errorOf(run)['hint']), /Did you mean production\?/);
    });
  }

  it('of a file that cannot be read ends with 2 and names it', async () => {
    await home.run(['context', 'add', 'lab', '--url', url]);
    for (const text of ['{', '[]', '{"contexts":{"lab":{}}}']) {
      writeFileSync(join(folder, 'contexts.json'), text);
      const run = await home.run(['context', 'list']);
      assert.equal(run.code, 2);
      assert.ok(run.stderr.includes('contexts.json'), run.stderr);
    }
  });

  it('is kept where DEVICEHIVE_CONFIG_DIR says', async () => {
    const env = { DEVICEHIVE_CONFIG_DIR: join(home.work, 'mine') };
    await home.run(['context', 'add', 'lab', '--url', url], { env });
    assert.ok(existsSync(join(home.work, 'mine', 'contexts.json')));
    assert.ok(!existsSync(folder));
  });

  it('is kept in ~/.config without XDG_CONFIG_HOME, or where that is no absolute path', async () => {
    for (const XDG_CONFIG_HOME of ['', 'here']) {
      await home.run(['context', 'add', `lab${XDG_CONFIG_HOME}`, '--url', url], { env: { XDG_CONFIG_HOME } });
    }
    const file = join(home.folder, '.config', 'devicehive', 'contexts.json');
    assert.deepEqual(Object.keys((JSON.parse(readFileSync(file, 'utf8')) as { contexts: object }).contexts), [
      'lab',
      'labhere',
    ]);
  });
});

describe('a place for contexts that cannot be used', () => {
  it('does not disturb commands that need none, and is named by those that write', async () => {
    const env = { DEVICEHIVE_CONFIG_DIR: '/dev/null/devicehive' };
    assert.equal((await home.run(['context', 'list'], { env })).stdout, '[]\n');
    const unnamed = await home.run(['server', 'info'], { env });
    assert.match(unnamed.stderr, /no DeviceHive server is configured/);
    const run = await home.run(['context', 'add', 'lab', '--url', url], { env });
    assert.equal(run.code, 2);
    assert.match(run.stderr, /cannot write \/dev\/null\/devicehive: .*\n.*DEVICEHIVE_CONFIG_DIR/);
  });
});

describe('several processes at once', () => {
  it('lose none of the contexts that they add', async () => {
    const names = Array.from({ length: 10 }, (_, index) => `context-${index}`);
    const runs = await Promise.all(names.map((name) => home.run(['context', 'add', name, '--url', url])));
    assert.deepEqual(
      runs.map(({ code }) => code),
      names.map(() => 0),
      runs.map(({ stderr }) => stderr).join(''),
    );
    assert.deepEqual(Object.keys(stored().contexts).sort(), names);
    assert.deepEqual(readdirSync(folder), ['contexts.json']);
  });

  it('are not held up by a lock whose owner is gone', async () => {
    mkdirSync(folder, { recursive: true });
    const gone = home.start(['--version']);
    await new Promise((resolve) => gone.once('close', resolve));
    const { hostname } = await import('node:os');
    writeFileSync(join(folder, '.lock'), `${gone.pid ?? 0} ${hostname()} 1`);
    const run = await home.run(['context', 'add', 'lab', '--url', url]);
    assert.equal(run.code, 0, run.stderr);
    assert.deepEqual(readdirSync(folder), ['contexts.json']);
  });
});
