import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { startServer, type LogEntry, type ServerOptions } from '../../src/server/index.ts';
import { ask, type HttpReply } from './http.ts';

const upgrade = [
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
];

/** Returns the statuses for a request with exactly these header lines, as a handshake and over REST. */
async function statuses(port: number, lines: readonly string[], version = '1.1'): Promise<string> {
  const head = (path: string, more: readonly string[]) =>
    [`GET ${path} HTTP/${version}`, ...lines, ...more, '', ''].join('\r\n');
  const rest = await statusOf(port, head('/dh/rest/info', ['Connection: close']));
  return `${rest} ${await statusOf(port, head('/dh/websocket', upgrade))}`;
}

async function statusOf(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.write(text);
  const [said] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return /^HTTP\/1\.1 (\d+)/.exec(said.toString())?.[1] ?? said.toString();
}

const letIn = '200 101';
const refused = '403 403';

describe('a server on loopback', () => {
  it('answers to IP addresses, localhost and names below it, however written', async () => {
    await using server = await startServer();
    const { port } = server;
    for (const host of [
      '127.0.0.1',
      `127.0.0.1:${port}`,
      '[::1]:8080',
      '[::1]',
      '::1',
      '192.168.1.7:80',
      '127.1',
      'localhost',
      'LocalHost:9',
      'localhost.:9',
      'hive.localhost',
      '',
    ]) {
      assert.equal(await statuses(port, [`Host: ${host}`]), letIn, host);
    }
    assert.equal(await statuses(port, [], '1.0'), letIn, 'no Host at all, as HTTP/1.0 allows');
  });

  it('answers to no other name, as pages reach it by names of their own', async () => {
    await using server = await startServer();
    for (const host of [
      'evil.example',
      `evil.example:${server.port}`,
      'localhost.evil.example',
      'evillocalhost',
      '127.0.0.1.evil.example',
      'localhost@evil.example',
      'evil.example/localhost',
      'evil.example#.localhost',
      'http://localhost',
      '[::1',
      'a,localhost',
    ]) {
      assert.equal(await statuses(server.port, [`Host: ${host}`]), refused, host);
    }
  });

  it('lets pages of this machine in, and those it serves itself', async () => {
    await using server = await startServer();
    for (const [origin, host] of [
      ['http://localhost:3000', 'localhost'],
      ['https://127.0.0.1', 'localhost'],
      ['http://[::1]:8443', '127.0.0.1'],
      ['http://App.Localhost:1', '127.0.0.1'],
      ['http://10.0.0.9:8080', '10.0.0.9:8080'],
      ['https://10.0.0.9', '10.0.0.9'],
      ['http://10.0.0.9', '10.0.0.9:80'],
    ]) {
      assert.equal(await statuses(server.port, [`Host: ${host ?? ''}`, `Origin: ${origin ?? ''}`]), letIn, origin);
    }
  });

  it('lets no page of another site in', async () => {
    await using server = await startServer();
    for (const origin of [
      'http://evil.example',
      'https://localhost.evil.example',
      'http://localhost@evil.example',
      'http://10.0.0.9:81',
      'null',
      '*',
      'file://',
      'chrome-extension://abcdef',
      'http://localhost, http://evil.example',
      'http://localhost/x',
      '',
    ]) {
      assert.equal(await statuses(server.port, ['Host: 10.0.0.9', `Origin: ${origin}`]), refused, origin);
    }
    const twice = ['Host: localhost', 'Origin: http://evil.example', 'Origin: http://localhost'];
    assert.equal(await statuses(server.port, twice), refused, 'two origins');
  });

  it('lets in what it is told to, and nothing else', async () => {
    const allowed = { allowHosts: ['Hive.Test', 'tunnel.example.'], allowOrigins: ['https://Console.example:8443/'] };
    await using server = await startServer(allowed);
    const { port } = server;
    assert.equal(await statuses(port, ['Host: hive.test:81']), letIn);
    assert.equal(await statuses(port, ['Host: TUNNEL.example']), letIn);
    assert.equal(await statuses(port, ['Host: tunnel.example', 'Origin: https://tunnel.example']), letIn);
    assert.equal(await statuses(port, ['Host: x.hive.test']), refused);
    assert.equal(await statuses(port, ['Host: localhost', 'Origin: https://console.example:8443']), letIn);
    assert.equal(await statuses(port, ['Host: localhost', 'Origin: https://console.example']), refused);
    assert.equal(await statuses(port, ['Host: localhost', 'Origin: http://console.example:8443']), refused);
    assert.equal(await statuses(port, ['Host: localhost', 'Origin: http://hive.test']), refused);
  });

  it('lets all pages in where that is wanted, but under its own names only', async () => {
    await using server = await startServer({ allowOrigins: ['*'] });
    assert.equal(await statuses(server.port, ['Host: localhost', 'Origin: https://any.example']), letIn);
    assert.equal(await statuses(server.port, ['Host: localhost', 'Origin: null']), letIn);
    assert.equal(await statuses(server.port, ['Host: evil.example']), refused);
  });

  it('refuses to start with what is no name and no origin', async () => {
    const wrong: ServerOptions[] = [
      ...['', '*', 'a:80', 'http://a', 'a b', 'a/b', '[::1', '*.a'].map((host) => ({ allowHosts: [host] })),
      ...['', 'null', 'a.example', 'https://a.example/x', 'https://', '**'].map((origin) => ({
        allowOrigins: [origin],
      })),
    ];
    for (const options of wrong) {
      const start = async () => {
        await using _server = await startServer(options);
      };
      await assert.rejects(start, { kind: 'usage' }, JSON.stringify(options));
    }
  });
});

describe('a server that others reach', () => {
  it('lets all names and pages in, as the real one does', async () => {
    await using server = await startServer({ host: '0.0.0.0', insecure: true });
    const foreign = ['Host: evil.example', 'Origin: http://other.example'];
    assert.equal(await statuses(server.port, foreign), letIn);
  });
});

describe('what a page is told', () => {
  const preflight = (origin: string) => ({ origin, 'access-control-request-method': 'POST' });
  const told = ({ status, headers }: HttpReply) => [status, headers['access-control-allow-origin'], headers.vary];

  it('is its own origin, in answers, failures and preflights', async () => {
    await using server = await startServer({ allowOrigins: ['https://console.example'] });
    for (const origin of ['http://localhost:3000', 'https://console.example']) {
      const headers = { origin };
      assert.deepEqual(told(await ask(server, 'GET', '/info', { headers })), [200, origin, 'Origin']);
      assert.deepEqual(told(await ask(server, 'GET', '/device/d1', { headers })), [401, origin, 'Origin']);
      const asked = await ask(server, 'OPTIONS', '/auth/rest/token', { headers: preflight(origin) });
      assert.deepEqual(told(asked), [200, origin, 'Origin']);
      assert.match(asked.headers['access-control-allow-headers'] ?? '', /Authorization/);
    }
    assert.deepEqual(told(await ask(server, 'GET', '/info')), [200, '*', undefined]);
  });

  it('is nothing where it may not come in, and nothing is done', async () => {
    const log: LogEntry[] = [];
    await using server = await startServer({ log: (entry) => log.push(entry) });
    const login = { login: 'dhadmin', password: 'dhadmin_#911' };
    const evil = { origin: 'https://evil.example' };
    const refusals = [
      await ask(server, 'POST', '/auth/rest/token', { body: login, headers: evil }),
      await ask(server, 'OPTIONS', '/auth/rest/token', { headers: preflight('https://evil.example') }),
      await ask(server, 'GET', '/info', { headers: { host: '$(evil).example' } }),
    ];
    for (const refusal of refusals) {
      assert.deepEqual(told(refusal), [403, undefined, 'Origin']);
      assert.equal((refusal.body as { error: number }).error, 403);
    }
    while (log.length < 3) await setImmediate();
    const [first, , third] = log.map(({ level, message }) => `${level}: ${message}`);
    assert.match(first ?? '', /^warn: a request was refused with 403: .*--allow-origin https:\/\/evil\.example$/);
    assert.match(third ?? '', /--allow-host NAME$/, 'nothing that a shell would run is put into a line to copy');
  });
});
