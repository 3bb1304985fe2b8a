import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { connect, type Connection, type Link } from '../../../src/client/index.ts';
import { fleetLinks } from '../../../src/client/links.ts';
import type { Failure } from '../../../src/errors.ts';
import { serverStates } from '../../../src/protocol/serverStates.ts';
import { ailingServer, type AilingServer } from '../../helpers/ailingServer.ts';
import { failureOf } from '../../helpers/failures.ts';
import { fakeServer, refusing, silent } from '../../helpers/fakeServer.ts';

const { message, hint } = serverStates['backend silent'];
const tuning = { probeAfterMs: 20 };
/** Long enough for a busy machine to answer the questions in between. */
const timeoutMs = 2000;

/** Connects as the administrator. */
function open({ url, server }: AilingServer): Promise<Connection> {
  return connect({ url, credentials: { accessToken: server.accessToken }, timeoutMs }, tuning);
}

describe('a server whose backend is stopped', { concurrency: true }, () => {
  it('goes on answering what its frontend knows by itself', async () => {
    await using server = await ailingServer();
    await using connection = await open(server);
    const { reply } = await connection.request('device/get', { deviceId: 'd1' });
    assert.equal(reply.device.id, 'd1');
    await failureOf(connection.request('command/insert', { deviceId: 'no', command: { command: 'x' } }), 'refused');
  });

  for (const [action, payload] of [
    ['device/list', {}],
    ['command/subscribe', { deviceId: 'd1' }],
    ['device/count', {}],
  ] as const)
    it(`is recognised when it does not answer ${action}`, async () => {
      await using server = await ailingServer();
      await using connection = await open(server);
      const failure = await failureOf(connection.request(action, payload), 'timeout');
      assert.ok(failure.message.endsWith(`within 2 s; ${message}`), failure.message);
      assert.ok(failure.hint?.endsWith(hint), failure.hint);
      assert.equal(failure.serverState, 'backend silent');
      assert.match(message, /concerns all clients: restart ws-proxy, backend and frontend$/);
    });

  it('leaves open whether an insert was carried out', async () => {
    await using server = await ailingServer();
    await using connection = await open(server);
    const insert = connection.request('command/insert', { deviceId: 'd1', command: { command: 'on' } });
    assert.equal((await failureOf(insert, 'timeout')).hint, `Whether it was carried out is unknown. ${hint}`);
  });

  it('proves nothing about ids when it does not answer the list of a device', async () => {
    await using server = await ailingServer();
    await using connection = await open(server);
    const update = connection.request('command/update', { deviceId: 'd1', commandId: 1, command: { status: 'x' } });
    const failure = await failureOf(update, 'timeout', /the list of the device was not answered either; the frontend/);
    assert.equal(failure.hint, hint);
    assert.equal(server.sent('command/list').length, 1);
  });

  it('is asked once for all requests of a connection, and hardly more often for all links of a fleet', async () => {
    await using server = await ailingServer();
    await using connection = await open(server);
    const lists = Array.from({ length: 50 }, () => failureOf(connection.request('network/list', {}), 'timeout'));
    for (const failure of await Promise.all(lists)) assert.equal(failure.serverState, 'backend silent');
    assert.equal(server.sent('device/count').length, 1);
    for (const failure of await fleetFailures(server, 50)) assert.equal(failure.serverState, 'backend silent');
    const count = server.sent('device/count').length;
    assert.ok(count < 10, `${count} questions`);
  });

  it('is well again when it answers again', async () => {
    await using server = await ailingServer();
    await using connection = await open(server);
    await failureOf(connection.request('device/list', {}), 'timeout');
    server.health = 'well';
    const { reply } = await connection.request('device/list', {});
    assert.ok(reply.devices.length > 0);
    const bad = await failureOf(connection.request('device/list', { sortField: 'status' }), 'timeout');
    assert.match(bad.message, /the server still answers server\/info, and its backend answers too$/);
    assert.equal(bad.serverState, undefined);
  });
});

describe('a backend is not called stopped', { concurrency: true }, () => {
  it('that answers others while it does not answer the count', async () => {
    await using server = await fakeServer({
      'device/list': silent,
      'device/count': (_request, peer) => {
        peer.send({ action: 'network/list', requestId: 2, status: 'success', networks: [] });
        return undefined;
      },
      'network/list': silent,
    });
    await using connection = await connect({ url: server.url, timeoutMs }, tuning);
    const list = failureOf(connection.request('device/list', {}), 'timeout', /its backend answers too$/);
    await connection.request('network/list', {});
    assert.equal((await list).serverState, undefined);
  });

  it('that the token may not ask anything', async () => {
    const forbidden = refusing(403, 'Access is denied');
    const counts = { 'device/count': forbidden, 'network/count': forbidden, 'devicetype/count': forbidden };
    await using server = await fakeServer({ ...counts, 'user/count': forbidden, 'notification/list': silent });
    await using connection = await connect({ url: server.url, timeoutMs }, tuning);
    const list = connection.request('notification/list', {});
    await failureOf(list, 'timeout', /2 s; the server still answers server\/info$/);
    assert.equal(server.sent('user/count').length, 1);
  });

  it('before a question that the token may ask was not answered', async () => {
    const forbidden = refusing(403, 'Access is denied');
    await using server = await fakeServer({ 'device/count': forbidden, 'network/count': silent, 'user/list': silent });
    await using connection = await connect({ url: server.url, timeoutMs }, tuning);
    const failure = await failureOf(connection.request('user/list', {}), 'timeout');
    assert.equal(failure.serverState, 'backend silent');
    assert.equal(server.sent('devicetype/count').length, 0);
  });

  it('where the frontend does not answer either', async () => {
    await using server = await ailingServer('well');
    await using connection = await open(server);
    server.health = 'frontend hangs';
    const failure = await failureOf(connection.request('device/list', {}), 'timeout', /not even server\/info/);
    assert.equal(failure.serverState, undefined);
    assert.match(failure.hint ?? '', /the frontend must be restarted/);
  });
});

/** Opens many links, sends one request over each, and returns their failures. */
async function fleetFailures({ url, server }: AilingServer, count: number): Promise<Failure[]> {
  const credentials = { accessToken: server.accessToken };
  const links = fleetLinks({ url, credentials, proxy: false, timeoutMs }, tuning);
  const opened: Link[] = [];
  const failures = Array.from({ length: count }, () => {
    return new Promise<Failure>((resolve, reject) => {
      const ask = (link: Link) =>
        link.post({
          action: 'command/subscribe',
          payload: { deviceId: 'd1' },
          text: '{"action":"command/subscribe","deviceId":"d1"}',
          onReply: () => reject(new Error('answered')),
          onFailure: (error) => resolve(error as Failure),
        });
      const onOpen = (link: Link) => {
        opened.push(link);
        ask(link);
      };
      links.open({ onOpen, onPush: () => undefined, onClosed: reject });
    });
  });
  const result = await Promise.all(failures);
  links.close();
  for (const link of opened) link.close();
  return result;
}
