import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { connect, type Connection } from '../../../src/client/index.ts';
import { fakeServer, jwtWith, silent, type Peer } from '../../helpers/fakeServer.ts';
import { failureOf } from '../../helpers/failures.ts';
import { HeldTime } from '../../helpers/heldTime.ts';

const token = jwtWith({ u: 1, a: [0], e: 1, t: 1 });

/** Waits until everything sent by the server so far has arrived. */
async function caughtUp(connection: Connection): Promise<void> {
  await connection.request('user/getCurrent', {});
}

describe('a request without a reply', () => {
  it('ends with kind timeout, naming action, server and time', async () => {
    await using server = await fakeServer({ 'device/list': silent });
    using time = new HeldTime();
    await using connection = await connect({ url: server.url, timeoutMs: 20, probe: false });
    const failing = failureOf(connection.request('device/list', {}), 'timeout');
    await server.received('device/list');
    time.pass(20);
    const failure = await failing;
    assert.equal(failure.message, `device/list: no reply from 127.0.0.1:${server.port} within 20 ms`);
    assert.deepEqual(failure.request, { action: 'device/list', requestId: 1 });
    assert.equal(failure.reply, undefined);
  });

  it('has its own time, longer and shorter ones beside it', async () => {
    await using server = await fakeServer({ 'device/list': silent });
    using time = new HeldTime();
    await using connection = await connect({ url: server.url, probe: false });
    const [long, short, middle] = [60, 20, 40].map((timeoutMs) =>
      failureOf(connection.request('device/list', {}, { timeoutMs }), 'timeout'),
    );
    await server.received('device/list', 3);
    time.pass(20);
    await short;
    time.pass(20);
    await middle;
    time.pass(19);
    assert.equal(await Promise.race([long, caughtUp(connection)]), undefined);
    time.pass(1);
    await long;
  });

  const noises: readonly [string, (peer: Peer) => void, RegExp][] = [
    [
      'text that is no JSON',
      (peer) => peer.send('hello\u001b[31m'),
      /1 frame came that is no reply to it: not JSON: hello\\u001b\[31m$/,
    ],
    ['JSON that is no object', (peer) => peer.send('[1]'), /not a JSON object: \[1\]$/],
    [
      'a reply to another id',
      (peer) => peer.send({ requestId: 99, status: 'success' }),
      /a reply to no pending request/,
    ],
    ['its id as a string', (peer) => peer.send({ requestId: '1', status: 'success' }), /a reply to no pending request/],
    [
      'an error without requestId',
      (peer) => peer.send({ code: 400, status: 'error', error: 'Malformed Json received.' }),
      /a reply without requestId: .*Malformed Json received\./,
    ],
    [
      'a push that nobody subscribed to',
      (peer) => peer.send({ action: 'command/insert', subscriptionId: 5 }),
      /a push of no open subscription/,
    ],
    ['a binary frame', (peer) => peer.sendBinary(Buffer.from('12345')), /a binary frame of 5 bytes$/],
    ['a secret', (peer) => peer.send(`oops ${token}`), /not JSON: oops \*\*\*$/],
    ['a long text', (peer) => peer.send('x'.repeat(5000)), /not JSON: x{80}…$/],
  ];
  for (const [what, send, message] of noises) {
    it(`ignores ${what}, and its timeout says that it came`, async () => {
      await using server = await fakeServer({
        'device/list': (_request, peer) => {
          send(peer);
          return undefined;
        },
      });
      using time = new HeldTime();
      await using connection = await connect({ url: server.url, timeoutMs: 200, probe: false });
      const failing = failureOf(connection.request('device/list', {}), 'timeout', message);
      await caughtUp(connection);
      time.pass(200);
      await failing;
    });
  }

  it('counts such frames, and only those that came after it was sent', async () => {
    await using server = await fakeServer({
      'server/info': (_request, peer) => {
        peer.send('before');
        return {};
      },
      'device/list': (_request, peer) => {
        peer.send('one');
        peer.send('two');
        return undefined;
      },
    });
    using time = new HeldTime();
    await using connection = await connect({ url: server.url, timeoutMs: 200, probe: false });
    await connection.request('server/info', {});
    const message = /2 frames came .*; the first: not JSON: one$/;
    const failing = failureOf(connection.request('device/list', {}), 'timeout', message);
    await caughtUp(connection);
    time.pass(200);
    await failing;
  });

  it('is answered in spite of noise', async () => {
    await using server = await fakeServer({
      'device/list': (_request, peer) => {
        peer.send('garbage');
        return { devices: [] };
      },
    });
    await using connection = await connect({ url: server.url });
    assert.deepEqual((await connection.request('device/list', {})).reply['devices'], []);
  });

  it('is authenticate too: an unanswered one is a timeout, not a connect failure', async () => {
    await using server = await fakeServer({ authenticate: silent });
    using time = new HeldTime();
    const options = { url: server.url, credentials: { accessToken: token }, timeoutMs: 20, probe: false };
    const failing = failureOf(connect(options), 'timeout', /^authenticate: no reply/);
    await server.received('authenticate');
    time.pass(20);
    await failing;
  });
});
