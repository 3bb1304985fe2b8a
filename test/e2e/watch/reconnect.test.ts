import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { Frame } from '../../../src/protocol/frames.ts';
import { errorOf, Home, type Ended } from '../../helpers/cli.ts';
import { cuttableWay } from '../../helpers/cuttableWay.ts';
import { fakeServer, refusing, type FakeServer } from '../../helpers/fakeServer.ts';
import { serverForAll } from '../../helpers/runningServer.ts';
import { jsonLines, startWatch } from './watching.ts';

const home = new Home();
const server = serverForAll(home, () => {
  writeFileSync(join(home.work, 'server.json'), server.line, { mode: 0o600 });
  writeFileSync(join(home.work, 'token.txt'), 'a-token', { mode: 0o600 });
});

/** Runs a command against the server itself, whatever becomes of the way that the watch takes. */
async function act(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await home.run([...args, '--url', server.ready.url, '--token-file', 'server.json']);
  assert.equal(code, 0, stderr);
  return stdout.trim();
}

const insert = (device: string, name: string) =>
  act('command', 'insert', '--device', device, '--command', name, '--query', 'command.id');
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
    await watch.said('stderr', /warning: connected again.*may have been lost: DeviceHive replays only for one device/);
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
  /** A watch of a server that goes away once the watch has subscribed, and a gateway in its place. */
  async function watchOutage(...flags: readonly string[]): Promise<Ended> {
    await using fake = await fakeServer({ 'command/subscribe': () => ({ subscriptionId: 5 }) });
    const words = ['command', 'watch', '--url', fake.url, '--token-file', 'token.txt', ...flags];
    await using watch = await startWatch(home, words);
    await fake.close();
    const gateway = createServer();
    gateway.on('upgrade', (_request, socket) => socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n'));
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

  it('is refused where it is no time', async () => {
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

/** Pushes, now, an insert with an id. */
function push(id: number, atMs = Date.now()): Frame {
  const timestamp = new Date(atMs).toISOString().slice(0, -1);
  const command = { id, command: 'set', timestamp, lastUpdated: timestamp, deviceId: 'd1', status: null };
  return { action: 'command/insert', command, subscriptionId: 5 };
}

/** A server that drops the first connection after one push; then `second` answers the subscribe. */
async function dropping(second: (subscribe: Frame) => readonly Frame[], aheadMs = 0): Promise<FakeServer> {
  let lives = 0;
  return fakeServer({
    'server/info': () => ({
      info: { serverTimestamp: new Date(Date.now() + aheadMs).toISOString().slice(0, -1) },
    }),
    'command/subscribe': (request, peer) => {
      const { action, requestId } = request;
      peer.send({ action, requestId, status: 'success', subscriptionId: 5 });
      if (++lives === 1) {
        peer.send(push(1, Date.now() + aheadMs));
        setImmediate(() => peer.drop());
      } else for (const one of second(request)) peer.send(one);
      return undefined;
    },
  });
}

function run(fake: FakeServer, ...args: readonly string[]) {
  return home.run(['command', 'watch', '--token-file', 'token.txt', '--url', fake.url, ...args]);
}

describe('the second subscribe of a watch', () => {
  it('asks for everything from a little before the last push, without the limit of 20', async () => {
    await using fake = await dropping(() => [push(1), push(2)]);
    const { code, stdout } = await run(fake, '--device', 'd1', '--name', 'set', '--count', '2');
    assert.equal(code, 0);
    assert.deepEqual(
      jsonLines(stdout).map((line) => (line['command'] as Frame)['id']),
      [1, 2],
    );
    const [first, second] = fake.sent('command/subscribe') as Frame[];
    assert.equal(first?.['timestamp'], undefined);
    const last = Date.parse(`${String((jsonLines(stdout)[0]?.['command'] as Frame)['timestamp'])}Z`);
    const from = Date.parse(`${String(second?.['timestamp'])}Z`);
    assert.ok(from <= last && from > last - 5000, String(second?.['timestamp']));
    assert.deepEqual([second?.['deviceId'], second?.['names'], second?.['limit']], ['d1', ['set'], 10_000]);
    assert.equal(fake.sent('authenticate').length, 2);
  });

  it('asks for all updates, whose commands may be older, and shows those of the gap', async () => {
    const hourMs = 3_600_000;
    const update = (id: number, atMs: number) => ({ ...push(id, atMs), action: 'command/update' });
    await using fake = await dropping(() => [update(2, Date.now() - hourMs), update(3, Date.now())]);
    const { stdout } = await run(fake, '--device', 'd1', '--updates', '--count', '2');
    assert.deepEqual(
      jsonLines(stdout).map((line) => (line['command'] as Frame)['id']),
      [1, 3],
    );
    assert.equal((fake.sent('command/subscribe')[1] as Frame)['timestamp'], '1970-01-01T00:00:00.000');
  });

  it('goes by the clock of the server', async () => {
    const hourMs = 3_600_000;
    await using fake = await dropping(() => [push(2, Date.now() + hourMs)], hourMs);
    await run(fake, '--device', 'd1', '--count', '2');
    const from = Date.parse(`${String((fake.sent('command/subscribe')[1] as Frame)['timestamp'])}Z`);
    assert.ok(Math.abs(from - Date.now() - hourMs) < 60_000);
  });

  it('says when the replay met its limit', async () => {
    await using fake = await dropping(() =>
      Array.from({ length: 10_000 }, (_, index) => push(index + 10, Date.now() - 500)),
    );
    const { code, stderr } = await run(fake, '--device', 'd1', '--count', '10001');
    assert.equal(code, 0, stderr);
    assert.match(stderr, /warning: the server replays at most 10000 commands, and that many came/);
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
    const twice = ['--name', 'one', '--name', 'two', '--for', '300ms'];
    const { code, stdout } = await home.run(['command', 'watch', ...flags, ...twice, '--since', '60s']);
    assert.equal(code, 0);
    assert.deepEqual(names(stdout).sort(), ['one', 'two']);
  });

  it('takes a timestamp as it is', async () => {
    await using fake = await fakeServer({ 'command/subscribe': () => ({ subscriptionId: 5 }) });
    await run(fake, '--device', 'd1', '--since', '2026-01-01T00:00:00Z', '--for', '10ms');
    assert.equal(fake.sent('command/subscribe')[0]?.['timestamp'], '2026-01-01T00:00:00Z');
  });

  it('says when the default limit of 20 was met', async () => {
    await using fake = await fakeServer({
      'command/subscribe': ({ action, requestId }, peer) => {
        peer.send({ action, requestId, status: 'success', subscriptionId: 5 });
        for (let id = 1; id <= 20; id++) peer.send(push(id, Date.now() - 5000));
        return undefined;
      },
    });
    const { stderr } = await run(fake, '--device', 'd1', '--since', '60s', '--count', '20');
    assert.match(stderr, /at most 20 commands, and that many came; older ones may have been lost: --limit allows more/);
  });
});
