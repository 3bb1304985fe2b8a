import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { errorOf, Home } from '../../helpers/cli.ts';
import { fakeServer, silent, type FakeServer } from '../../helpers/fakeServer.ts';

const home = new Home();
after(() => home[Symbol.dispose]());
writeFileSync(join(home.work, 'token.txt'), 'a-token', { mode: 0o600 });

const update = ['command', 'update', '--device', 'd1', '--id', '42', '--status', 'done'];
const at = ({ url }: FakeServer) => ['--url', url, '--token-file', 'token.txt'];

/** Returns every request id that a server received, by action. */
const wireIds = ({ requests }: FakeServer) => requests.map(({ action, requestId }) => [action, requestId]);

describe('--request-id', () => {
  for (const [text, id] of [
    ['mine', 'mine'],
    ['"1"', '1'],
    ['1', 1],
    ['1000000001', 1000000001],
    ['-2.5', -2.5],
    ['{"a":1,"b":[true,null]}', { a: 1, b: [true, null] }],
    ['{not json', '{not json'],
    ['null', null],
  ] as const)
    it(`sends ${text} and shows it in the reply, and no other request has it`, async () => {
      await using fake = await fakeServer();
      const run = await home.run([...update, '--request-id', text, '--json', ...at(fake)]);
      assert.equal(run.code, 0, run.stderr);
      const [[first, other], [second, own]] = wireIds(fake) as [unknown[], unknown[]];
      assert.deepEqual([first, second], ['authenticate', 'command/update']);
      assert.deepEqual(own, id);
      assert.notDeepEqual(other, id);
      const reply = JSON.parse(run.stdout) as { requestId: unknown };
      assert.deepEqual(reply.requestId, id);
    });

  it('matches an object by its content, in whatever order its fields come back', async () => {
    await using fake = await fakeServer({
      'command/update': ({ action }, peer) => {
        peer.send(`{"action":"${action}","requestId":{"b":{"d":2,"c":[1]},"a":1},"status":"success"}`);
        return undefined;
      },
    });
    const run = await home.run([...update, '--request-id', '{"a":1,"b":{"c":[1],"d":2}}', ...at(fake)]);
    assert.equal(run.code, 0, run.stderr);
  });

  it('goes only with the action itself: not with authenticate, the subscription of --wait or the questions about silence', async () => {
    const insert = ['command', 'insert', '--device', 'd1', '--command', 'x', '--request-id', '2'];
    await using fake = await fakeServer({
      'command/subscribe': () => ({ subscriptionId: 5 }),
      'command/insert': (_request, peer) => {
        const command = { id: 7, deviceId: 'd1', command: 'x', status: 'done' };
        setImmediate(() => peer.send({ action: 'command/update', subscriptionId: 5, command }));
        return { command: { id: 7 } };
      },
    });
    const run = await home.run([...insert, '--wait', ...at(fake)]);
    assert.equal(run.code, 0, run.stderr);
    const withIt = wireIds(fake).filter(([, requestId]) => requestId === 2);
    assert.deepEqual(withIt, [['command/insert', 2]]);
    assert.ok(fake.sent('command/subscribe').length === 1);
    await using mute = await fakeServer({ 'command/update': silent, 'command/list': () => ({ commands: [] }) });
    await home.run([...update, '--request-id', '1', ...at(mute)]);
    assert.deepEqual(
      wireIds(mute).filter(([, requestId]) => requestId === 1),
      [['command/update', 1]],
    );
    assert.ok(mute.requests.length > 2);
    await using once = await fakeServer();
    await home.run(['authenticate', '--request-id', '1', ...at(once)]);
    assert.deepEqual(
      wireIds(once).filter(([, requestId]) => requestId === 1),
      [['authenticate', 1]],
    );
  });

  it('shows in --dry-run, in the envelope and in errors', async () => {
    const dry = await home.run([...update, '--request-id', '{"a":1}', '--dry-run']);
    assert.deepEqual((JSON.parse(dry.stdout) as { requestId: unknown }).requestId, { a: 1 });
    await using fake = await fakeServer({ 'command/update': () => ({ status: 'error', code: 404, error: 'No' }) });
    const run = await home.run([...update, '--request-id', 'mine', '--json', ...at(fake)]);
    assert.equal(errorOf(run)['requestId'], 'mine');
    const whole = await home.run([...update, '--request-id', 'mine', '--envelope', ...at(fake)]);
    assert.equal((JSON.parse(whole.stdout) as { request: { requestId: unknown } }).request.requestId, 'mine');
  });

  it('is refused with --all, where it is empty, and where it could not be sent as it is', async () => {
    await using fake = await fakeServer();
    for (const [args, told] of [
      [['device', 'list', '--all', '--request-id', 'x'], /--all sends several requests/],
      [[...update, '--request-id', ''], /--request-id is empty/],
      [[...update, '--request-id', '12345678901234567890'], /--request-id holds the number 12345678901234567890/],
      [[...update, '--request-id', `${'['.repeat(600)}${']'.repeat(600)}`], /--request-id is nested deeper than 500/],
    ] as const) {
      const run = await home.run([...args, ...at(fake)]);
      assert.equal(run.code, 2, run.stderr);
      assert.match(run.stderr, told);
    }
    assert.equal(fake.requests.length, 0);
  });
});

describe('request', () => {
  it('keeps the requestId that its data holds', async () => {
    await using fake = await fakeServer();
    for (const id of ['mine', 2, { a: 1 }, null]) {
      const data = JSON.stringify({ deviceId: 'd1', requestId: id });
      const run = await home.run(['request', 'device/get', '--data', data, '--json', ...at(fake)]);
      assert.equal(run.code, 0, run.stderr);
      assert.deepEqual(fake.sent('device/get').at(-1)?.requestId, id);
      assert.deepEqual((JSON.parse(run.stdout) as { requestId: unknown }).requestId, id);
    }
  });

  it('takes --request-id, and refuses another one beside that of its data', async () => {
    await using fake = await fakeServer();
    const args = ['request', 'device/get', '--data', '{"deviceId":"d1","requestId":{"b":1,"a":2}}', ...at(fake)];
    assert.equal((await home.run([...args, '--request-id', '{"a":2,"b":1}'])).code, 0);
    const two = await home.run([...args, '--request-id', 'x']);
    assert.equal(two.code, 2);
    assert.match(two.stderr, /--request-id and the requestId of --data are two ids/);
    assert.equal(fake.sent('device/get').length, 1);
  });
});
