import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { connect } from '../../../src/client/connection.ts';
import { fakeServer, refusing, silent, type Answer, type FakeServer } from '../../helpers/fakeServer.ts';
import { failureOf } from '../../helpers/failures.ts';
import { HeldTime } from '../../helpers/heldTime.ts';

const update = (commandId: number, deviceId = 'd1') => ({ deviceId, commandId, command: { status: 'done' } });
const updating = { action: 'command/update', ...update(42) };
const listing =
  (...ids: number[]): Answer =>
  () => ({ commands: ids.map((id) => ({ id, status: 'new' })) });
const full = Array.from({ length: 100 }, (_, index) => index + 1000);

function open(server: FakeServer, probe = true) {
  return connect({ url: server.url, probe }, { probeAfterMs: 20 });
}

/**
 * Sends a request that meets silence until its timeout, whose message must match. Returns the probes that the client
 * sent meanwhile, in order.
 */
async function timedOut(
  server: FakeServer,
  request: { readonly action: string },
  questions: readonly string[],
  message: RegExp,
): Promise<void> {
  using time = new HeldTime();
  await using connection = await open(server);
  const { action, ...payload } = request;
  const failing = failureOf(connection.request(action, payload), 'timeout', message);
  for (const question of questions) {
    time.pass(20);
    await server.received(question);
  }
  // each reply comes after the answers to what was asked before it, and a list is asked for in a few pieces
  for (let piece = 0; piece < 8; piece++) await connection.request('user/getCurrent', {});
  time.pass(10_000);
  await failing;
}

describe('the silence about an update', () => {
  it('ends at once as a refusal when the list of the device lacks the command', async () => {
    await using server = await fakeServer({ 'command/update': silent, 'command/list': listing(1, 2) });
    await using connection = await open(server);
    const failure = await failureOf(
      connection.request('command/update', update(42)),
      'refused',
      /silent about unknown, expired \(120 s\) and foreign commands/,
    );
    assert.equal(failure.code, null);
    assert.equal(failure.reply, undefined);
    assert.match(failure.message, /device d1 has no command 42/);
    const question = server.sent('command/list')[0];
    assert.deepEqual([question?.['deviceId'], question?.['take']], ['d1', 20]);
    assert.deepEqual(server.sent('command/get'), []);
  });

  it('goes on when the list has the command, and the timeout says so', async () => {
    await using server = await fakeServer({ 'command/update': silent, 'command/list': listing(42) });
    await timedOut(server, updating, ['command/list'], /command 42 of device d1 exists, with status "new"/);
  });

  it('goes on when the list is full: it proves nothing', async () => {
    await using server = await fakeServer({ 'command/update': silent, 'command/list': listing(...full) });
    await timedOut(server, updating, ['command/list'], /100 commands or more/);
  });

  it('goes on when the list is refused', async () => {
    await using server = await fakeServer({
      'command/update': silent,
      'command/list': refusing(403, 'Access is denied'),
    });
    await timedOut(server, updating, ['command/list'], /was refused .*403: Access is denied/);
  });

  it('leads to server/info when the list is not answered', async () => {
    await using server = await fakeServer({ 'command/update': silent, 'command/list': silent });
    const message = /list of the device was not answered either; the server still answers server\/info/;
    await timedOut(server, updating, ['command/list', 'server/info'], message);
  });

  it('is distinguished from a server that hangs', async () => {
    await using server = await fakeServer({ 'command/update': silent, 'command/list': silent, 'server/info': silent });
    const message = /not even server\/info was answered .* hangs for this connection; another one may not/;
    await timedOut(server, updating, ['command/list', 'server/info'], message);
  });

  it('says what it means when the command exists but the update has no command object', async () => {
    await using server = await fakeServer({ 'command/update': silent, 'command/list': listing(42) });
    const bare = { action: 'command/update', deviceId: 'd1', commandId: '42' };
    await timedOut(server, bare, ['command/list'], /silent about an update without a command object/);
  });

  for (const order of ['before', 'after'] as const) {
    it(`is over when the update's own reply comes ${order} the list`, async () => {
      let updateId: unknown;
      await using server = await fakeServer({
        'command/update': ({ requestId }) => {
          updateId = requestId;
          return undefined;
        },
        'command/list': ({ requestId }, peer) => {
          const own = { action: 'command/update', requestId: updateId, status: 'success' };
          const list = {
            action: 'command/list',
            requestId,
            status: 'success',
            commands: order === 'before' ? [] : [{ id: 42 }],
          };
          for (const frame of order === 'before' ? [own, list] : [list, own]) peer.send(frame);
          return undefined;
        },
      });
      await using connection = await open(server);
      assert.equal((await connection.request('command/update', update(42))).reply.status, 'success');
    });
  }

  it('is asked about once for all updates of a device', async () => {
    await using server = await fakeServer({ 'command/update': silent, 'command/list': listing(1) });
    await using connection = await open(server);
    const ids = Array.from({ length: 2000 }, (_, index) => index + 10);
    const requests = ids.map((id) =>
      failureOf(connection.request('command/update', update(id, `d${id % 2}`)), 'refused'),
    );
    await Promise.all(requests);
    assert.equal(server.sent('command/list').length, 2);
  });

  it('is asked about again for an update that was sent after the answer', async () => {
    await using server = await fakeServer({ 'command/update': silent, 'command/list': listing() });
    await using connection = await open(server);
    await failureOf(connection.request('command/update', update(1)), 'refused');
    await failureOf(connection.request('command/update', update(1)), 'refused');
    assert.equal(server.sent('command/list').length, 2);
  });

  it('is left alone without probing', async () => {
    await using server = await fakeServer({ 'command/update': silent, 'command/list': listing() });
    using time = new HeldTime();
    await using connection = await open(server, false);
    const failing = failureOf(connection.request('command/update', update(42)), 'timeout', /within 10 s$/);
    await server.received('command/update');
    time.pass(10_000);
    await failing;
    assert.deepEqual(
      server.requests.map(({ action }) => action),
      ['command/update'],
    );
  });
});

describe('the silence about anything else', () => {
  it('leads to questions that show what of the server still answers', async () => {
    await using server = await fakeServer({ 'device/list': silent });
    const message = /the server still answers server\/info, and its backend answers too$/;
    await timedOut(server, { action: 'device/list' }, ['server/info', 'device/count'], message);
    assert.equal(server.sent('server/info').length, 1);
    assert.equal(server.sent('device/count').length, 1);
  });

  it('does not end a request whose reply is only late', async () => {
    await using server = await fakeServer({
      'device/list': silent,
      'server/info': (_request, peer) => {
        peer.send({ requestId: 1, status: 'success', devices: [] });
        return {};
      },
    });
    await using connection = await open(server);
    assert.deepEqual((await connection.request('device/list', {})).reply['devices'], []);
  });
});
