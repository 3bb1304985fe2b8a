import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { connect, type Subscription } from '../../src/client/index.ts';
import type { PushFrame } from '../../src/protocol/frames.ts';
import { fakeServer, refusing, silent, type Answer, type Peer } from '../helpers/fakeServer.ts';
import { failureOf } from '../helpers/failures.ts';
import { HeldTime } from '../helpers/heldTime.ts';

const push = (subscriptionId: number, id: number) => ({ action: 'command/insert', command: { id }, subscriptionId });
const idOf = (frame: PushFrame) => (frame['command'] as { id: number }).id;
const subscribing =
  (subscriptionId: number, after: (peer: Peer) => void = () => undefined): Answer =>
  ({ action, requestId }, peer) => {
    peer.send({ action, requestId, status: 'success', subscriptionId });
    after(peer);
    return undefined;
  };

async function take(subscription: Subscription, count: number): Promise<number[]> {
  const ids: number[] = [];
  for await (const frame of subscription) if (ids.push(idOf(frame)) === count) break;
  return ids;
}

async function drain(subscription: Subscription): Promise<number[]> {
  const ids: number[] = [];
  for await (const frame of subscription) ids.push(idOf(frame));
  return ids;
}

describe('a subscription', () => {
  it('delivers its pushes in order, those right behind the reply included', async () => {
    await using server = await fakeServer({
      'command/subscribe': subscribing(7, (peer) => [1, 2, 3].forEach((id) => peer.send(push(7, id)))),
    });
    await using connection = await connect({ url: server.url });
    await using subscription = await connection.subscribe('command/subscribe', { deviceId: 'd1' });
    assert.equal(subscription.subscriptionId, 7);
    assert.equal(subscription.reply.status, 'success');
    assert.deepEqual(await take(subscription, 3), [1, 2, 3]);
  });

  it('delivers first what came before its reply', async () => {
    await using server = await fakeServer({
      'command/subscribe': (_request, peer) => {
        peer.send(push(7, 1));
        peer.send(push(7, 2));
        return { subscriptionId: 7 };
      },
      'server/info': (_request, peer) => {
        peer.send(push(7, 3));
        return {};
      },
    });
    await using connection = await connect({ url: server.url });
    await using subscription = await connection.subscribe('command/subscribe', {});
    await connection.request('server/info', {});
    assert.deepEqual(await take(subscription, 3), [1, 2, 3]);
  });

  it('gets no pushes of another on the same connection', async () => {
    let next = 0;
    await using server = await fakeServer({
      'command/subscribe': () => ({ subscriptionId: ++next }),
      'notification/subscribe': () => ({ subscriptionId: ++next }),
      'server/info': (_request, peer) => {
        for (const [subscriptionId, id] of [
          [1, 10],
          [2, 20],
          [1, 11],
          [3, 30],
        ] as const)
          peer.send(push(subscriptionId, id));
        return {};
      },
    });
    await using connection = await connect({ url: server.url });
    const one = await connection.subscribe('command/subscribe', {});
    const two = await connection.subscribe('notification/subscribe', {});
    await connection.request('server/info', {});
    await Promise.all([one.unsubscribe(), two.unsubscribe()]);
    assert.deepEqual([await drain(one), await drain(two)], [[10, 11], [20]]);
  });

  it('ends when unsubscribed, after the received pushes', async () => {
    await using server = await fakeServer({
      'command/subscribe': subscribing(7),
      'command/unsubscribe': (_request, peer) => {
        peer.send(push(7, 1));
        return {};
      },
    });
    await using connection = await connect({ url: server.url });
    const subscription = await connection.subscribe('command/subscribe', {});
    const reading = drain(subscription);
    await Promise.all([subscription.unsubscribe(), subscription.unsubscribe()]);
    assert.deepEqual(await reading, [1]);
    assert.deepEqual(
      server.sent('command/unsubscribe').map(({ subscriptionId }) => subscriptionId),
      [7],
    );
  });

  it('unsubscribes by the action of its kind, when it is disposed of', async () => {
    await using server = await fakeServer({ 'notification/subscribe': subscribing(9) });
    await using connection = await connect({ url: server.url });
    {
      await using _subscription = await connection.subscribe('notification/subscribe', {});
    }
    assert.deepEqual(
      server.sent('notification/unsubscribe').map(({ subscriptionId }) => subscriptionId),
      [9],
    );
  });

  it('ends when this side closes the connection', async () => {
    await using server = await fakeServer({ 'command/subscribe': subscribing(7, (peer) => peer.send(push(7, 1))) });
    await using connection = await connect({ url: server.url });
    await using subscription = await connection.subscribe('command/subscribe', {});
    assert.deepEqual(await take(subscription, 1), [1]);
    const reading = drain(subscription);
    await connection.close();
    assert.deepEqual(await reading, []);
  });

  it('fails with kind connect when the connection is lost, after the received pushes', async () => {
    await using server = await fakeServer({
      'command/subscribe': subscribing(7, (peer) => {
        peer.send(push(7, 1));
        peer.close(1012, 'restart');
      }),
    });
    await using connection = await connect({ url: server.url });
    await using subscription = await connection.subscribe('command/subscribe', {});
    assert.deepEqual(await connection.closed, { code: 1012, reason: 'restart' });
    assert.deepEqual(await take(subscription, 1), [1]);
    await failureOf(drain(subscription), 'connect', /was lost, .*close code 1012: restart/);
  });

  it('fails when more pushes wait than allowed, while the connection is read on', async () => {
    await using server = await fakeServer({
      'command/subscribe': subscribing(7, (peer) => [1, 2, 3, 4, 5].forEach((id) => peer.send(push(7, id)))),
    });
    await using connection = await connect({ url: server.url, maxQueuedPushes: 3 });
    await using subscription = await connection.subscribe('command/subscribe', {});
    await connection.request('server/info', {});
    assert.deepEqual(await take(subscription, 3), [1, 2, 3]);
    await failureOf(drain(subscription), 'generator', /more than 3 pushes of subscription 7/);
  });

  it('takes any number of pushes that are read', async () => {
    const ids = Array.from({ length: 5000 }, (_, index) => index);
    await using server = await fakeServer({
      'command/subscribe': subscribing(7, (peer) => ids.forEach((id) => peer.send(push(7, id)))),
    });
    await using connection = await connect({ url: server.url });
    await using subscription = await connection.subscribe('command/subscribe', {});
    assert.deepEqual(await take(subscription, 5000), ids);
  });

  it('that is refused throws as a request does', async () => {
    await using server = await fakeServer({ 'command/subscribe': refusing(403, 'Access is denied') });
    await using connection = await connect({ url: server.url });
    await failureOf(connection.subscribe('command/subscribe', {}), 'auth', /Access is denied/);
  });

  it('without an id in its reply is refused', async () => {
    await using server = await fakeServer();
    await using connection = await connect({ url: server.url });
    await failureOf(connection.subscribe('command/subscribe', {}), 'refused', /without a subscriptionId/);
  });

  it('that is live although its reply never came is named by the timeout', async () => {
    await using server = await fakeServer({
      'command/subscribe': (_request, peer) => {
        peer.send(push(7, 1));
        return undefined;
      },
    });
    using time = new HeldTime();
    await using connection = await connect({ url: server.url, probe: false });
    const message = /subscription 7, which no reply announced/;
    const failing = failureOf(connection.subscribe('command/subscribe', {}), 'timeout', message);
    // its reply comes after the push
    await connection.request('server/info', {});
    time.pass(10_000);
    await failing;
  });

  it('can be given up by a signal before its reply', async () => {
    await using server = await fakeServer({ 'command/subscribe': silent });
    await using connection = await connect({ url: server.url });
    const controller = new AbortController();
    const subscribed = failureOf(
      connection.subscribe('command/subscribe', {}, { signal: controller.signal }),
      'interrupted',
    );
    controller.abort();
    await subscribed;
  });
});
