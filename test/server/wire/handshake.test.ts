import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { describe, it } from 'node:test';
import WebSocket from 'ws';
import { startServer, type RunningServer } from '../../../src/server/index.ts';

const upgrade = {
  Connection: 'Upgrade',
  Upgrade: 'websocket',
  'Sec-WebSocket-Version': '13',
  'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
};

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers: IncomingMessage['headers'];
}

/** Returns the answer to an HTTP request; headers that are undefined are left out. */
async function ask(
  { port }: RunningServer,
  path: string,
  headers: Readonly<Record<string, string | undefined>> = {},
  method = 'GET',
): Promise<Answer> {
  const given = Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const call = request({ host: '127.0.0.1', port, path, method, headers: Object.fromEntries(given) });
  call.end();
  const [response, socket] = (await Promise.race([once(call, 'response'), once(call, 'upgrade')])) as [
    IncomingMessage,
    unknown,
  ];
  const status = response.statusCode ?? 0;
  if (status === 101) {
    (socket as { destroy(): void }).destroy();
    return { status, body: '', headers: response.headers };
  }
  let body = '';
  for await (const chunk of response) body += String(chunk);
  return { status, body, headers: response.headers };
}

describe('the handshake', () => {
  it('succeeds on two paths, whatever the query', async () => {
    await using server = await startServer();
    for (const path of ['/dh/websocket', '/api/websocket', '/dh/websocket?token=x']) {
      assert.equal((await ask(server, path, upgrade)).status, 101, path);
    }
  });

  it('is 404 anywhere else, and 500 on a doubled slash', async () => {
    await using server = await startServer();
    for (const path of [
      '/',
      '/dh/websocket/',
      '/DH/websocket',
      '/websocket',
      '/client',
      '/device',
      '/dh/constructor',
    ]) {
      assert.equal((await ask(server, path, upgrade)).status, 404, path);
      assert.equal((await ask(server, path)).status, 404, path);
    }
    assert.equal((await ask(server, '/dh//websocket', upgrade)).status, 500);
  });

  it('agrees on no subprotocol and no extension', async () => {
    await using server = await startServer();
    const offer = { 'Sec-WebSocket-Protocol': 'a, b b', 'Sec-WebSocket-Extensions': 'permessage-deflate' };
    const { status, headers } = await ask(server, '/dh/websocket', { ...upgrade, ...offer });
    assert.equal(status, 101);
    assert.equal(headers['sec-websocket-protocol'], undefined);
    assert.equal(headers['sec-websocket-extensions'], undefined);
  });

  it('requires version 13, 8 or 7, a key and a GET', async () => {
    await using server = await startServer();
    const status = async (headers: Record<string, string | undefined>, method?: string) =>
      (await ask(server, '/dh/websocket', { ...upgrade, ...headers }, method)).status;
    for (const version of ['13', '8', '7']) assert.equal(await status({ 'Sec-WebSocket-Version': version }), 101);
    assert.equal(await status({ 'Sec-WebSocket-Version': '12' }), 426);
    assert.equal(await status({ 'Sec-WebSocket-Version': undefined }), 426);
    assert.equal(await status({ 'Sec-WebSocket-Key': undefined }), 400);
    assert.equal(await status({}, 'POST'), 405);
    assert.equal(await status({ Upgrade: 'h2c' }), 400);
  });

  it('refuses requests that do not ask for it', async () => {
    await using server = await startServer();
    const { status, body } = await ask(server, '/dh/websocket');
    assert.deepEqual([status, body], [400, 'Can "Upgrade" only to "WebSocket".']);
    for (const method of ['POST', 'HEAD', 'OPTIONS']) {
      assert.equal((await ask(server, '/dh/websocket', {}, method)).status, 405);
    }
    assert.equal((await ask(server, '/dh/websocket', { ...upgrade, Connection: 'x-upgrade' })).status, 400);
  });

  it('takes a token in the header, without making it the token of the session', async () => {
    await using server = await startServer();
    const socket = new WebSocket(server.url, { headers: { Authorization: `Bearer ${server.accessToken}` } });
    const ask = async (frame: object) => {
      socket.send(JSON.stringify(frame));
      const [data] = (await once(socket, 'message')) as [Buffer];
      return JSON.parse(data.toString()) as { status: string; error?: string };
    };
    await once(socket, 'open');
    assert.equal((await ask({ action: 'device/count' })).status, 'success');
    assert.equal((await ask({ action: 'token/create', payload: { userId: 1 } })).error, 'Unauthorized');
    await ask({ action: 'authenticate', token: server.accessToken });
    assert.equal((await ask({ action: 'token/create', payload: { userId: 1 } })).status, 'success');
  });

  it('refuses other headers without a word', async () => {
    await using server = await startServer();
    const { accessToken, refreshToken } = server;
    const cases = [
      [`Bearer ${refreshToken}`, 401],
      ['Bearer junk', 401],
      [`bearer ${accessToken}`, 500],
      ['Basic ZGg6ZGg=', 500],
      [accessToken, 500],
      ['', 500],
    ] as const;
    for (const [Authorization, expected] of cases) {
      const { status, body } = await ask(server, '/dh/websocket', { ...upgrade, Authorization });
      assert.deepEqual([status, body], [expected, ''], Authorization);
    }
  });

  it('survives text that is not HTTP', async () => {
    await using server = await startServer();
    const socket = connect(server.port, '127.0.0.1');
    socket.end('\u0000\u0001 junk\r\n\r\n');
    socket.resume();
    await once(socket, 'close');
    assert.equal((await ask(server, '/dh/websocket', upgrade)).status, 101);
  });
});
