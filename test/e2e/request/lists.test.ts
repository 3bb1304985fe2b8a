import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Frame } from '../../../src/protocol/frames.ts';
import { Home } from '../../helpers/cli.ts';
import { fakeServer } from '../../helpers/fakeServer.ts';
import { eachOf, serverForAll } from '../../helpers/runningServer.ts';

const home = new Home();
const added = Array.from({ length: 25 }, (_, index) => `lamp-${String(index).padStart(2, '0')}`);
const demo = ['d1', 'e50d6085-2aba-48e9-b1c3-73c673e414be'];
serverForAll(home, async () => {
  await eachOf(added, 4, async (id) => {
    const run = await home.run(['device', 'save', '--device', id, '--name', `Name of ${id}`]);
    assert.equal(run.code, 0, run.stderr);
  });
});

interface Listed {
  readonly devices: readonly { readonly id: string }[];
}

describe('lists', () => {
  it('that the server cut at 20 say so on stderr', async () => {
    const run = await home.run(['device', 'list']);
    assert.equal((JSON.parse(run.stdout) as Listed).devices.length, 20);
    assert.match(run.stderr, /20/);
    assert.match(run.stderr, /--all/);
    const quiet = await home.run(['device', 'list', '-q']);
    assert.equal(quiet.stderr, '');
  });

  it('that were asked for at this length, or are shorter, say nothing', async () => {
    assert.equal((await home.run(['device', 'list', '--take', '20'])).stderr, '');
    assert.equal((await home.run(['device', 'list', '--name', 'Name of lamp-00'])).stderr, '');
  });

  it('are complete with --all, each item once', async () => {
    const run = await home.run(['device', 'list', '--all']);
    assert.equal(run.stderr, '');
    const ids = (JSON.parse(run.stdout) as Listed).devices.map(({ id }) => id);
    assert.deepEqual(ids.sort(), [...added, ...demo].sort());
    const lines = await home.run(['device', 'list', '--all', '-o', 'ndjson']);
    assert.equal(lines.stdout.trimEnd().split('\n').length, ids.length);
  });

  it('that are not lists come as they are with --all', async () => {
    await using strange = await fakeServer({
      'device/list': (request) => ({ ...request, status: 'success', devices: {} }),
    });
    const args = ['device', 'list', '--all', '--url', strange.url, '--token', 'a'];
    const reply = JSON.parse((await home.run(args)).stdout) as Frame;
    assert.deepEqual(reply['devices'], {});
    assert.ok(!('' in reply), JSON.stringify(reply));
  });

  it('are fetched page by page with --all until one is not full', async () => {
    const all = Array.from({ length: 2500 }, (_, index) => ({ id: `device-${index}` }));
    await using fake = await fakeServer({
      'device/list': ({ skip, take }) => ({ devices: all.slice(Number(skip ?? 0), Number(skip ?? 0) + Number(take)) }),
    });
    const args = ['device', 'list', '--all', '--url', fake.url, '--token', '-'];
    const run = await home.run(args, { stdin: 'a-token' });
    assert.equal(run.code, 0, run.stderr);
    assert.deepEqual((JSON.parse(run.stdout) as Listed).devices, all);
    assert.ok(fake.sent('device/list').length > 1);
  });
});
