import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import type { Frame } from '../../../src/protocol/frames.ts';
import { connect } from '../../../src/client/index.ts';
import { Home } from '../../helpers/cli.ts';
import { cuttableWay } from '../../helpers/cuttableWay.ts';
import { embeddedServer } from '../../helpers/embeddedServer.ts';
import { startWatch } from './watching.ts';

const home = new Home();
after(() => home[Symbol.dispose]());

const server = await embeddedServer();
const asker = await connect({ url: server.url, credentials: server });
after(async () => {
  await asker.close();
  await server.close();
});
for (const deviceId of ['one', 'two', 'three'])
  await asker.request('device/save', { deviceId, device: { name: deviceId, networkId: 1, deviceTypeId: 1 } });

const insert = (deviceId: string, command: string) =>
  asker.request('command/insert', { deviceId, command: { command } });
const flagsFor = (url: string, ...devices: readonly string[]) => [
  ...['--url', url, '--token', server.accessToken],
  ...devices.flatMap((device) => ['--device', device]),
];

/** Which devices got which commands, as a watch printed them. */
function seen(stdout: string): string[] {
  const pushes = stdout
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as Frame)['command'] as Frame);
  return pushes.map(({ deviceId, command }) => `${String(deviceId)} ${String(command)}`);
}

describe('a watch of several devices', () => {
  it('has a subscription for each, and hears of no others', async () => {
    const args = ['command', 'watch', ...flagsFor(server.url, 'one', 'two', 'one'), '--count', '3'];
    await using watch = await startWatch(home, args);
    assert.equal(watch.ready.subscriptionIds.length, 2);
    for (const device of ['three', 'one', 'two', 'one']) await insert(device, 'live');
    const { code, stdout, stderr } = await watch.end;
    assert.equal(code, 0, stderr);
    assert.deepEqual(seen(stdout), ['one live', 'two live', 'one live']);
  });

  it('replays for each what the server keeps', async () => {
    for (const device of ['one', 'two', 'three']) await insert(device, 'kept');
    const flags = [...flagsFor(server.url, 'two', 'three'), '--name', 'kept', '--since', '60s', '--count', '2'];
    const { code, stdout, stderr } = await home.run(['command', 'watch', ...flags]);
    assert.equal(code, 0, stderr);
    assert.deepEqual(seen(stdout).sort(), ['three kept', 'two kept']);
  });

  it('misses nothing of any while its connection is lost', async () => {
    await using way = await cuttableWay(server.url);
    const flags = [...flagsFor(way.url, 'one', 'two'), '--name', 'missed', '--count', '2'];
    await using watch = await startWatch(home, ['command', 'watch', ...flags]);
    await way.cut();
    await watch.said('stderr', /lost/);
    for (const device of ['one', 'two']) await insert(device, 'missed');
    await way.mend();
    const { code, stdout, stderr } = await watch.end;
    assert.equal(code, 0, stderr);
    assert.deepEqual(seen(stdout).sort(), ['one missed', 'two missed']);
  });

  it('ends with the failure of any', async () => {
    const run = await home.run(['command', 'watch', ...flagsFor(server.url, 'one', 'nobody')]);
    assert.equal(run.code, 6, run.stderr);
  });

  it('shows a frame for each with --dry-run', async () => {
    const run = await home.run(['notification', 'watch', ...flagsFor(server.url, 'one', 'two'), '-n']);
    const frames = run.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Frame);
    assert.deepEqual(
      frames.map(({ deviceId }) => deviceId),
      ['one', 'two'],
    );
  });
});
