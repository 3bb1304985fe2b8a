import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { describe, it } from 'node:test';
import {
  request,
  UpgradeRequest,
  type UpgradeAnswer,
  type UpgradeOptions,
} from '../../../src/build/swapped/plainUpgrade.ts';
import { deadUrl } from '../../helpers/badServer.ts';
import { listening, type Listening } from '../../helpers/listening.ts';

/** Starts a TCP server that plays one script for each connection. */
function tcpServer(script: (socket: Socket, head: string) => void): Promise<Listening> {
  const server = createServer((socket) => {
    let head = '';
    socket.on('data', (chunk) => {
      head += chunk.toString('latin1');
      if (head.endsWith('\r\n\r\n')) script(socket, head);
    });
  });
  return listening(server);
}

function upgrade(port: number, extra: Partial<UpgradeOptions> = {}): UpgradeRequest {
  const made = request({
    host: '127.0.0.1',
    port,
    defaultPort: 80,
    path: '/dh/websocket?x=1',
    headers: { 'Sec-WebSocket-Version': 13, Connection: 'Upgrade', Upgrade: 'websocket' },
    createConnection: ({ port: to }) => connect(Number(to), '127.0.0.1'),
    ...extra,
  });
  assert.ok(made instanceof UpgradeRequest);
  return made;
}

async function failureOf(made: UpgradeRequest): Promise<Error & { code?: string }> {
  const [error] = (await once(made, 'error').catch((cause: unknown) => [cause])) as [Error & { code?: string }];
  return error;
}

const switching = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nX-Two: a\r\nx-two: b\r\n\r\n';

describe('the upgrade of a plain connection', () => {
  it('sends one GET with the path, the host and the headers it was given', async () => {
    let seen = '';
    await using server = await tcpServer((socket, head) => {
      seen = head;
      socket.end(switching);
    });
    const made = upgrade(server.port);
    await once(made, 'upgrade');
    made.destroy();
    assert.match(seen, /^GET \/dh\/websocket\?x=1 HTTP\/1\.1\r\n/);
    assert.match(seen, new RegExp(`\r\nHost: 127\\.0\\.0\\.1:${server.port}\r\n`));
    assert.match(seen, /\r\nUpgrade: websocket\r\n/);
  });

  it('leaves the default port out of the Host header and puts brackets around an IPv6 address', async () => {
    let seen = '';
    await using server = await tcpServer((socket, head) => {
      seen = head;
      socket.end(switching);
    });
    const { port } = server;
    const made = upgrade(80, { host: '::1', createConnection: () => connect(port, '127.0.0.1') });
    await once(made, 'upgrade');
    made.destroy();
    assert.match(seen, /\r\nHost: \[::1\]\r\n/);
  });

  it('reads a head that arrives byte by byte, and passes on the bytes after it', async () => {
    await using server = await tcpServer((socket) => {
      socket.setNoDelay(true);
      for (const byte of switching) socket.write(byte);
      socket.write('first frame');
    });
    const made = upgrade(server.port);
    const [answer, socket, rest] = (await once(made, 'upgrade')) as [UpgradeAnswer, Socket, Buffer];
    const text = rest.length > 0 ? rest.toString() : String((await once(socket, 'data'))[0]);
    socket.destroy();
    assert.equal(answer.statusCode, 101);
    assert.deepEqual(answer.headers, { upgrade: 'websocket', 'x-two': 'a, b' });
    assert.ok('first frame'.startsWith(text));
  });

  it('emits another status as a response', async () => {
    await using server = await tcpServer((socket) => socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n'));
    const made = upgrade(server.port);
    const [answer] = (await once(made, 'response')) as [UpgradeAnswer];
    made.destroy();
    assert.equal(answer.statusCode, 404);
    assert.equal(answer.statusMessage, 'Not Found');
  });

  const wrong: readonly { readonly what: string; readonly sends: string; readonly code: string }[] = [
    { what: 'that does not speak HTTP', sends: 'SSH-2.0-OpenSSH_9.2\r\n\r\n', code: 'HPE_INVALID_CONSTANT' },
    { what: 'with a status line that is none', sends: 'HTTP/1.1 abc\r\n\r\n', code: 'HPE_INVALID_STATUS' },
    {
      what: 'whose head never ends',
      sends: `HTTP/1.1 101 x\r\n${'a: b\r\n'.repeat(20_000)}`,
      code: 'HPE_HEADER_OVERFLOW',
    },
    { what: 'that hangs up', sends: '', code: 'ECONNRESET' },
  ];
  for (const { what, sends, code } of wrong) {
    it(`fails at a server ${what}`, async () => {
      await using server = await tcpServer((socket) => socket.end(sends));
      assert.equal((await failureOf(upgrade(server.port))).code, code);
    });
  }

  it('fails when nobody listens', async () => {
    const { port } = new URL(await deadUrl());
    assert.equal((await failureOf(upgrade(Number(port)))).code, 'ECONNREFUSED');
  });

  it('leaves requests with an agent or a login to Node', async () => {
    const { Agent } = await import('node:http');
    const made = request({
      host: '127.0.0.1',
      port: 1,
      headers: {},
      agent: new Agent(),
      createConnection: () => connect(1, '127.0.0.1'),
    });
    made.on('error', () => undefined);
    made.destroy();
    assert.ok(!(made instanceof UpgradeRequest));
  });
});
