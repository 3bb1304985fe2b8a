import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { connect as dial } from 'node:net';
import { afterEach, describe, it } from 'node:test';
import { connect } from '../../../src/client/index.ts';
import { fakeServer, testCertificate } from '../../helpers/fakeServer.ts';
import { failureOf } from '../../helpers/failures.ts';
import { listening, type Listening } from '../../helpers/listening.ts';

const names = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'ALL_PROXY'].flatMap((name) => [name, name.toLowerCase()]);

function clear(): void {
  for (const name of names) Reflect.deleteProperty(process.env, name);
}

interface Tunnel extends Listening {
  readonly url: string;
  /** What CONNECT asked for. */
  readonly targets: readonly string[];
  readonly logins: readonly (string | undefined)[];
}

/** A proxy that tunnels to 127.0.0.1, whatever the host; with a status it refuses. */
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

  for (const name of ['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'https_proxy']) {
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

  it('from HTTP_PROXY is not for wss', async () => {
    await using tunnel = await proxy();
    await using server = await fakeServer({}, { tls: true });
    process.env['HTTP_PROXY'] = tunnel.url;
    await using _connection = await connect({ url: server.url, ca: testCertificate });
    assert.deepEqual(tunnel.targets, []);
  });

  it('gets its login, and a URL without a scheme is HTTP', async () => {
    await using tunnel = await proxy();
    await using server = await fakeServer();
    process.env['HTTPS_PROXY'] = `me:secret@127.0.0.1:${tunnel.port}`;
    await using _connection = await connect({ url: server.url });
    assert.deepEqual(tunnel.logins, [`Basic ${Buffer.from('me:secret').toString('base64')}`]);
  });

  for (const [noProxy, port] of [
    ['127.0.0.1', false],
    ['*', false],
    ['other.test, 127.0.0.1', false],
    ['127.0.0.1', true],
  ] as const) {
    it(`is passed by for NO_PROXY=${noProxy}${port ? ':PORT' : ''}`, async () => {
      await using tunnel = await proxy();
      await using server = await fakeServer();
      process.env['HTTP_PROXY'] = tunnel.url;
      process.env['no_proxy'] = port ? `${noProxy}:${server.port}` : noProxy;
      await using _connection = await connect({ url: server.url });
      assert.deepEqual(tunnel.targets, []);
    });
  }

  it('is passed by where the caller says so', async () => {
    await using server = await fakeServer();
    process.env['HTTP_PROXY'] = 'http://127.0.0.1:1';
    await using _connection = await connect({ url: server.url, proxy: false });
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

  it('that is not there is named', async () => {
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

  it('that is none is a usage failure', async () => {
    process.env['HTTPS_PROXY'] = 'socks5://127.0.0.1:1080';
    await failureOf(connect({ url: 'wss://hive.test/' }), 'usage', /HTTPS_PROXY does not name an HTTP proxy/);
  });
});
