import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { Frame } from '../../../src/protocol/frames.ts';
import { errorOf, Home, type Ended } from '../../helpers/cli.ts';
import { cuttableWay } from '../../helpers/cuttableWay.ts';
import { fakeServer, refusing, type FakeServer } from '../../helpers/fakeServer.ts';
import { strictServer } from '../../helpers/strictServer.ts';
import { numbered } from '../../client/listing.ts';
import { serverForAll } from '../../helpers/runningServer.ts';
import { jsonLines, startWatch } from './watching.ts';

const home = new Home();
const server = serverForAll(home, () => {
  writeFileSync(join(home.work, 'server.json'), server.line, { mode: 0o600 });
  writeFileSync(join(home.work, 'token.txt'), 'a-token', { mode: 0o600 });
});

/** Runs a command directly against the server, past the proxy that the watch uses. */
async function act(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await home.run([...args, '--url', server.ready.url, '--token-file', 'server.json']);
  assert.equal(code, 0, stderr);
  return stdout.trim();
}

const insert = (device: string, name: string) =>
  act('command', 'insert', '--device', device, '--command', name, '--query', 'command.id');
const idsIn = (text: string) => jsonLines(text).map((line) => (line['command'] as Frame)['id']);
const names = (text: string) => jsonLines(text).map((line) => (line['command'] as Frame)['command']);

describe('a watch whose connection is lost', () => {
  it('connects again and gets what it missed, each push once', async () => {
    await act('device', 'save', '--device', 'again', '--name', 'again');
    await using way = await cuttableWay(server.ready.url);
    const flags = ['--url', way.url, '--token-file', 'server.json', '--device', 'again'];
    await using watch = await startWatch(home, ['command', 'watch', ...flags, '--count', '4']);
    await insert('again', 'one');
    await watch.said('stdout', /"one"/);
    await way.cut();
    await watch.said('stderr', /lost.*connecting again for up to 60 s/);
    await insert('again', 'two');
    await insert('again', 'three');
    await way.mend();
    await watch.said('stderr', /connected again to .*; what was missed is replayed/);
    await insert('again', 'four');
    const { code, stdout, stderr } = await watch.end;
    assert.equal(code, 0, stderr);
    assert.deepEqual(names(stdout).sort(), ['four', 'one', 'three', 'two']);
    assert.doesNotMatch(stderr, /warning/);
  });

  it('gets updates of the gap, be the command older than the watch', async () => {
    await act('device', 'save', '--device', 'updates', '--name', 'updates');
    const old = await insert('updates', 'old');
    const update = (status: string) => act('command', 'update', '--device', 'updates', '--id', old, '--status', status);
    await using way = await cuttableWay(server.ready.url);
    const flags = ['--url', way.url, '--token-file', 'server.json', '--device', 'updates', '--updates'];
    await using watch = await startWatch(home, ['command', 'watch', ...flags, '--count', '3']);
    await update('live');
    await watch.said('stdout', /"live"/);
    await way.cut();
    await watch.said('stderr', /lost/);
    await update('missed');
    await way.mend();
    await watch.said('stdout', /"missed"/);
    await update('after');
    const { code, stdout } = await watch.end;
    assert.equal(code, 0);
    const seen = jsonLines(stdout).map((line) => (line['command'] as Frame)['status']);
    assert.deepEqual(seen, ['live', 'missed', 'after']);
  });

  it('says that pushes may have been lost where there is no device to replay', async () => {
    await act('device', 'save', '--device', 'any', '--name', 'any');
    await using way = await cuttableWay(server.ready.url);
    const flags = ['--url', way.url, '--token-file', 'server.json', '--name', 'last', '--count', '1'];
    await using watch = await startWatch(home, ['command', 'watch', ...flags]);
    await way.cut();
    await watch.said('stderr', /lost/);
    await way.mend();
    await watch.said(
      'stderr',
      /warning: connected again.*may have been lost: DeviceHive replays only for devices that are named/,
    );
    await insert('any', 'last');
    assert.equal((await watch.end).code, 0);
  });

  it('renews its ready file', async () => {
    await using way = await cuttableWay(server.ready.url);
    const flags = ['--url', way.url, '--token-file', 'server.json', '--device', 'd1'];
    await using watch = await startWatch(home, ['notification', 'watch', ...flags]);
    await way.cut();
    await watch.said('stderr', /lost/);
    await way.mend();
    await watch.said('stderr', /connected again/);
    const ready = JSON.parse(readFileSync(watch.readyFile, 'utf8')) as typeof watch.ready;
    assert.notDeepEqual(ready.subscriptionIds, watch.ready.subscriptionIds);
  });

  it('ends with 130 on Ctrl-C meanwhile', async () => {
    await using way = await cuttableWay(server.ready.url);
    const flags = ['--url', way.url, '--token-file', 'server.json', '--device', 'd1'];
    await using watch = await startWatch(home, ['command', 'watch', ...flags]);
    await way.cut();
    await watch.said('stderr', /lost/);
    watch.child.kill('SIGINT');
    assert.equal((await watch.end).code, 130);
  });

  it('ends with 5 where --for is over meanwhile', async () => {
    await using way = await cuttableWay(server.ready.url);
    const flags = ['--url', way.url, '--token-file', 'server.json', '--device', 'd1', '--for', '2s'];
    await using watch = await startWatch(home, ['command', 'watch', ...flags]);
    await way.cut();
    const { code, stderr } = await watch.end;
    assert.equal(code, 5, stderr);
  });
});

describe('--reconnect', () => {
  /** Starts a watch whose server goes away once the watch has subscribed, with a gateway in its place. */
  async function watchOutage(...flags: readonly string[]): Promise<Ended> {
    await using fake = await fakeServer({ 'command/subscribe': () => ({ subscriptionId: 5 }) });
    const words = ['command', 'watch', '--url', fake.url, '--token-file', 'token.txt', ...flags];
    await using watch = await startWatch(home, words);
    await fake.close();
    const gateway = createServer();
    gateway.on('upgrade', (_request, socket) =>
      socket.on('error', () => undefined).end('HTTP/1.1 502 Bad Gateway\r\n\r\n'),
    );
    await new Promise<void>((resolve) => gateway.listen(fake.port, '127.0.0.1', resolve));
    const ended = await watch.end;
    gateway.close();
    return ended;
  }

  it('says how long it tries, and at the end what the server said last', async () => {
    const { code, stderr } = await watchOutage('--device', 'd1', '--reconnect', '1s');
    assert.equal(code, 5);
    assert.match(stderr, /connecting again for up to 1 s/);
    assert.match(stderr, /not connected again within 1 s: .*502/);
    assert.match(stderr, /then watch again with --since, .*--reconnect forever/);
  });

  it('brakes where connecting succeeds and the connection falls each time, and says so once', async () => {
    await using fake = await fakeServer({
      'command/subscribe': (_request, peer) => {
        setImmediate(() => peer.drop());
        return { subscriptionId: 5 };
      },
    });
    const flags = ['--url', fake.url, '--token-file', 'token.txt', '--device', 'd1', '--reconnect', '1500ms'];
    const { code, stderr } = await home.run(['command', 'watch', ...flags]);
    assert.equal(code, 5);
    assert.ok(fake.sent('command/subscribe').length <= 8, String(fake.sent('command/subscribe').length));
    assert.equal(stderr.match(/connecting again/g)?.length, 2, stderr);
    assert.match(stderr, /again; connecting again with growing pauses, until it lasts/);
    assert.equal(stderr.match(/connected again to/g)?.length, 1);
  });

  it('hints at no flag that this watch would refuse', async () => {
    for (const flags of [[], ['--device', 'd1', '--timestamp', '2026-01-01T00:00:00']]) {
      const { code, stderr } = await watchOutage(...flags, '--reconnect', '300ms');
      assert.equal(code, 5);
      assert.match(stderr, /Check the server\. A longer --reconnect/);
      assert.doesNotMatch(stderr, /--since/);
    }
  });

  it('goes on for as long as it takes, until it is stopped', async () => {
    await using way = await cuttableWay(server.ready.url);
    const flags = ['--url', way.url, '--token-file', 'server.json', '--device', 'd1', '--reconnect', 'forever'];
    await using watch = await startWatch(home, ['command', 'watch', ...flags]);
    await way.cut();
    await watch.said('stderr', /lost.*connecting again until it is there again/);
    await way.mend();
    await watch.said('stderr', /connected again to/);
    await way.cut();
    await watch.said('stderr', /lost[^]*lost/);
    watch.child.kill('SIGTERM');
    assert.equal((await watch.end).code, 143);
  });

  it('is refused where it is not a time', async () => {
    for (const [value, text] of [
      ['soon', /--reconnect must be a duration such as 10s, not 'soon'/],
      ['0s', /--reconnect must be more than 0/],
    ] as const) {
      const { code, stderr } = await home.run(['command', 'watch', '--reconnect', value, '--embedded']);
      assert.equal(code, 2);
      assert.match(stderr, text);
    }
  });
});

/** Returns the push of an insert with an id, dated now by default. */
function push(id: number, atMs = Date.now()): Frame {
  const timestamp = new Date(atMs).toISOString().slice(0, -1);
  const command = { id, command: 'set', timestamp, lastUpdated: timestamp, deviceId: 'd1', status: null };
  return { action: 'command/insert', command, subscriptionId: 5 };
}

/**
 * Starts a server that drops the first connection after one push, then lists the missed commands and pushes one more.
 */
async function dropping(missed: () => readonly Frame[], aheadMs = 0): Promise<FakeServer> {
  let lives = 0;
  return fakeServer({
    'server/info': () => ({
      info: { serverTimestamp: new Date(Date.now() + aheadMs).toISOString().slice(0, -1) },
    }),
    'command/list': () => ({ commands: missed().map(({ command }) => command) }),
    'command/subscribe': ({ action, requestId }, peer) => {
      peer.send({ action, requestId, status: 'success', subscriptionId: 5 });
      peer.send(push(++lives === 1 ? 1 : 99, Date.now() + aheadMs));
      if (lives === 1) setImmediate(() => peer.drop());
      return undefined;
    },
  });
}

function run(fake: FakeServer, ...args: readonly string[]) {
  return home.run(['command', 'watch', '--token-file', 'token.txt', '--url', fake.url, ...args]);
}

describe('the second subscribe of a watch', () => {
  it('is followed by a list from a little before the last push, and shows each command once', async () => {
    await using fake = await dropping(() => [push(1), push(2)]);
    const { code, stdout } = await run(fake, '--device', 'd1', '--name', 'set', '--count', '3');
    assert.equal(code, 0);
    assert.deepEqual(idsIn(stdout), [1, 2, 99]);
    for (const { timestamp, limit } of fake.sent('command/subscribe'))
      assert.deepEqual([timestamp, limit], [undefined, undefined]);
    const [list] = fake.sent('command/list');
    const last = Date.parse(`${String((jsonLines(stdout)[0]?.['command'] as Frame)['timestamp'])}Z`);
    const from = Date.parse(`${String(list?.['start'])}Z`);
    assert.ok(from <= last && from > last - 5000, String(list?.['start']));
    assert.deepEqual([list?.['deviceId'], list?.['names'], list?.['take']], ['d1', ['set'], 20]);
    assert.equal(fake.sent('authenticate').length, 2);
  });

  it('is followed by a list of all commands where updates are watched, and shows those of the gap', async () => {
    const hourMs = 3_600_000;
    const old = push(4, Date.now() - hourMs);
    const updated = { ...(old['command'] as Frame), lastUpdated: new Date().toISOString().slice(0, -1) };
    const untouched = push(3);
    await using fake = await dropping(() => [untouched, { command: updated }, push(2, Date.now() - hourMs)]);
    const { stdout } = await run(fake, '--device', 'd1', '--updates', '--count', '3');
    assert.deepEqual(idsIn(stdout), [1, 4, 99]);
    assert.equal(fake.sent('command/list')[0]?.['start'], undefined);
  });

  it('goes by the clock of the server', async () => {
    const hourMs = 3_600_000;
    await using fake = await dropping(() => [push(2, Date.now() + hourMs)], hourMs);
    await run(fake, '--device', 'd1', '--count', '2');
    const from = Date.parse(`${String(fake.sent('command/list')[0]?.['start'])}Z`);
    assert.ok(Math.abs(from - Date.now() - hourMs) < 60_000);
  });

  it('ends with 4 at once where the token is no longer good', async () => {
    let times = 0;
    await using fake = await fakeServer({
      authenticate: (request, peer) => (++times === 1 ? {} : refusing(401, 'Invalid token')(request, peer)),
      'command/subscribe': ({ action, requestId }, peer) => {
        peer.send({ action, requestId, status: 'success', subscriptionId: 5 });
        setImmediate(() => peer.drop());
        return undefined;
      },
    });
    const refused = await run(fake, '--json');
    assert.deepEqual([refused.code, errorOf(refused)['kind']], [4, 'auth']);
  });

  it('is tried again while the server starts and answers with 500', async () => {
    let times = 0;
    await using fake = await fakeServer({
      'command/subscribe': (request, peer) => {
        const { action, requestId } = request;
        if (++times === 2) return refusing(503, 'Service unavailable')(request, peer);
        peer.send({ action, requestId, status: 'success', subscriptionId: 5 });
        if (times === 1) setImmediate(() => peer.drop());
        else peer.send(push(3));
        return undefined;
      },
    });
    assert.equal((await run(fake, '--device', 'd1', '--count', '1')).code, 0);
    assert.equal(times, 3);
  });

  it('needs no second token from stdin', async () => {
    await using fake = await dropping(() => [push(2)]);
    const words = ['command', 'watch', '--token', '-', '--url', fake.url, '--device', 'd1', '--count', '2'];
    const { code, stderr } = await home.run(words, { stdin: 'a-token' });
    assert.equal(code, 0, stderr);
    assert.deepEqual(
      fake.sent('authenticate').map((frame) => frame['token']),
      ['a-token', 'a-token'],
    );
  });
});

describe('--since', () => {
  it('begins with what the server still keeps, each push once', async () => {
    await act('device', 'save', '--device', 'since', '--name', 'since');
    await insert('since', 'one');
    await insert('since', 'two');
    const flags = ['--device', 'since', '--url', server.ready.url, '--token-file', 'server.json'];
    // Two names are replayed twice each (PROTOCOL.md 5.6).
    const twice = ['--name', 'one', '--name', 'two', '--for', '3s'];
    const { code, stdout } = await home.run(['command', 'watch', ...flags, ...twice, '--since', '60s']);
    assert.equal(code, 0);
    assert.deepEqual(names(stdout).sort(), ['one', 'two']);
  });

  it('takes a timestamp, and asks with a list for what came since then', async () => {
    await using fake = await fakeServer({ 'command/subscribe': () => ({ subscriptionId: 5 }) });
    await run(fake, '--device', 'd1', '--since', '2026-01-01T00:00:00Z', '--for', '300ms');
    assert.equal(fake.sent('command/list')[0]?.['start'], '2026-01-01T00:00:00.000');
    assert.equal(fake.sent('command/subscribe')[0]?.['timestamp'], undefined);
  });

  it('lists the commands where more than 20 would be replayed', async () => {
    await using fake = await fakeServer({ 'command/subscribe': () => ({ subscriptionId: 5 }) });
    await run(fake, '--device', 'd1', '--timestamp', '2026-01-01T00:00:00Z', '--limit', '10000', '--for', '300ms');
    const [subscribe] = fake.sent('command/subscribe');
    assert.deepEqual([subscribe?.['timestamp'], subscribe?.['limit']], [undefined, undefined]);
    assert.equal(fake.sent('command/list')[0]?.['start'], '2026-01-01T00:00:00.000');
  });

  it('shows the last of them where --limit allows no more, and says so', async () => {
    await using fake = await fakeServer({
      'command/subscribe': () => ({ subscriptionId: 5 }),
      'command/list': () => ({ commands: [3, 1, 2].map((id) => push(id, Date.now() - 5000 + id)['command']) }),
    });
    const flags = ['--device', 'd1', '--since', '60s', '--limit', '2', '--count', '2'];
    const { stdout, stderr } = await run(fake, ...flags);
    assert.deepEqual(idsIn(stdout), [2, 3]);
    assert.match(stderr, /--limit leaves out the older 1 of 3 commands/);
  });

  it('says what may be missing where one millisecond holds too much', async () => {
    const timestamp = (push(1)['command'] as Frame)['timestamp'] as string;
    const parameters = { text: 'x'.repeat(30_000) };
    const commands = numbered(40, (index) => ({ deviceId: 'd', command: 'c', id: index + 1, timestamp, parameters }));
    await using strict = await strictServer({ devices: [{ id: 'd' }], commands });
    const words = ['command', 'watch', '--device', 'd', '--since', '60s', '--for', '2s'];
    const { code, stdout, stderr } = await home.run(words, strict);
    assert.deepEqual([code, jsonLines(stdout).length > 10], [0, true]);
    assert.match(stderr, /^warning: pushes may have been lost: command\/list: the commands of .* one reply may hold/m);
  });

  it('shows notifications beyond the 100 of a replay, but none that are never pushed', async () => {
    const notifications = numbered(150, (index) => ({ deviceId: 'd', notification: 'n', id: index + 1 }));
    await using strict = await strictServer({ devices: [{ id: 'd' }], notifications });
    const env = strict.env;
    assert.equal((await home.run(['device', 'save', '--device', 'd', '--name', 'again'], { env })).code, 0);
    const words = ['notification', 'watch', '--device', 'd', '--since', '60s', '--count', '151', '--for', '3s'];
    const { code, stdout } = await home.run(words, { env });
    assert.equal(code, 9);
    assert.equal(jsonLines(stdout).length, 150);
  });
});
