import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { Frame } from '../../../src/protocol/frames.ts';
import { bin, ended, Home } from '../../helpers/cli.ts';
import { fakeServer, type FakeServer } from '../../helpers/fakeServer.ts';
import { keys, Terminal } from '../../helpers/terminal.ts';

const home = new Home();
after(() => home[Symbol.dispose]());
writeFileSync(join(home.work, 'token.txt'), 'a-token', { mode: 0o600 });

function push(id: number): Frame {
  const timestamp = '2026-01-01T00:00:00.000';
  const notification = { id, notification: 'temperature', deviceId: 'd1', timestamp, parameters: { celsius: 21.5 } };
  return { action: 'notification/insert', notification, subscriptionId: 5 };
}

/** Starts a server that pushes this many notifications right after a subscribe. */
async function pushing(count: number): Promise<FakeServer> {
  return fakeServer({
    'notification/subscribe': ({ action, requestId }, peer) => {
      peer.send({ action, requestId, status: 'success', subscriptionId: 5 });
      for (let id = 1; id <= count; id++) peer.send(push(id));
      return undefined;
    },
  });
}

const words = (server: FakeServer) => ['notification', 'watch', '--token-file', 'token.txt', '--url', server.url];

describe('a reader of a watch that does not read', () => {
  it('does not pause the socket: what it leaves is bounded, and more of it ends the watch with 11', async () => {
    await using server = await pushing(40_000);
    const child = home.start(words(server));
    let stderr = '';
    child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    const [code] = (await once(child, 'exit')) as [number];
    assert.equal(code, 11, stderr);
    assert.match(stderr, /lines were waiting for the reader of the output; the rest is lost/);
    assert.equal(server.sent('notification/unsubscribe').length, 1);
  });

  it('gets everything when it reads late', async () => {
    await using server = await pushing(9000);
    const child = home.start([...words(server), '--count', '9000']);
    await server.received('notification/unsubscribe');
    const { code, stdout, stderr } = await ended(child);
    assert.equal(code, 0, stderr);
    assert.equal(stdout.split('\n').length, 9001);
  });
});

describe('output that cannot be written', { skip: !existsSync('/dev/full') }, () => {
  const toFullDisk = (...args: readonly string[]) =>
    ended(home.spawn('sh', ['-c', 'exec "$0" "$@" > /dev/full', process.execPath, bin, ...args]));

  for (const enough of ['--count', '--until=notification.id'])
    it(`ends a watch with 2, even where its last line meets ${enough}`, async () => {
      await using server = await pushing(1);
      const flags = enough === '--count' ? [enough, '1'] : [enough];
      const { code, stderr } = await toFullDisk(...words(server), ...flags);
      assert.equal(code, 2, stderr);
      assert.match(stderr, /the pushes cannot be written to stdout: the disk is full/);
    });

  it('ends every other command with 2 too', async () => {
    writeFileSync(join(home.work, 'one.ndjson'), '{"action":"server/info"}\n');
    for (const line of ['device list', 'device list --all -o ndjson', 'batch one.ndjson', 'doctor']) {
      const { code, stderr } = await toFullDisk(...line.split(' '), '--embedded');
      assert.equal(code, 2, `${line}: ${stderr}`);
      assert.match(stderr, /the disk is full/);
    }
  });
});

describe('a watch on a terminal', () => {
  it('prints a readable line for each push, and leaves with 130 on Ctrl-C', async () => {
    await using server = await pushing(2);
    using terminal = Terminal.start(home, words(server));
    await terminal.waitFor(/watching notifications of all devices on ws:/);
    await terminal.waitFor(/2026-01-01T00:00:00\.000 {2}d1 {2}temperature {2}#1 {2}\{"celsius":21\.5\}\n/);
    await terminal.waitFor(/#2 /);
    terminal.type(keys.ctrlC);
    assert.equal(await terminal.ended(), 130);
    assert.equal(server.sent('notification/unsubscribe').length, 1);
  });

  it('goes on reading the socket while its user has stopped the output', async () => {
    await using server = await pushing(1);
    using terminal = Terminal.start(home, words(server));
    await terminal.waitFor(/#1 /);
    terminal.type('\u0013');
    for (let id = 2; id <= 40_000; id++) server.peers[0]?.send(push(id));
    await server.received('notification/unsubscribe');
    terminal.type('\u0011');
    assert.equal(await terminal.ended(), 11);
  });
});
