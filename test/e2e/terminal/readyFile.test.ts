import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { ended, Home } from '../../helpers/cli.ts';
import { changedUntil } from '../../helpers/folderChanges.ts';

const home = new Home();
after(() => home[Symbol.dispose]());
const file = join(home.work, 'ready.json');

describe('a ready file of an earlier run', () => {
  for (const line of [
    'server start --port none',
    'command watch --device d1 --for none',
    'notification watch --device d1 --url ws://127.0.0.1:1 --token x',
    'simulate run nowhere.yaml',
    'simulate run --devises 3',
    'server start --prot 1',
  ])
    it(`is gone when ${line} fails`, async () => {
      writeFileSync(file, '{"pid":0}');
      const { code } = await home.run([...line.split(' '), '--ready-file', 'ready.json']);
      assert.notEqual(code, 0);
      assert.equal(existsSync(file), false);
    });

  it('stays where a dry run says what a watch would send', async () => {
    writeFileSync(file, '{"pid":0}');
    await home.run(['command', 'watch', '--device', 'd1', '--dry-run', '--ready-file', 'ready.json']);
    assert.equal(readFileSync(file, 'utf8'), '{"pid":0}');
  });

  it('stays where the command knows no such flag, or only shows something', async () => {
    writeFileSync(file, '{"pid":0}');
    for (const line of ['device list', 'simulate run --manifest kubernetes --devises 3', 'exec -- simulate run'])
      assert.equal((await home.run([...line.split(' '), '--ready-file', 'ready.json'])).code === 0, false, line);
    assert.equal(readFileSync(file, 'utf8'), '{"pid":0}');
  });

  it('is not taken away where the name is that of a folder', async () => {
    mkdirSync(join(home.work, 'folder'));
    const { code, stderr } = await home.run(['server', 'start', '--ready-file', 'folder']);
    assert.equal(code, 2);
    assert.match(stderr, /--ready-file: cannot write 'folder': it is a folder/);
  });
});

describe('the ready file of server start', () => {
  it('is gone when the server has stopped', async () => {
    const child = home.start(['server', 'start', '--ready-file', 'ready.json']);
    const end = ended(child);
    const isReady = () => existsSync(file) && readFileSync(file, 'utf8').includes(`"pid":${child.pid ?? ''}`);
    await changedUntil(home.work, isReady, end);
    child.kill('SIGTERM');
    assert.equal((await end).code, 0);
    assert.equal(existsSync(file), false);
  });

  it('stays where another server has written it since', async () => {
    const child = home.start(['server', 'start', '--ready-file', 'ready.json']);
    const end = ended(child);
    await changedUntil(home.work, () => existsSync(file), end);
    writeFileSync(file, '{"pid":1}');
    child.kill('SIGTERM');
    await end;
    assert.equal(readFileSync(file, 'utf8'), '{"pid":1}');
  });
});
