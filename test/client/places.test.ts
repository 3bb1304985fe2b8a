import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { connect, type TraceEvent } from '../../src/client/index.ts';
import { isSameServer, placesOf, webSocketOfRest } from '../../src/protocol/serverPlaces.ts';
import { failureOf } from '../helpers/failures.ts';
import { fakeServer } from '../helpers/fakeServer.ts';

const known = ['/dh/websocket', '/api/websocket'];

describe('a URL without a path', () => {
  for (const path of known)
    it(`finds the WebSocket at ${path}, and keeps to that`, async () => {
      await using server = await fakeServer({}, { path });
      const events: TraceEvent[] = [];
      const url = `ws://127.0.0.1:${server.port}`;
      await using connection = await connect({ url, retries: 1, trace: (event) => events.push(event) });
      assert.equal(connection.url, server.url);
      assert.equal((await connection.request('server/info', {})).reply.status, 'success');
      assert.deepEqual(server.tried, known.slice(0, known.indexOf(path) + 1));
      assert.deepEqual(new Set(events.map((event) => event.url)), new Set([server.url]));
      server.peers[0]?.drop();
      await connection.request('device/get', { deviceId: 'd1' });
      assert.deepEqual(server.tried.slice(known.indexOf(path) + 1), [path]);
    });

  it('is refused by naming both places, where neither has it', async () => {
    await using server = await fakeServer({}, { path: '/elsewhere' });
    const failure = await failureOf(
      connect({ url: `ws://127.0.0.1:${server.port}/` }),
      'connect',
      /no WebSocket at \/dh\/websocket \(HTTP 404\) or at \/api\/websocket \(HTTP 404\)/,
    );
    assert.match(failure.hint ?? '', /name another path, ws:\/\/host:port\/path/);
    assert.deepEqual(server.tried, known);
  });

  it('reports what else is wrong at one of them', async () => {
    await using server = await fakeServer({}, { path: '/elsewhere', elsewhere: 502 });
    const failure = await failureOf(connect({ url: `ws://127.0.0.1:${server.port}` }), 'connect', /HTTP 502/);
    assert.match(failure.hint ?? '', /cannot reach it: check that DeviceHive runs/);
  });

  it('is tried only once where nobody listens', async () => {
    const server = await fakeServer();
    await server.close();
    await failureOf(connect({ url: `ws://127.0.0.1:${server.port}` }), 'connect', /connection refused/);
  });

  it('differs from one with a path or a query, which is used as it is', async () => {
    await using server = await fakeServer({}, { path: '/api/websocket' });
    for (const rest of ['/dh/websocket', '/websocket', '/?x=1'])
      await failureOf(connect({ url: `ws://127.0.0.1:${server.port}${rest}` }), 'connect', /HTTP 404/);
    assert.deepEqual(server.tried, ['/dh/websocket', '/websocket', '/']);
  });
});

describe('the address of a REST API', () => {
  it('is not a WebSocket URL, and the hint names the intended one', async () => {
    const failure = await failureOf(connect({ url: 'https://host/api/rest' }), 'usage');
    assert.equal(failure.hint, 'Write wss://host/api/websocket');
  });

  it('leads to its WebSocket, and nothing else does', () => {
    assert.equal(webSocketOfRest('http://host:8080/dh/rest/device'), 'ws://host:8080/dh/websocket');
    assert.equal(webSocketOfRest('https://host/plugin/rest'), 'wss://host');
    for (const other of ['http://host', 'http://host/api', 'http://host/forest', 'ws://host/api/rest', 'http://'])
      assert.equal(webSocketOfRest(other), undefined, other);
  });
});

describe('two URLs', () => {
  it('name one server where one has no path and the other a known one there', () => {
    assert.deepEqual(placesOf('wss://host/'), ['wss://host/dh/websocket', 'wss://host/api/websocket']);
    assert.ok(isSameServer('ws://host:1', 'ws://host:1/api/websocket'));
    assert.ok(isSameServer('ws://host:1/dh/websocket', 'ws://host:1'));
    assert.ok(isSameServer('ws://host:1', 'ws://HOST:1/'));
    for (const [one, other] of [
      ['ws://host:1', 'ws://host:2/api/websocket'],
      ['ws://host:1', 'wss://host:1/api/websocket'],
      ['ws://host:1', 'ws://host:1/other'],
      ['ws://host:1/dh/websocket', 'ws://host:1/api/websocket'],
      ['nothing', 'ws://host:1'],
    ] as const)
      assert.ok(!isSameServer(one, other), `${one} ${other}`);
  });
});
