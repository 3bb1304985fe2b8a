import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { connect as dial } from 'node:net';
import { afterEach, describe, it } from 'node:test';
import { inspect } from 'node:util';
import { connect } from '../../../src/client/index.ts';
import { proxyFor } from '../../../src/client/wire/proxy.ts';
import { fakeServer, testCertificate } from '../../helpers/fakeServer.ts';
import { failureOf } from '../../helpers/failures.ts';
import { listening, type Listening } from '../../helpers/listening.ts';
import { hangsUp, saysNothing, speaksFirst, tcpServer } from '../../helpers/badServer.ts';

const names = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'ALL_PROXY'].flatMap((name) => [name, name.toLowerCase()]);

function clear(): void {
  for (const name of names) Reflect.deleteProperty(process.env, name);
}

function clearNoProxy(): void {
  for (const name of ['NO_PROXY', 'no_proxy']) Reflect.deleteProperty(process.env, name);
}

interface Tunnel extends Listening {
  readonly url: string;
  /** What CONNECT asked for. */
  readonly targets: readonly string[];
  readonly logins: readonly (string | undefined)[];
}

/** Starts a proxy that tunnels to 127.0.0.1, whatever the host; with a status other than 200 it refuses. */
async function proxy(status = 200): Promise<Tunnel> {
  const targets: string[] = [];
  const logins: (string | undefined)[] = [];
  const server = createServer();
  server.on('connect', (request, client) => {
    targets.push(request.url ?? '');
    logins.push(request.headers['proxy-authorization']);
    client.on('error', () => undefined);
    if (status !== 200) return client.end(`HTTP/1.1 ${status} No\r\nContent-Length: 0\r\n\r\n`);
    const upstream = dial(Number(request.url?.split(':').at(-1)), '127.0.0.1', () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n');
      upstream.pipe(client).pipe(upstream);
    });
    upstream.on('error', () => client.destroy());
    client.on('close', () => upstream.destroy());
    return undefined;
  });
  const place = await listening(server);
  return { ...place, url: `http://127.0.0.1:${place.port}`, targets, logins };
}

describe('a proxy', () => {
  clear();
  afterEach(clear);

  for (const name of ['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'https_proxy', 'ALL_PROXY', 'all_proxy']) {
    it(`from ${name} carries ws, and looks the name up itself`, async () => {
      await using tunnel = await proxy();
      await using server = await fakeServer();
      process.env[name] = tunnel.url;
      await using connection = await connect({ url: server.url.replace('127.0.0.1', 'hive.test') });
      assert.equal((await connection.request('server/info', {})).reply.status, 'success');
      assert.deepEqual(tunnel.targets, [`hive.test:${server.port}`]);
    });
  }

  it('from HTTPS_PROXY carries wss, which stays end to end', async () => {
    await using tunnel = await proxy();
    await using server = await fakeServer({}, { tls: true });
    process.env['HTTPS_PROXY'] = tunnel.url;
    const url = server.url.replace('127.0.0.1', 'hive.test');
    await using connection = await connect({ url, ca: testCertificate });
    assert.equal((await connection.request('server/info', {})).reply.status, 'success');
    assert.deepEqual(tunnel.targets, [`hive.test:${server.port}`]);
    await failureOf(connect({ url }), 'connect', /through the proxy 127\.0\.0\.1:\d+: .*self-signed/);
  });

  it('shows whom a certificate is for, where it is for another host', async () => {
    await using tunnel = await proxy();
    await using server = await fakeServer({}, { tls: true });
    process.env['HTTPS_PROXY'] = tunnel.url;
    const url = server.url.replace('127.0.0.1', 'other.test');
    const names = /certificate is not for this host, only for localhost, hive\.test, 127\.0\.0\.1/;
    await failureOf(connect({ url, ca: testCertificate }), 'connect', names);
  });

  it('from HTTP_PROXY is not for wss', async () => {
    await using tunnel = await proxy();
    await using server = await fakeServer({}, { tls: true });
    process.env['HTTP_PROXY'] = tunnel.url;
    const url = server.url.replace('127.0.0.1', 'hive.invalid');
    await failureOf(connect({ url, ca: testCertificate }), 'connect');
    assert.deepEqual(tunnel.targets, []);
  });

  it('gets its login, and a URL without a scheme is HTTP', async () => {
    await using tunnel = await proxy();
    await using server = await fakeServer();
    process.env['HTTPS_PROXY'] = `me:secret@127.0.0.1:${tunnel.port}`;
    await using _connection = await connect({ url: server.url.replace('127.0.0.1', 'hive.test') });
    assert.deepEqual(tunnel.logins, [`Basic ${Buffer.from('me:secret').toString('base64')}`]);
  });

  it('from HTTP_PROXY comes before the others, and one for everything last', () => {
    process.env['ALL_PROXY'] = 'http://all:1';
    assert.equal(proxyFor(new URL('wss://hive.test/'))?.variable, 'ALL_PROXY');
    process.env['HTTPS_PROXY'] = 'http://secure:1';
    process.env['HTTP_PROXY'] = 'http://plain:1';
    assert.equal(proxyFor(new URL('wss://hive.test/'))?.variable, 'HTTPS_PROXY');
    assert.equal(proxyFor(new URL('ws://hive.test/'))?.variable, 'HTTP_PROXY');
  });

  it('is never between a machine and itself', async () => {
    await using tunnel = await proxy();
    await using server = await fakeServer();
    for (const name of names) process.env[name] = tunnel.url;
    clearNoProxy();
    await using _connection = await connect({ url: server.url });
    for (const host of ['localhost', 'hive.localhost', '127.0.0.2', '127.1', '[::1]', '[::ffff:127.0.0.1]'])
      assert.equal(proxyFor(new URL(`ws://${host}:1/`)), undefined, host);
    for (const host of ['localhost.test', '128.0.0.1', '127.example', '[::2]', '[::ffff:1.2.3.4]'])
      assert.notEqual(proxyFor(new URL(`ws://${host}:1/`)), undefined, host);
    assert.deepEqual(tunnel.targets, []);
  });

  it('is passed by where the caller says so', async () => {
    await using tunnel = await proxy();
    process.env['HTTP_PROXY'] = tunnel.url;
    await failureOf(connect({ url: 'ws://hive.invalid/', proxy: false }), 'connect');
    assert.deepEqual(tunnel.targets, []);
  });

  it('that refuses is named', async () => {
    await using tunnel = await proxy(407);
    process.env['HTTP_PROXY'] = tunnel.url;
    const failure = await failureOf(
      connect({ url: 'ws://hive.test/dh/websocket' }),
      'connect',
      /through the proxy .* HTTP 407/,
    );
    assert.match(failure.hint ?? '', /wants a login/);
  });

  for (const [status, hint] of [
    [403, /only to port 443/],
    [405, /only to port 443/],
    [502, /cannot reach the server/],
  ] as const) {
    it(`that refuses CONNECT with ${status} is reported as that, once`, async () => {
      await using tunnel = await proxy(status);
      process.env['HTTP_PROXY'] = tunnel.url;
      const message = new RegExp(`the proxy refused the tunnel \\(CONNECT\\) with HTTP ${status}`);
      const failure = await failureOf(connect({ url: 'ws://hive.test:8080' }), 'connect', message);
      assert.match(failure.hint ?? '', hint);
      assert.deepEqual(tunnel.targets, ['hive.test:8080']);
    });
  }

  it('that hangs up before it answers is at fault', async () => {
    await using rude = await tcpServer(hangsUp);
    process.env['HTTP_PROXY'] = rude.url.replace('ws:', 'http:');
    const failure = await failureOf(connect({ url: 'ws://hive.test/' }), 'connect', /the proxy closed the connection/);
    assert.match(failure.hint ?? '', /Check the proxy/);
  });

  it('that stays silent is at fault', async () => {
    await using mute = await tcpServer(saysNothing);
    process.env['HTTP_PROXY'] = mute.url.replace('ws:', 'http:');
    const failure = await failureOf(connect({ url: 'ws://hive.test/', connectTimeoutMs: 50 }), 'connect');
    assert.match(failure.hint ?? '', /Check the proxy/);
  });

  for (const login of [
    'me:12/planted@',
    'me:12?planted@',
    'me:12#planted@',
    'me:pla%nted@',
    'me:planted/@',
    'planted',
  ]) {
    it(`is refused where its login is written wrongly, and never shown: ${login}`, async () => {
      process.env['HTTPS_PROXY'] = `http://${login}${login.endsWith('@') ? '127.0.0.1:1' : ':x@127.0.0.1:1/y'}`;
      const failure = await failureOf(connect({ url: 'ws://hive.test/' }), 'usage', /HTTPS_PROXY/);
      assert.doesNotMatch(inspect(failure, { depth: 9 }), /planted|12/);
    });
  }

  it('never shows its login, however it fails', async () => {
    for (const treat of [hangsUp, saysNothing, speaksFirst]) {
      await using place = await tcpServer(treat);
      process.env['HTTP_PROXY'] = place.url.replace('ws://', 'http://planted:planted2@');
      const failure = await failureOf(connect({ url: 'ws://hive.test/', connectTimeoutMs: 200 }), 'connect');
      assert.doesNotMatch(inspect(failure, { depth: 9 }), /planted|cGxhbnRl/);
    }
  });

  it('that cannot be reached is named', async () => {
    await using tunnel = await proxy();
    await tunnel.close();
    process.env['HTTP_PROXY'] = tunnel.url;
    const failure = await failureOf(
      connect({ url: 'ws://hive.test/' }),
      'connect',
      /hive\.test:80 through the proxy 127\.0\.0\.1:\d+: connection refused/,
    );
    assert.match(failure.hint ?? '', /NO_PROXY/);
  });

  it('that is not an HTTP proxy is a usage failure', async () => {
    process.env['HTTPS_PROXY'] = 'socks5://127.0.0.1:1080';
    await failureOf(connect({ url: 'wss://hive.test/' }), 'usage', /HTTPS_PROXY does not name an HTTP proxy/);
  });
});
