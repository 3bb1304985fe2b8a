import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { Home } from '../../helpers/cli.ts';
import { fakeServer, type Answer, type FakeServer } from '../../helpers/fakeServer.ts';

const home = new Home();
after(() => home[Symbol.dispose]());

const secret = 'Basic aHVudGVyOnNlY3JldA==';
writeFileSync(join(home.work, 'gateway.txt'), `\ufeff${secret}\r\n`);
writeFileSync(join(home.work, 'token.txt'), 'of-a-test');
const token = ['--token-file', 'token.txt'];
const login = ['--header', 'Authorization: @gateway.txt'];
const list = ['device', 'list', ...token];

/** A server behind a gateway that wants a login. */
function gateway(script: Record<string, Answer> = {}): Promise<FakeServer> {
  return fakeServer(script, { admits: ({ authorization }: IncomingHttpHeaders) => authorization === secret });
}

describe('a gateway that wants a header', () => {
  it('refuses without, and the message says how to give it', async () => {
    await using server = await gateway();
    const run = await home.run([...list, '--url', server.url]);
    assert.equal(run.code, 5);
    assert.match(run.stderr, /HTTP 401.*\n.*--header 'Authorization: @FILE'/);
  });

  it('gets it from a file, also where the place of the server is looked for', async () => {
    await using server = await gateway();
    for (const url of [server.url, `ws://127.0.0.1:${server.port}`]) {
      const run = await home.run([...list, ...login, '--header', 'X-Room: 7', '--url', url]);
      assert.equal(run.code, 0, run.stderr);
      assert.equal(run.stderr, '');
    }
    assert.deepEqual(new Set(server.handshakes.map((headers) => headers['x-room'])), new Set(['7']));
  });

  it('is never shown it', async () => {
    await using server = await gateway();
    const words = [...list, ...login, '--url', server.url, '-v', '--trace-file', 'wire.ndjson', '--envelope'];
    const run = await home.run(words);
    assert.equal(run.code, 0, run.stderr);
    const trace = readFileSync(join(home.work, 'wire.ndjson'), 'utf8');
    const doctor = await home.run(['doctor', ...token, ...login, '--url', server.url, '--json']);
    assert.doesNotMatch(run.stdout + run.stderr + trace + doctor.stdout + doctor.stderr, /aHVudGVy/);
    assert.match(doctor.stdout, /"name":"header","value":"Authorization"/);
  });

  it('gets it from a watch that connects again, a batch, a simulation and its workers', async () => {
    let subscriptions = 0;
    const subscribe: Answer = (_request, peer) => {
      subscriptions++;
      if (subscriptions === 1) setImmediate(() => peer.drop());
      else setImmediate(() => peer.send({ action: 'notification/insert', subscriptionId: 1, notification: { id: 1 } }));
      return { subscriptionId: 1 };
    };
    await using server = await gateway({ 'notification/subscribe': subscribe });
    const way = ['--url', server.url, ...token, ...login];
    const watch = await home.run(['notification', 'watch', '--device', 'd1', '--count', '1', ...way]);
    assert.equal(watch.code, 0, watch.stderr);
    assert.equal(subscriptions, 2);
    const batch = await home.run(['batch', '-', ...way], { stdin: '{"action":"server/info"}\n' });
    assert.equal(batch.code, 0, batch.stderr);
    const before = server.handshakes.length;
    const fleet = ['--devices', '2', '--notify', 't=walk(1,2,0.1) every 1s', '--for', '1s', '--processes', '2'];
    await home.run(['simulate', 'run', ...fleet, ...way, '--timeout', '1s']);
    assert.ok(server.handshakes.length >= before + 2);
    assert.ok(server.handshakes.every(({ authorization }) => authorization === secret));
  });

  it('is warned of once where a secret stands on the command line', async () => {
    await using server = await gateway();
    const run = await home.run([...list, '--header', `Authorization: ${secret}`, '--url', server.url]);
    assert.equal(run.code, 0);
    assert.equal(run.stderr.match(/^warning: a header with a secret on the command line/gm)?.length, 1);
    assert.doesNotMatch(run.stderr, /aHVudGVy/);
  });

  it('is known to its context, with the file wherever the command runs', async () => {
    await using server = await gateway({ token: () => ({ accessToken: 'a', refreshToken: 'r' }) });
    const added = await home.run(['context', 'add', 'guarded', '--url', server.url, ...login, '-o', 'json']);
    assert.equal(added.code, 0, added.stderr);
    assert.match(added.stdout, /"headers":\["Authorization"\]/);
    assert.doesNotMatch(added.stdout + added.stderr, /aHVudGVy/);
    const cwd = home.folder;
    const password = ['--login', 'me', '--password-file', join(home.work, 'token.txt')];
    const logged = await home.run(['auth', 'login', '--context', 'guarded', ...password], { cwd });
    assert.equal(logged.code, 0, logged.stderr);
    for (const words of [
      ['--context', 'guarded'],
      ['--url', server.url],
    ]) {
      const run = await home.run(['device', 'list', ...words], { cwd });
      assert.equal(run.code, 0, run.stderr);
    }
    const status = await home.run(['auth', 'status', '--context', 'guarded'], { cwd });
    assert.equal(status.code, 0, status.stderr);
    const again = await home.run([
      'context',
      'add',
      'guarded',
      '--url',
      server.url,
      '--header',
      'X-A: 1',
      '-o',
      'json',
    ]);
    assert.match(again.stdout, /"headers":\["X-A"\]/);
    assert.equal((await home.run(['device', 'list', '--context', 'guarded'])).code, 5);
    assert.equal((await home.run(['device', 'list', '--context', 'guarded', ...login])).code, 0);
  });

  for (const [header, problem] of [
    ['nonsense', /--header has no colon behind its name/],
    [': x', /--header has no colon behind its name/],
    ['a b: x', /--header has no name that a header may have/],
    ['Upgrade: x', /--header cannot set Upgrade, which belongs to the handshake/],
    ['sec-websocket-protocol: x', /cannot set sec-websocket-protocol/],
    ['X: secret\r\nY: z', /--header gives X a value that a header cannot have/],
    ['X: @none.txt', /--header X: cannot read 'none.txt'/],
  ] as const) {
    it(`gets no header that cannot be one: ${JSON.stringify(header)}`, async () => {
      const run = await home.run([...list, '--header', header, '--url', 'ws://127.0.0.1:1']);
      assert.equal(run.code, 2, run.stderr);
      assert.match(run.stderr, problem);
      assert.doesNotMatch(run.stderr, /secret\\r/);
    });
  }

  it('gets each header once', async () => {
    const run = await home.run([...list, '--header', 'X: 1', '--header', 'x: 2', '--url', 'ws://127.0.0.1:1']);
    assert.equal(run.code, 2);
    assert.match(run.stderr, /--header gives x twice/);
  });
});
