import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { connect } from '../../src/client/connection.ts';
import { isRepeatable } from '../../src/client/wire/backOff.ts';
import { actionNames } from '../../src/protocol/schema.ts';
import { cuttingProxy, replyAndClose } from '../helpers/cuttingProxy.ts';
import { fakeServer, jwtWith, refusing, type Answer, type FakeServer } from '../helpers/fakeServer.ts';
import { failureOf } from '../helpers/failures.ts';
import { HeldTime } from '../helpers/heldTime.ts';

const quick = { backOffMs: 1 };
const accessToken = jwtWith({ u: 1, a: [0], e: Date.now() + 3_600_000, t: 1 });
const insert = { deviceId: 'd1', command: { command: 'go' } };

/** Answers the first requests with `trouble`, later ones with success. */
function troubled(trouble: Answer, times = 1): Answer {
  let count = 0;
  return (request, peer) => (++count <= times ? trouble(request, peer) : {});
}

const dropping: Answer = (_request, peer) => {
  peer.drop();
  return undefined;
};

function open(server: FakeServer, retries: number) {
  return connect({ url: server.url, credentials: { accessToken }, retries, probe: false }, quick);
}

describe('a retry', () => {
  it('connects again when connecting failed', async () => {
    await using gone = await fakeServer();
    await gone.close();
    const connecting = connect({ url: gone.url, retries: 1000 }, quick);
    await using _back = await fakeServer({}, { port: gone.port });
    await using connection = await connecting;
    assert.equal((await connection.request('server/info', {})).reply.status, 'success');
  });

  it('gives up after as many tries as allowed', async () => {
    await using server = await fakeServer({ authenticate: dropping });
    await failureOf(open(server, 2), 'connect');
    assert.equal(server.peers.length, 3);
  });

  it('does not repeat what the server refused', async () => {
    await using server = await fakeServer({ authenticate: refusing(401, 'Invalid credentials') });
    await failureOf(open(server, 3), 'auth');
    assert.equal(server.peers.length, 1);
  });

  it('repeats a request over a fresh, authenticated connection when the old one was lost', async () => {
    await using server = await fakeServer({ 'device/list': troubled(dropping) });
    await using connection = await open(server, 1);
    assert.equal((await connection.request('device/list', {})).reply.status, 'success');
    assert.deepEqual(
      server.requests.map(({ action }) => action),
      ['authenticate', 'device/list', 'authenticate', 'device/list'],
    );
  });

  it('opens one fresh connection for all', async () => {
    await using server = await fakeServer({ 'device/list': troubled(dropping) });
    await using connection = await open(server, 3);
    await Promise.all(Array.from({ length: 20 }, () => connection.request('device/list', {})));
    assert.equal(server.peers.length, 2);
  });

  it('repeats a request that met silence, and leaves the old connection in order', async () => {
    await using server = await fakeServer({ 'device/list': troubled(() => undefined) });
    using time = new HeldTime();
    await using connection = await open(server, 1);
    const repeated = connection.request('device/list', {});
    await server.received('device/list');
    time.pass(10_000);
    // the pause before the next try begins as soon as the failure is known
    await new Promise((resolve) => setImmediate(resolve));
    time.pass(quick.backOffMs);
    assert.equal((await repeated).reply.status, 'success');
    assert.equal(server.peers.length, 2);
    assert.equal(await server.closed(), 1000);
  });

  it('never repeats an insert that was sent', async () => {
    await using server = await fakeServer({ 'command/insert': troubled(dropping) });
    await using connection = await open(server, 3);
    await failureOf(connection.request('command/insert', insert), 'connect', /was lost before the reply/);
    assert.equal(server.sent('command/insert').length, 1);
  });

  it('sends an insert that was not sent, over a fresh connection', async () => {
    await using server = await fakeServer();
    await using connection = await open(server, 1);
    server.peers[0]?.close(1012);
    await connection.closed;
    await connection.request('command/insert', insert);
    assert.equal(server.peers.length, 2);
  });

  it('sends an insert that met a closing connection', async () => {
    await using server = await fakeServer();
    await using way = await cuttingProxy(server.url, replyAndClose, 1);
    await using connection = await connect({ url: way.url, retries: 1 }, quick);
    await connection.request('server/info', {});
    await connection.request('command/insert', insert);
    assert.equal(server.sent('command/insert').length, 1);
  });

  it('does not happen by default', async () => {
    await using server = await fakeServer({ 'device/list': troubled(dropping) });
    await using connection = await open(server, 0);
    await failureOf(connection.request('device/list', {}), 'connect');
    assert.equal(server.peers.length, 1);
  });

  it('ends with the last failure, and then the connection is closed', async () => {
    await using server = await fakeServer({ 'device/list': troubled(dropping, 9) });
    await using connection = await open(server, 2);
    await failureOf(connection.request('device/list', {}), 'connect');
    assert.equal(server.sent('device/list').length, 3);
    assert.equal((await connection.closed).code, 1006);
  });

  it('is given up when the connection is closed meanwhile', async () => {
    await using server = await fakeServer({ 'device/list': troubled(dropping) });
    const options = { url: server.url, retries: 1 };
    await using connection = await connect(options, { backOffMs: 100_000 });
    const pending = failureOf(connection.request('device/list', {}), 'connect');
    await server.closed();
    setImmediate(() => void connection.close());
    await pending;
  });

  it('comes later and later while connections fall as soon as they are made, whatever is asked for', async () => {
    await using server = await fakeServer({ 'device/list': dropping });
    using time = new HeldTime();
    const options = { url: server.url, retries: 1 };
    await using connection = await connect(options, { backOffMs: 100 });
    const over = new AbortController();
    const asking = (async () => {
      while (!over.signal.aborted) await failureOf(connection.request('device/list', {}), 'connect');
    })();
    for (let passedMs = 0; passedMs < 60_000; passedMs += 10) {
      time.pass(10);
      await new Promise((resolve) => setImmediate(resolve));
    }
    over.abort();
    await connection.close();
    await asking;
    const { length } = server.peers;
    assert.ok(length > 5 && length < 40, `${length} connections in a minute`);
  });

  it('is only for actions that may be repeated without harm', () => {
    assert.deepEqual(
      actionNames().filter((action) => !isRepeatable(action)),
      [
        ...['command/insert', 'command/unsubscribe', 'configuration/delete', 'device/delete', 'devicetype/delete'],
        ...['devicetype/insert', 'network/delete', 'network/insert', 'notification/insert', 'notification/unsubscribe'],
        ...['token/create', 'user/delete', 'user/insert'],
      ],
    );
    assert.equal(isRepeatable('made/up'), false);
  });
});
