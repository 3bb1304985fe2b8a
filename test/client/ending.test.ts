import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { connect, type Posting, type TraceEvent } from '../../src/client/index.ts';
import type { Frame } from '../../src/protocol/frames.ts';
import { saysNothing, tcpServer } from '../helpers/badServer.ts';
import { cuttingProxy, replyAndClose } from '../helpers/cuttingProxy.ts';
import { fakeServer, jwtWith, silent } from '../helpers/fakeServer.ts';
import { failureOf } from '../helpers/failures.ts';

const insert = { deviceId: 'd1', command: { command: 'go' } };

function posting(action: string, payload: Frame, ends: Partial<Posting>): Posting {
  const unexpected = () => assert.fail(`an end of ${action} that was not expected`);
  return {
    action,
    payload,
    text: JSON.stringify({ action, ...payload }),
    onReply: unexpected,
    onFailure: unexpected,
    ...ends,
  };
}

describe('close', () => {
  it('sends a close frame and ends what is pending', async () => {
    await using server = await fakeServer({ 'device/list': silent });
    await using connection = await connect({ url: server.url });
    const pending = failureOf(connection.request('device/list', {}), 'connect', /is closed/);
    await server.received('device/list');
    await connection.close();
    await connection.close();
    await pending;
    assert.equal(await server.closed(), 1000);
    assert.deepEqual(await connection.closed, { code: 1000, reason: '' });
    await failureOf(connection.request('device/list', {}), 'connect', /is closed/);
  });

  it('comes with the end of the block', async () => {
    await using server = await fakeServer();
    {
      await using _connection = await connect({ url: server.url });
    }
    assert.equal(await server.closed(), 1000);
  });

  it('leaves what was sent just before', async () => {
    await using server = await fakeServer({ 'notification/insert': silent });
    await using connection = await connect({ url: server.url });
    const sent = failureOf(
      connection.request('notification/insert', { deviceId: 'd', notification: { notification: 'n' } }),
      'connect',
    );
    await connection.close();
    await sent;
    assert.equal((await server.received('notification/insert')).length, 1);
  });
});

describe('a lost connection', () => {
  for (const [what, code] of [
    ['close', 1012],
    ['drop', 1006],
  ] as const) {
    it(`by ${what} fails what is pending with kind connect`, async () => {
      await using server = await fakeServer({
        'device/list': (_request, peer) => {
          if (what === 'close') peer.close(1012, 'shutdown');
          else peer.drop();
          return undefined;
        },
      });
      await using connection = await connect({ url: server.url });
      const failure = await failureOf(
        connection.request('device/list', {}),
        'connect',
        new RegExp(`was lost before the reply \\(close code ${code}`),
      );
      assert.equal(failure.action, 'device/list');
      assert.equal((await connection.closed).code, code);
      await failureOf(connection.request('device/list', {}), 'connect', /before the request was sent/);
    });
  }

  it('distinguishes requests never sent from those that may have arrived', async () => {
    await using server = await fakeServer({ 'command/insert': silent });
    await using way = await cuttingProxy(server.url, replyAndClose, 1);
    await using connection = await connect({ url: way.url });
    const before = failureOf(connection.request('command/insert', insert), 'connect', /lost before the reply/);
    const wasSent = new Promise<boolean>((resolve) => {
      const onFailure = (_error: unknown, sent: boolean) => resolve(sent);
      const late = posting('command/insert', insert, { onFailure });
      const onReply = () => connection.post(late);
      connection.post(posting('server/info', { one: 1 }, { onReply }));
    });
    assert.equal(await wasSent, false);
    await before;
    assert.equal(server.sent('command/insert').length, 1);
    await failureOf(connection.request('command/insert', insert), 'connect', /before the request was sent/);
  });

  it('during authenticate is a connect failure too', async () => {
    await using server = await fakeServer({
      authenticate: (_request, peer) => {
        peer.drop();
        return undefined;
      },
    });
    await failureOf(
      connect({ url: server.url, credentials: { accessToken: 'x' } }),
      'connect',
      /authenticate: .* was lost/,
    );
  });
});

describe('a signal', () => {
  it('ends connecting', async () => {
    await using server = await tcpServer(saysNothing);
    const controller = new AbortController();
    const connecting = failureOf(connect({ url: server.url, signal: controller.signal }), 'interrupted');
    await server.visited;
    controller.abort();
    await connecting;
  });

  it('that came before ends it at once', async () => {
    await failureOf(connect({ url: 'ws://127.0.0.1:1/', signal: AbortSignal.abort() }), 'interrupted');
  });

  it('ends authenticating, and drops the socket', async () => {
    await using server = await fakeServer({ authenticate: silent });
    const controller = new AbortController();
    const options = { url: server.url, credentials: { accessToken: 'x' }, signal: controller.signal };
    const connecting = failureOf(connect(options), 'interrupted');
    await server.received('authenticate');
    controller.abort();
    await connecting;
    assert.equal(await server.closed(), 1000);
  });

  it('ends pauses between tries', async () => {
    const controller = new AbortController();
    const options = { url: 'ws://127.0.0.1:1/', retries: 3, signal: controller.signal };
    const connecting = failureOf(connect(options, { backOffMs: 100_000 }), 'interrupted');
    setImmediate(() => setTimeout(() => controller.abort(), 20));
    await connecting;
  });

  it('of the connection ends requests and iterators, but lets the caller clean up', async () => {
    await using server = await fakeServer({
      'device/list': silent,
      'command/subscribe': () => ({ subscriptionId: 1 }),
    });
    const controller = new AbortController();
    await using connection = await connect({ url: server.url, signal: controller.signal });
    const subscription = await connection.subscribe('command/subscribe', {});
    const pending = failureOf(connection.request('device/list', {}), 'interrupted');
    const reading = failureOf(Promise.resolve(subscription[Symbol.asyncIterator]().next()), 'interrupted');
    controller.abort();
    await Promise.all([pending, reading]);
    await failureOf(connection.request('device/list', {}), 'interrupted');
    await subscription.unsubscribe();
    assert.equal(server.sent('command/unsubscribe').length, 1);
  });

  it('of a request ends that request only, and its late reply is ignored', async () => {
    await using server = await fakeServer({
      'device/list': silent,
      'server/info': (_request, peer) => {
        peer.send({ requestId: 1, status: 'success' });
        return {};
      },
    });
    await using connection = await connect({ url: server.url });
    const controller = new AbortController();
    const pending = failureOf(
      connection.request('device/list', {}, { signal: controller.signal }),
      'interrupted',
      /device\/list/,
    );
    controller.abort();
    await pending;
    await connection.request('server/info', {});
    await failureOf(connection.request('device/list', {}, { signal: AbortSignal.abort() }), 'interrupted');
    assert.equal(server.sent('device/list').length, 1);
  });
});

describe('the trace', () => {
  it('shows every step in order, without secrets', async () => {
    const token = jwtWith({ u: 1, a: [0], e: Date.now() * 2, t: 1 });
    const events: TraceEvent[] = [];
    await using server = await fakeServer();
    const trace = (event: TraceEvent) => void events.push(event);
    await using connection = await connect({ url: server.url, credentials: { accessToken: token }, trace });
    await connection.request('server/info', {});
    await connection.close();
    assert.deepEqual(
      events.map(({ kind }) => kind),
      ['opened', 'sent', 'received', 'sent', 'received', 'closed'],
    );
    assert.equal(events[1]?.text, '{"action":"authenticate","requestId":1,"token":"***"}');
    assert.ok(events.every(({ url, atMs }) => url === server.url && Math.abs(atMs - Date.now()) < 60_000));
    assert.equal(events.at(-1)?.code, 1000);
  });
});
