import assert from 'node:assert/strict';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { Frame } from '../../../src/protocol/frames.ts';
import { errorOf, Home } from '../../helpers/cli.ts';
import { fakeServer, refusing, silent, type FakeServer } from '../../helpers/fakeServer.ts';
import { jsonLines, startWatch } from './watching.ts';

const home = new Home();
after(() => home[Symbol.dispose]());
writeFileSync(join(home.work, 'token.txt'), 'a-token', { mode: 0o600 });

/** Returns the push of a command, as DeviceHive sends it. */
function push(id: number, name: string | null = 'set', parameters: Frame | null = null): Frame {
  const timestamp = '2026-01-01T00:00:00.000';
  const command = { id, command: name, timestamp, lastUpdated: timestamp, deviceId: 'd1', parameters, status: null };
  return { action: 'command/insert', command, subscriptionId: 5 };
}

/** Starts a server that sends these pushes right after the reply to a subscribe. */
async function pushing(...pushes: readonly Frame[]): Promise<FakeServer> {
  return fakeServer({
    'command/subscribe': ({ action, requestId }, peer) => {
      peer.send({ action, requestId, status: 'success', subscriptionId: 5 });
      for (const one of pushes) peer.send(one);
      return undefined;
    },
  });
}

function words(server: FakeServer, ...args: readonly string[]): string[] {
  return ['command', 'watch', '--token-file', 'token.txt', '--url', server.url, ...args];
}

function run(server: FakeServer, ...args: readonly string[]) {
  return home.run(words(server, ...args));
}

describe('command watch', () => {
  it('prints each push as it came, one a line, ends with 0 at --count, and unsubscribes', async () => {
    await using server = await pushing(push(1), push(2), push(3));
    const { code, stdout, stderr } = await run(server, '--count', '2');
    const said = `watching commands of all devices on ${server.url}; Ctrl-C ends\n`;
    assert.deepEqual([code, stderr], [0, said]);
    assert.equal(stdout, `${JSON.stringify(push(1))}\n${JSON.stringify(push(2))}\n`);
    assert.equal(server.sent('command/unsubscribe')[0]?.['subscriptionId'], 5);
  });

  it('sends what its flags say', async () => {
    await using server = await pushing(push(1));
    const flags = ['--device', 'd1', '--name', 'set', '--name', 'reboot', '--network', '3', '--device-type', '4'];
    await run(server, ...flags, '--updates', '--limit', '7', '--timestamp', '2026-01-01T00:00:00', '--count', '1');
    const [{ requestId: _requestId, ...request } = {}] = server.sent('command/subscribe') as Frame[];
    assert.deepEqual(request, {
      action: 'command/subscribe',
      deviceId: 'd1',
      networkIds: [3],
      deviceTypeIds: [4],
      names: ['set', 'reboot'],
      timestamp: '2026-01-01T00:00:00',
      returnUpdatedCommands: true,
      limit: 7,
    });
  });

  it('shows a nameless command once, although it is pushed twice', async () => {
    await using server = await pushing(push(1, null), push(1, null), push(2));
    const { stdout } = await run(server, '--count', '2');
    assert.deepEqual(
      jsonLines(stdout).map((line) => (line['command'] as Frame)['id']),
      [1, 2],
    );
  });

  it('applies --query to each push: texts raw, null not at all', async () => {
    await using server = await pushing(push(1, 'a'), push(2, null), push(3, 'b'));
    const { stdout } = await run(server, '--count', '3', '--query', 'command.command');
    assert.equal(stdout, 'a\nb\n');
  });

  it('goes on after a push that --query does not fit, and says so', async () => {
    await using server = await pushing(push(1), push(2, 'x', { list: [1, 2] }));
    const { code, stdout, stderr } = await run(server, '--count', '2', '--query', 'length(command.parameters.list)');
    assert.deepEqual([code, stdout], [0, '2\n']);
    assert.match(stderr, /warning: --query/);
  });

  it('prints readable lines with -o text, and documents with -o yaml', async () => {
    await using server = await pushing(push(1, 'set', { on: true }), push(2));
    const text = await run(server, '--count', '2', '-o', 'text');
    assert.match(text.stdout, /^2026-01-01T00:00:00\.000 {2}d1 {2}set {2}#1 {2}\{"on":true\}\n.*#2\n$/);
    const yaml = await run(server, '--count', '2', '-o', 'yaml');
    assert.equal(yaml.stdout.split('---\n').length, 2);
  });

  it('makes text of a server harmless in readable lines', async () => {
    await using server = await pushing(push(1, 'set\u001b[2J\nx'));
    const { stdout } = await run(server, '--count', '1', '-o', 'text');
    assert.match(stdout, /set\\u001b\[2J\\nx/);
  });

  it('is also called subscribe', async () => {
    await using server = await pushing(push(1));
    const { code, stdout } = await home.run(['command', 'subscribe', ...words(server, '--count', '1').slice(2)]);
    assert.deepEqual([code, jsonLines(stdout)], [0, [push(1)]]);
  });

  it('writes a ready file, whole and for its owner only, after the subscribe reply', async () => {
    await using server = await pushing();
    await using watch = await startWatch(home, words(server));
    assert.deepEqual(watch.ready, { url: server.url, subscriptionIds: [5] });
    assert.equal(statSync(watch.readyFile).mode & 0o777, 0o600);
    assert.match(readFileSync(watch.readyFile, 'utf8'), /\}\n$/);
  });

  it('shows the frame with --dry-run, and sends nothing', async () => {
    await using server = await pushing();
    const { stdout, stderr } = await run(server, '--device', 'd1', '--since', '2026-01-01T00:00:00', '--dry-run');
    assert.deepEqual(JSON.parse(stdout), { action: 'command/subscribe', requestId: 1, deviceId: 'd1' });
    assert.match(stderr, /command\/list/);
    assert.deepEqual(server.requests, []);
  });
});

describe('the end of a watch', { concurrency: 4 }, () => {
  it('is 9 when --for is over before --count is reached', async () => {
    await using server = await pushing(push(1));
    const { code, stdout, stderr } = await run(server, '--count', '2', '--for', '3s');
    assert.deepEqual([code, jsonLines(stdout)], [9, [push(1)]]);
    assert.match(stderr, /1 push came within 3 s, not 2/);
    assert.equal(server.sent('command/unsubscribe').length, 1);
  });

  it('is 0 when --for is over and nothing else was asked', async () => {
    await using server = await pushing(push(1));
    const { code, stdout } = await run(server, '--for', '3s');
    assert.deepEqual([code, jsonLines(stdout)], [0, [push(1)]]);
    assert.equal(server.sent('command/unsubscribe').length, 1);
  });

  it('is 0 at the first push that --until holds for, which is printed', async () => {
    await using server = await pushing(push(1, 'a'), push(2, 'b'), push(3, 'b'));
    const { code, stdout } = await run(server, '--until', "command.command == 'b'");
    assert.deepEqual([code, jsonLines(stdout)], [0, [push(1, 'a'), push(2, 'b')]]);
  });

  it('is 9 when --until did not hold in time, or for any of --count', async () => {
    await using server = await pushing(push(1), push(2));
    const late = await run(server, '--until', 'command.result', '--for', '3s');
    const counted = await run(server, '--until', 'command.result', '--count', '2');
    assert.deepEqual([late.code, counted.code], [9, 9]);
    assert.match(late.stderr, /none of them as --until wants it/);
  });

  it('takes a push that --until does not fit as one for which it does not hold', async () => {
    await using server = await pushing(push(1), push(2, 'x', { list: [1] }));
    const { code } = await run(server, '--until', 'length(command.parameters.list) == `1`');
    assert.equal(code, 0);
  });

  for (const [signal, expected] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    it(`is ${expected} on ${signal}, after unsubscribing`, async () => {
      await using server = await pushing(push(1));
      await using watch = await startWatch(home, words(server));
      await watch.said('stdout', /\n/);
      watch.child.kill(signal);
      const { code, stdout } = await watch.end;
      assert.deepEqual([code, jsonLines(stdout)], [expected, [push(1)]]);
      assert.equal(server.sent('command/unsubscribe').length, 1);
    });
  }

  it('does not wait for a server that does not let go', async () => {
    await using server = await fakeServer({
      'command/subscribe': () => ({ subscriptionId: 5 }),
      'command/unsubscribe': silent,
    });
    assert.equal((await run(server, '--for', '10ms')).code, 0);
  });

  it('is 0 when the reader of the output is gone', async () => {
    await using server = await pushing();
    await using watch = await startWatch(home, words(server));
    watch.child.stdout?.destroy();
    for (let id = 1; id <= 3; id++) server.peers[0]?.send(push(id));
    assert.equal((await watch.end).code, 0);
  });

  it('is 4 where the server refuses, with nothing on stdout', async () => {
    await using server = await fakeServer({ 'command/subscribe': refusing(403, 'Access is denied') });
    const refused = await run(server, '--json');
    assert.deepEqual([refused.code, refused.stdout, errorOf(refused)['kind']], [4, '', 'auth']);
  });

  it('is 5 at once where no connection was had in the first place', async () => {
    await using server = await pushing();
    await server.close();
    assert.equal((await run(server)).code, 5);
  });
});

describe('the flags of watch', () => {
  const wrong: readonly (readonly [string, readonly string[]])[] = [
    ['--count 0', ['--count', '0']],
    ['--for without a unit', ['--for', '10']],
    ['--until that is no JMESPath', ['--until', 'a[']],
    ['--until with an unknown function', ['--until', 'len(command.status)']],
    ['--query that is no JMESPath', ['--query', 'a[']],
    ['--since without --device', ['--since', '10s']],
    ['--since that is no time', ['--device', 'd1', '--since', 'yesterday']],
    ['--since besides --timestamp', ['--device', 'd1', '--since', '10s', '--timestamp', '2026-01-01']],
    ['--concurrency without --exec', ['--concurrency', '2']],
    ['an empty --exec', ['--exec', ' ']],
    ['--exec with --updates', ['--exec', 'cat', '--updates']],
    ['a ready file in a folder that is not there', ['--ready-file', 'no/such/ready.json', '--count', '1']],
  ];
  for (const [what, args] of wrong) {
    it(`refuse ${what}`, async () => {
      await using server = await pushing(push(1));
      const { code, stderr } = await run(server, ...args);
      assert.equal(code, 2, stderr);
    });
  }

  it('refuse values that the request may not have, with 3', async () => {
    await using server = await pushing();
    const { code, stderr } = await run(server, '--limit', '-1', '--json');
    assert.equal(code, 3, stderr);
    assert.match(stderr, /devicehive command watch --help/);
    assert.deepEqual(server.requests, []);
  });
});
