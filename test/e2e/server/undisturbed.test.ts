import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import { Home } from '../../helpers/cli.ts';
import { Pipelining, type RawReply } from '../../helpers/pipelining.ts';
import { startServer, type RunningServer } from '../../helpers/runningServer.ts';

const home = new Home();
let server: RunningServer;

before(async () => {
  server = await startServer(home, ['--quiet'], { harms: { joining: 'any', size: 'any', unread: 'any' } });
});
after(async () => {
  await server.stop();
  home[Symbol.dispose]();
});

/**
 * Checks that other sessions are served in order during an abuse that freezes or kills a real server (PROTOCOL.md 0.1,
 * 1.5).
 */
async function goesOnDuring(abuse: (isOver: () => boolean) => Promise<void>): Promise<void> {
  const other = await Pipelining.open(server.ready);
  await other.done('command/subscribe', { deviceId: 'other' });
  const pushes: string[] = [];
  other.socket.on('message', (data: Buffer) => {
    const push = JSON.parse(data.toString()) as { status?: string; command: { command: string } };
    if (push.status === undefined) pushes.push(push.command.command);
  });
  let rounds = 0;
  const abused = abuse(() => rounds >= 30);
  const restUrl = server.ready.url.replace(/^ws(.*)websocket$/, 'http$1rest/info');
  const expected: string[] = [];
  const state = { isOver: false };
  void abused.finally(() => (state.isOver = true));
  while (rounds < 30 || !state.isOver) {
    const name = `c-${rounds}`;
    const replies = await Promise.all([
      other.done('server/info'),
      other.done('command/insert', { deviceId: 'other', command: { command: name } }),
      other.done('command/list', { deviceId: 'other', take: 1 }),
    ]);
    expected.push(name);
    assert.equal(replies.length, 3);
    assert.deepEqual(pushes, expected);
    if (rounds % 10 === 0) assert.equal((await fetch(restUrl)).status, 200);
    rounds++;
  }
  await abused;
  other.socket.close();
}

async function saveDevices(client: Pipelining): Promise<void> {
  for (const deviceId of ['other', 'abused'])
    await client.done('device/save', { deviceId, device: { name: deviceId } });
}

function insert(client: Pipelining, blob: string): Promise<RawReply> {
  return client.ask('command/insert', { deviceId: 'abused', command: { command: 'c', parameters: { blob } } });
}

describe('other sessions go on undisturbed, over REST too', () => {
  before(async () => saveDevices(await Pipelining.open(server.ready)));

  it('while commands, results and notifications of 2 MiB come, each of which is refused', async () => {
    const client = await Pipelining.open(server.ready);
    const blob = 'x'.repeat(2 * 1024 * 1024);
    const small = (await insert(client, 'small'))['command'] as { id: number };
    await goesOnDuring(async (isOver) => {
      for (let count = 0; count < 5 || !isOver(); count++) {
        const replies = await Promise.all([
          insert(client, blob),
          client.ask('command/update', { deviceId: 'abused', commandId: small.id, command: { result: { blob } } }),
          client.ask('notification/insert', {
            deviceId: 'abused',
            notification: { notification: 'n', parameters: { blob } },
          }),
        ]);
        assert.deepEqual(
          replies.map(({ code }) => code),
          [413, 413, 413],
        );
      }
    });
    assert.equal((await insert(client, 'small again'))['status'], 'success');
  });

  it('while a subscriber stops reading and more than 100 MiB are pushed to it, until it is given up', async () => {
    const [client, reader] = [await Pipelining.open(server.ready), await Pipelining.open(server.ready)];
    const stopped = await Pipelining.open(server.ready);
    let read = 0;
    reader.socket.on('message', () => read++);
    for (const subscriber of [reader, stopped]) await subscriber.done('command/subscribe', { deviceId: 'abused' });
    stopped.socket.pause();
    read = 0;
    let inserted = 0;
    const blob = 'x'.repeat(1000 * 1024);
    await goesOnDuring(async (isOver) => {
      for (; inserted < 105 || !isOver(); inserted++) assert.equal((await insert(client, blob))['status'], 'success');
    });
    assert.ok(inserted * blob.length > 100 * 1024 * 1024);
    await reader.done('server/info');
    assert.equal(read, inserted + 1, 'a subscriber that reads gets everything');
    const closed = once(stopped.socket, 'close');
    stopped.socket.resume();
    await closed;
  });

  it('while command/get is asked more than 10,000 times without a pause', async () => {
    const client = await Pipelining.open(server.ready);
    const { id: commandId } = (await insert(client, 'small'))['command'] as { id: number };
    let answered = 0;
    await goesOnDuring(async (isOver) => {
      const lane = async () => {
        while (answered < 10_000 || !isOver()) {
          const { status } = await client.ask('command/get', { deviceId: 'abused', commandId });
          if (status === 'success') answered++;
        }
      };
      await Promise.all(Array.from({ length: 500 }, lane));
    });
    assert.ok(answered >= 10_000, `${answered}`);
  });
});
