import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { describe, it } from 'node:test';
import { Intake } from '../../../src/server/intake.ts';
import { maxRequestBytes } from '../../../src/server/limits.ts';
import { readBody } from '../../../src/server/rest/bodies.ts';
import { startServer } from '../../../src/server/index.ts';
import { listening } from '../../helpers/listening.ts';
import { ask, outcome, replyTo, restWorld, send } from '../http.ts';

/** Sends these exact bytes. Returns what the server says until it ends the connection. */
async function raw(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.write(text);
  let said = '';
  for await (const chunk of socket) said += String(chunk);
  return said;
}

const head = (method: string, path: string, ...headers: string[]) =>
  [`${method} ${path} HTTP/1.1`, 'Host: hive.example:81', ...headers, '', ''].join('\r\n');

describe('the REST gateway', () => {
  it('is found under the paths of frontend and auth service, each with its own routes', async () => {
    await using server = await restWorld();
    const login = { body: { login: 'dhadmin', password: 'dhadmin_#911' } };
    for (const base of ['/dh/rest', '/api/rest']) {
      assert.equal((await ask(server, 'GET', base)).text.startsWith('The DeviceHive RESTful API'), true, base);
      assert.equal(await outcome(server, 'GET', `${base}/device/d1`, server), '200', base);
    }
    assert.equal(await outcome(server, 'POST', '/dh/rest/token', login), '404 HTTP 404 Not Found');
    for (const base of ['/auth/rest', '/api/rest']) {
      assert.equal(await outcome(server, 'POST', `${base}/token`, login), '201', base);
    }
    assert.equal(await outcome(server, 'GET', '/auth/rest/device/d1', server), '404 HTTP 404 Not Found');
    for (const path of ['/dh/restful', '/auth/websocket', '/DH/rest/info', '/rest/info']) {
      assert.match(await raw(server.port, head('GET', path, 'Connection: close')), /404.*"error":"Not Found"/s, path);
    }
  });

  it('reports the address of the WebSocket, behind a proxy with TLS too', async () => {
    await using server = await restWorld();
    const url = async (path: string, proto?: string) => {
      const headers = { host: 'hive.example:81', ...(proto === undefined ? {} : { 'x-forwarded-proto': proto }) };
      return ((await ask(server, 'GET', path, { headers })).body as { webSocketServerUrl: string }).webSocketServerUrl;
    };
    assert.equal(await url('/dh/rest/info'), 'ws://hive.example:81/dh/websocket');
    assert.equal(await url('/api/rest/info', 'https'), 'wss://hive.example:81/api/websocket');
    assert.equal(await url('/auth/rest/info', 'http'), 'ws://hive.example:81/dh/websocket');
  });

  it('prefers literal paths to names, and takes one slash at the end', async () => {
    await using server = await restWorld();
    const of = (method: string, path: string) => outcome(server, method, path, server);
    assert.equal(await of('GET', '/device/count/'), '200');
    assert.equal(await of('GET', '/device/d%31'), '200');
    assert.equal(await of('PUT', '/device/count'), '405 HTTP 405 Method Not Allowed');
    assert.equal(await of('GET', '/device/count/command'), '404 Device with such deviceId = count not found');
    assert.equal(await of('GET', '/user/1/devicetype/all'), '405 HTTP 405 Method Not Allowed');
    assert.equal(await of('GET', '/user/count/network/1'), '404 HTTP 404 Not Found');
    assert.equal(await of('GET', '/device/%ff'), '400 HTTP 400 Bad Request');
    assert.equal(await of('GET', '/device/d1?name=%ff'), '200');
  });

  it('refuses paths that hide something, before it looks at tokens', async () => {
    await using server = await restWorld();
    for (const path of ['/dh/rest//info', '/dh/rest/../x', '/dh/rest/a;b', '/dh/rest/a%2Fb', '/dh/rest/.']) {
      const said = await raw(server.port, head('GET', path, 'Authorization: Bearer junk', 'Connection: close'));
      assert.match(said, /^HTTP\/1\.1 500 .*"error":"Internal Server Error"/s, path);
    }
  });

  it('serves HEAD, and lists the methods of a path', async () => {
    await using server = await restWorld();
    const { status, headers, text } = await ask(server, 'HEAD', '/device/d1', server);
    assert.deepEqual([status, headers['content-type'], text], [200, 'application/json', '']);
    assert.equal((await ask(server, 'PATCH', '/device/d1', server)).headers.allow, 'GET, PUT, DELETE, HEAD, OPTIONS');
    const options = await ask(server, 'OPTIONS', '/network/7');
    assert.equal(options.headers.allow, 'GET, PUT, DELETE, HEAD, OPTIONS');
    assert.match(options.text, /<resource path="\/network\/\{networkId\}"><method name="GET"\/>/);
    assert.equal((await ask(server, 'OPTIONS', '/network', { headers: { accept: 'text/plain' } })).text, '');
  });

  it('lets browsers in from anywhere', async () => {
    await using server = await restWorld();
    const headers = { origin: 'https://page.example', 'access-control-request-method': 'PUT' };
    for (const reply of [
      await ask(server, 'OPTIONS', '/device/d1', { headers }),
      await ask(server, 'GET', '/device/d1', { ...server, headers }),
      await ask(server, 'GET', '/device/d1', { token: 'junk', headers }),
    ]) {
      assert.equal(reply.headers['access-control-allow-origin'], '*');
      assert.equal(reply.headers['access-control-allow-credentials'], 'true');
      assert.equal(reply.headers['access-control-max-age'], '0');
      const allowed = 'Origin, Authorization, Accept, Content-Type, Auth-DeviceID, Auth-DeviceKey';
      assert.equal(reply.headers['access-control-allow-headers'], allowed);
      assert.equal(reply.headers['access-control-allow-methods'], 'OPTIONS, GET, POST, PUT, DELETE, HEAD');
    }
  });

  it('checks types before it reads a body, and the body before it checks rights', async () => {
    await using server = await restWorld();
    const of = (contentType: string, body: string) =>
      outcome(server, 'POST', '/device/d1/command', { body, headers: { 'content-type': contentType } });
    assert.equal(await of('text/plain', '{}'), '415 HTTP 415 Unsupported Media Type');
    assert.equal(await of('application/json;charset=utf-8', '{"lifetime":"x"}'), '400 Invalid request parameters');
    assert.equal(await of('Application/JSON', '{"result":1}'), "400 'parameters' must be JSON Object!");
    assert.equal(await of('application/json', "\ufeff{command:'x'}"), '401 Unauthorized');
    assert.equal(await of('application/json', '['.repeat(5000)), '400 Invalid request parameters');
    const accept = (type: string) => outcome(server, 'GET', '/device/d1', { ...server, headers: { accept: type } });
    assert.equal(await accept('text/html, application/xml;q=0.9'), '406 HTTP 406 Not Acceptable');
    assert.equal(await accept('application/json;q=0, */*;q=0'), '406 HTTP 406 Not Acceptable');
    assert.equal(await accept('text/html, application/*;q=0.1'), '200');
  });

  it('answers requests of one connection in their order, whatever they wait for', async () => {
    await using server = await restWorld();
    const post = '{"command":"a"}';
    const said = await raw(
      server.port,
      head('POST', '/dh/rest/device/d1/command', `Authorization: Bearer ${server.token}`, 'Content-Length: 15') +
        post +
        head('GET', '/dh/rest/nothing') +
        head('GET', '/dh/rest/device/d1/command/poll?waitTimeout=0', `Authorization: Bearer ${server.token}`) +
        head('GET', '/dh/rest/info', 'Connection: close'),
    );
    const statuses = [...said.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status);
    assert.deepEqual(statuses, ['201', '404', '200', '200']);
  });

  it('answers requests for HTTP/2 in HTTP/1.1, including those with a body', async () => {
    await using server = await restWorld();
    const upgrade = ['Connection: Upgrade, HTTP2-Settings, close', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQAAP__'];
    assert.match(await raw(server.port, head('GET', '/dh/rest/info', ...upgrade)), /^HTTP\/1\.1 200 .*"apiVersion"/s);
    const login = '{"login":"dhadmin","password":"dhadmin_#911"}';
    const typed = ['Content-Type: application/json', `Content-Length: ${login.length}`];
    const said = await raw(server.port, head('POST', '/auth/rest/token', ...upgrade, ...typed) + login);
    assert.match(said, /^HTTP\/1\.1 201 .*"accessToken"/s);
  });
});

describe('a body', () => {
  it('is asked for only where it is wanted', async () => {
    await using server = await restWorld();
    const expecting = (path: string, token: string) =>
      send(server, 'POST', path, { token, headers: { expect: '100-continue', 'content-type': 'application/json' } });
    const wanted = expecting('/network', server.token);
    const [reply] = await Promise.all([replyTo(wanted), once(wanted, 'continue')]);
    assert.equal(reply.status, 500);
    let isContinued = false;
    const unwanted = expecting('/network', 'junk').on('continue', () => (isContinued = true));
    assert.equal((await replyTo(unwanted)).status, 401);
    assert.equal(isContinued, false);
  });

  it('that is announced as too large is refused unread, and others are served on', async () => {
    await using server = await restWorld();
    const said = await raw(
      server.port,
      head('POST', '/dh/rest/network', `Content-Length: ${maxRequestBytes + 1}`, 'Expect: 100-continue') + 'never more',
    ).catch((error: unknown) => String(error));
    assert.match(said, /^HTTP\/1\.1 413 .*"error":413/s);
    assert.equal(await outcome(server, 'GET', '/info'), '200');
  });

  it('that turns out too large is refused, and what follows is not kept', async () => {
    const limits = { each: 1000, sum: 10_000 };
    const intake = new Intake({ user: limits, stranger: limits });
    const answer = (request: IncomingMessage, response: ServerResponse) =>
      readBody(request, response, { intake, visitor: 'user' }).then(
        (text) => response.end(String(text?.length)),
        (error: unknown) => response.end(String(error)),
      );
    await using server = await listening(createServer((request, response) => void answer(request, response)));
    const headers = { 'transfer-encoding': 'chunked' };
    assert.equal((await ask(server, 'POST', '/', { headers, body: 'x'.repeat(1000) })).text, '1000');
    assert.match((await ask(server, 'POST', '/', { headers, body: 'x'.repeat(500_000) })).text, /not read/);
  });

  it('with a command that would stop a real server is refused', async () => {
    await using server = await restWorld();
    const body = { command: 'x', parameters: { text: 'x'.repeat(1024 * 1024) } };
    assert.match(
      await outcome(server, 'POST', '/device/d1/command', { ...server, body }),
      /^413 a command of \d+ bytes/,
    );
    assert.equal(await outcome(server, 'PUT', '/device/d1', { ...server, body: { data: body } }), '204');
  });

  it('that breaks off leaves nothing behind', async () => {
    await using server = await restWorld();
    const socket = connect(server.port, '127.0.0.1');
    socket.write(
      head('POST', '/dh/rest/network', `Authorization: Bearer ${server.token}`, 'Content-Length: 99') + '{"na',
    );
    await outcome(server, 'GET', '/info');
    socket.destroy();
    await once(socket, 'close');
    assert.equal(await outcome(server, 'GET', '/network/count', server), '200');
    assert.deepEqual(server.log, []);
  });

  it('that comes in pieces is put together, in the middle of a character too', async () => {
    await using server = await restWorld();
    const body = Buffer.from('{"name":"Büro"}');
    const socket = connect(server.port, '127.0.0.1');
    socket.write(head('POST', '/dh/rest/network', `Authorization: Bearer ${server.token}`, 'Content-Length: 16'));
    for (const byte of body) {
      socket.write(Buffer.from([byte]));
      await outcome(server, 'GET', '/info');
    }
    await once(socket, 'data');
    socket.destroy();
    assert.equal(server.hive.networks.byName('Büro')?.id, 2);
  });
});

describe('a server that closes', () => {
  it('ends REST connections at once, also those it keeps waiting', async () => {
    await using server = await startServer();
    const silent = send(server, 'GET', '/user?skip=-1', { token: server.accessToken });
    const gone = once(silent, 'error');
    await ask(server, 'GET', '/info');
    await server.close();
    assert.match(String((await gone)[0]), /socket hang up|ECONNRESET/);
  });
});
