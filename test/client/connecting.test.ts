import assert from 'node:assert/strict';
import { createServer as createHttp, type RequestListener } from 'node:http';
import { createServer, type Socket } from 'node:net';
import { describe, it } from 'node:test';
import { connect } from '../../src/client/index.ts';
import { fakeServer } from '../helpers/fakeServer.ts';
import { failureOf } from '../helpers/failures.ts';
import { listening } from '../helpers/listening.ts';

const web = (answer: RequestListener) => listening(createHttp(answer));
const raw = (greet: (socket: Socket) => void) => listening(createServer(greet));
const to = (port: number, path = '/dh/websocket') => ({ url: `ws://127.0.0.1:${port}${path}` });

describe('connecting fails with kind connect', () => {
  it('when the name is not known', async () => {
    const failure = await failureOf(
      connect({ url: 'ws://no-such-host.invalid/dh/websocket' }),
      'connect',
      /no-such-host\.invalid:80/,
    );
    assert.ok(failure.cause instanceof Error);
  });

  it('when nobody listens, naming host and port', async () => {
    await using place = await raw(() => undefined);
    await place.close();
    await failureOf(
      connect(to(place.port)),
      'connect',
      new RegExp(`127\\.0\\.0\\.1:${place.port}: connection refused$`),
    );
    await failureOf(connect({ url: `ws://localhost:${place.port}/` }), 'connect', /localhost:\d+: connection refused$/);
  });

  it('when the path is wrong, hinting at the right ones', async () => {
    await using server = await fakeServer();
    const failure = await failureOf(connect(to(server.port, '/nowhere')), 'connect', /HTTP 40[04]/);
    await using missing = await web((_request, response) => response.writeHead(404).end());
    const other = await failureOf(connect(to(missing.port, '/nowhere')), 'connect', /HTTP 404/);
    assert.match(other.hint ?? '', /no WebSocket at \/nowhere: .*\/dh\/websocket.*\/api\/websocket/);
    assert.equal(failure.code, null);
  });

  for (const [status, message] of [
    [200, /answered HTTP 200 instead of upgrading$/],
    [302, /answered HTTP 302 to http:\/\/elsewhere\/ instead/],
    [401, /answered HTTP 401/],
    [500, /answered HTTP 500/],
    [503, /answered HTTP 503/],
  ] as const) {
    it(`when the handshake is answered with ${status}`, async () => {
      await using place = await web((_request, response) =>
        response.writeHead(status, status === 302 ? { location: 'http://elsewhere/' } : {}).end('<html>'),
      );
      const failure = await failureOf(connect(to(place.port)), 'connect', message);
      // Where the library and the command line give it by different names, the hint says both.
      assert.ok(failure.hint !== undefined && !/--(?!header .*headers of the library)/.test(failure.hint));
    });
  }

  it('when the peer hangs up during the handshake', async () => {
    await using place = await raw((socket) => socket.once('data', () => socket.destroy()));
    await failureOf(connect(to(place.port)), 'connect', /closed during the handshake/);
  });

  it('when the peer does not speak HTTP', async () => {
    await using place = await raw((socket) => socket.end('SSH-2.0-OpenSSH_9.6\r\n'));
    await failureOf(connect(to(place.port)), 'connect', /something that is not HTTP/);
  });

  it('when the key of the handshake is answered wrongly', async () => {
    await using place = await raw((socket) => {
      socket.once('data', () =>
        socket.write(
          'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: no\r\n\r\n',
        ),
      );
    });
    await failureOf(connect(to(place.port)), 'connect', /Sec-WebSocket-Accept/);
  });

  it('when the peer stays silent for connectTimeoutMs', async () => {
    await using place = await raw(() => undefined);
    await failureOf(connect({ ...to(place.port), connectTimeoutMs: 20 }), 'connect', /not connected within 20 ms/);
  });
});

describe('connecting', () => {
  for (const url of ['http://127.0.0.1/', 'nonsense', 'ws://', 'ws://h/#part']) {
    it(`refuses the URL ${url}`, async () => {
      await failureOf(connect({ url }), 'usage', /no WebSocket URL/);
    });
  }

  it('uses the URL exactly as given, its query too', async () => {
    await using server = await fakeServer();
    await using connection = await connect({ url: `${server.url}?a=1` });
    assert.equal(connection.url, `${server.url}?a=1`);
  });
});
