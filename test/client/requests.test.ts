import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { connect } from '../../src/client/index.ts';
import { fakeServer, refusing, silent } from '../helpers/fakeServer.ts';
import { failureOf } from '../helpers/failures.ts';

describe('requests', () => {
  it('match replies by requestId, in whatever order they come', async () => {
    const held: (() => void)[] = [];
    await using server = await fakeServer({
      'device/get': ({ requestId, deviceId }, peer) => {
        const reply = { action: 'device/get', requestId, status: 'success', device: { id: deviceId } };
        held.unshift(() => peer.send(reply));
        if (held.length === 3) for (const send of held) send();
        return undefined;
      },
    });
    await using connection = await connect({ url: server.url });
    const exchanges = await Promise.all(
      ['a', 'b', 'c'].map((deviceId) => connection.request('device/get', { deviceId })),
    );
    assert.deepEqual(
      exchanges.map(({ reply }) => (reply as { device?: { id: string } }).device?.id),
      ['a', 'b', 'c'],
    );
    assert.deepEqual(
      exchanges.map(({ request }) => request.requestId),
      [1, 2, 3],
    );
  });

  it('give the reply exactly as it came, and the time it took', async () => {
    const text = '{ "requestId": 1, "status":"success",  "extra": 1.0 }';
    await using server = await fakeServer({
      'server/info': (_request, peer) => {
        peer.send(text);
        return undefined;
      },
    });
    await using connection = await connect({ url: server.url });
    const exchange = await connection.request('server/info', {});
    assert.equal(exchange.text, text);
    assert.ok(exchange.replyMs > 0);
    assert.equal(connection.timing.authMs, null);
  });

  for (const requestId of ['mine', 0, false, [1, 'a'], { a: 1 }]) {
    it(`carry the caller's own id ${JSON.stringify(requestId)}`, async () => {
      await using server = await fakeServer();
      await using connection = await connect({ url: server.url });
      const { reply } = await connection.request('server/info', {}, { requestId });
      assert.deepEqual(reply.requestId, requestId);
    });
  }

  it('refuse an id that a pending request has, and number around it', async () => {
    await using server = await fakeServer({ 'device/list': silent });
    await using connection = await connect({ url: server.url });
    const pending = failureOf(connection.request('device/list', {}, { requestId: 1 }), 'connect');
    await failureOf(connection.request('device/list', {}, { requestId: 1 }), 'invalid', /requestId 1 belongs to/);
    assert.equal((await connection.request('server/info', {})).request.requestId, 2);
    await connection.close();
    await pending;
  });

  it('fail with kind refused, the code, the text and the reply', async () => {
    await using server = await fakeServer({ 'device/get': refusing(404, 'Device with such deviceId = d9 not found') });
    await using connection = await connect({ url: server.url });
    const failure = await failureOf(connection.request('device/get', { deviceId: 'd9' }), 'refused', /d9 not found/);
    assert.equal(failure.code, 404);
    assert.equal(failure.action, 'device/get');
    assert.equal(failure.requestId, 1);
    assert.deepEqual(failure.request, { action: 'device/get', requestId: 1, deviceId: 'd9' });
    assert.equal(failure.reply?.['error'], 'Device with such deviceId = d9 not found');
    assert.ok(failure.hint !== undefined && !failure.hint.includes('--'));
  });

  for (const code of [401, 403]) {
    it(`fail with kind auth for code ${code}`, async () => {
      await using server = await fakeServer({ 'device/list': refusing(code, 'No') });
      await using connection = await connect({ url: server.url });
      assert.equal((await failureOf(connection.request('device/list', {}), 'auth')).code, code);
    });
  }

  it('name the permission that is missing', async () => {
    await using server = await fakeServer({ 'command/update': refusing(403, 'Access is denied') });
    await using connection = await connect({ url: server.url });
    const update = connection.request('command/update', { deviceId: 'd1', commandId: 1, command: { status: 'done' } });
    assert.match((await failureOf(update, 'auth')).hint ?? '', /UpdateDeviceCommand/);
  });

  it('survive an error without a text', async () => {
    await using server = await fakeServer({ 'device/save': refusing(500, null) });
    await using connection = await connect({ url: server.url });
    await failureOf(connection.request('device/save', { deviceId: 'd' }), 'refused', /answered 500, without a reason/);
  });

  it('show a long text of several lines in one, cut short; the reply holds all of it', async () => {
    const text = `No.\r\n  Run this to mend it: …\n${'x'.repeat(2000)}`;
    await using server = await fakeServer({ 'device/get': refusing(400, text) });
    await using connection = await connect({ url: server.url });
    const failure = await failureOf(connection.request('device/get', { deviceId: 'd' }), 'refused');
    assert.match(failure.message, /answered 400: No\. Run this to mend it: … x{900,1000}…$/);
    assert.equal(failure.reply?.['error'], text);
  });

  it('hide secrets in the request that a failure carries', async () => {
    await using server = await fakeServer({ 'user/insert': refusing(400, 'Bad') });
    await using connection = await connect({ url: server.url });
    const failure = await failureOf(
      connection.request('user/insert', { user: { login: 'x', password: 'pw' } }),
      'refused',
    );
    assert.deepEqual(failure.request?.['user'], { login: 'x', password: '***' });
  });

  for (const [action, field] of [
    ['command/insert', 'command'],
    ['command/update', 'command'],
    ['notification/insert', 'notification'],
  ] as const) {
    it(`never send a ${field} over 900 KiB with ${action}, unless allowed`, async () => {
      await using server = await fakeServer();
      const payload = { deviceId: 'd1', [field]: { parameters: { data: 'ä'.repeat(461_000) } } };
      await using connection = await connect({ url: server.url });
      await failureOf(connection.request(action as string, payload), 'invalid', /more than 921600/);
      assert.deepEqual(server.requests, []);
      await using daring = await connect({ url: server.url, allowLarge: true });
      await daring.request(action as string, payload);
    });
  }

  it('settle thousands at once', async () => {
    await using server = await fakeServer();
    await using connection = await connect({ url: server.url });
    const exchanges = await Promise.all(Array.from({ length: 5000 }, () => connection.request('server/info', {})));
    assert.equal(new Set(exchanges.map(({ reply }) => reply.requestId)).size, 5000);
  });
});
