import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, it } from 'node:test';
import WebSocket from 'ws';
import { Failure } from '../../../src/errors.ts';
import { startServer, type RunningServer } from '../../../src/server/index.ts';
import { FakeClock } from '../fakeClock.ts';
import { starting } from '../starting.ts';

async function open({ url }: { readonly url: string }): Promise<WebSocket> {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  await once(socket, 'open');
  return socket;
}

async function closeOf(socket: WebSocket): Promise<[number, string]> {
  const [code, reason] = (await once(socket, 'close')) as [number, Buffer];
  return [code, reason.toString()];
}

async function reply(socket: WebSocket, frame: object | string): Promise<Record<string, unknown>> {
  socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
  const [data] = (await once(socket, 'message')) as [Buffer];
  return JSON.parse(data.toString()) as Record<string, unknown>;
}

describe('a connection', () => {
  it('is closed with 1003 over a binary message, and hears nothing after it', async () => {
    await using server = await startServer();
    const [socket, other] = [await open(server), await open(server)];
    socket.send(Buffer.from('{}'));
    socket.send(JSON.stringify({ action: 'token', login: 'dhadmin', password: 'wrong' }));
    assert.deepEqual(await closeOf(socket), [1003, 'Binary messages not supported']);
    assert.equal((await reply(other, { action: 'server/info' }))['status'], 'success');
  });

  it('gets its own code and reason back when it closes, and 1000 where it gave none', async () => {
    await using server = await startServer();
    const codes = [];
    for (const [code, reason] of [
      [1000, 'bye'],
      [3000, ''],
      [4000, 'x'],
      [undefined, undefined],
    ] as const) {
      const socket = await open(server);
      socket.close(code, reason);
      codes.push(await closeOf(socket));
    }
    assert.deepEqual(codes, [
      [1000, 'bye'],
      [3000, ''],
      [4000, 'x'],
      [1000, ''],
    ]);
  });

  it('is closed with 1007 over text that is not UTF-8', async () => {
    await using server = await startServer();
    const socket = await open(server);
    socket.send(Buffer.from([0xc3, 0x28]), { binary: false });
    assert.equal((await closeOf(socket))[0], 1007);
  });

  it('gets a burst answered in order, in few pieces', async () => {
    await using server = await startServer();
    const socket = await open(server);
    const ids: unknown[] = [];
    const all = new Promise<void>((resolve) => {
      socket.on('message', (data) => {
        ids.push((JSON.parse((data as Buffer).toString()) as { requestId: number }).requestId);
        if (ids.length === 1000) resolve();
      });
    });
    for (let requestId = 0; requestId < 1000; requestId++)
      socket.send(`{"action":"server/info","requestId":${requestId}}`);
    await all;
    assert.deepEqual(
      ids,
      Array.from({ length: 1000 }, (_, index) => index),
    );
  });

  it('carries texts of all lengths and scripts, both ways', async () => {
    await using server = await startServer();
    const socket = await open(server);
    for (const length of [1, 50, 125, 126, 1000, 65_535, 65_536, 200_000]) {
      const requestId = 'é✓'.repeat(length);
      assert.equal((await reply(socket, { action: 'server/info', requestId }))['requestId'], requestId);
    }
  });

  it('reports its address as the client called it', async () => {
    await using server = await startServer();
    const socket = await open({ url: server.url.replace('/dh/', '/api/') });
    const { info } = await reply(socket, { action: 'server/info' });
    assert.equal((info as { restServerUrl: string }).restServerUrl, `http://127.0.0.1:${server.port}/api/rest`);
  });

  it('gets a pong for every ping of a burst', async () => {
    await using server = await startServer();
    const socket = await open(server);
    const payloads: string[] = [];
    const all = new Promise<void>((resolve) => {
      socket.on('pong', (data: Buffer) => {
        if (payloads.push(data.toString()) === 500) resolve();
      });
    });
    for (let count = 0; count < 500; count++) socket.ping(String(count));
    await all;
    assert.deepEqual(
      payloads,
      Array.from({ length: 500 }, (_, index) => String(index)),
    );
  });

  it('is pinged at each full and half minute', async () => {
    const clock = new FakeClock();
    await using server = await startServer({ clock });
    const socket = await open(server);
    const pinged = once(socket, 'ping');
    clock.advance(14_877);
    await pinged;
    const again = once(socket, 'ping');
    clock.advance(30_000);
    await again;
  });
});

describe('a server that closes', () => {
  it('drops every connection without a word, and may be closed twice', async () => {
    await using server = await startServer();
    const sockets = [await open(server), await open(server)];
    const codes = Promise.all(sockets.map(async (socket) => (await closeOf(socket))[0]));
    await Promise.all([server.close(), server.close()]);
    assert.deepEqual(await codes, [1006, 1006]);
    await server.close();
    await assert.rejects(open(server), /ECONNREFUSED/);
  });

  it('does not wait for the dead', async () => {
    await using server = await startServer();
    const dead = await handshaken(server);
    dead.pause();
    const idle = connect(server.port, '127.0.0.1');
    await once(idle, 'connect');
    await server.close();
    dead.destroy();
    idle.destroy();
  });

  it('says why it cannot listen', async () => {
    await using server = await startServer();
    await assert.rejects(
      starting({ port: server.port }),
      (error) => error instanceof Failure && error.kind === 'connect',
    );
  });
});

describe('a client that does not read', () => {
  it('is dropped with 4500 after its time, and costs other clients nothing', async () => {
    const clock = new FakeClock();
    await using server = await startServer({ clock });
    const slow = await open(server);
    await reply(slow, { action: 'authenticate', token: server.accessToken });
    await reply(slow, { action: 'notification/subscribe' });
    slow.pause();
    const sender = await open(server);
    await reply(sender, { action: 'authenticate', token: server.accessToken });
    const notification = { notification: 'n', parameters: { blob: 'x'.repeat(500_000) } };
    for (let count = 0; count < 40; count++) {
      assert.equal(
        (await reply(sender, { action: 'notification/insert', deviceId: 'd1', notification }))['status'],
        'success',
      );
    }
    clock.advance(9_000);
    assert.equal((await reply(sender, { action: 'server/info' }))['status'], 'success');
    clock.advance(1_000);
    const closed = closeOf(slow);
    slow.resume();
    assert.equal((await closed)[0], 4500);
  });

  it('is left alone when it reads on in time', async () => {
    const clock = new FakeClock();
    await using server = await startServer({ clock });
    const socket = await open(server);
    socket.pause();
    const requestId = 'x'.repeat(1_000_000);
    const read = new Promise<void>((resolve) => {
      let count = 0;
      socket.on('message', () => {
        if (++count === 20) resolve();
      });
    });
    for (let count = 0; count < 20; count++) socket.send(JSON.stringify({ action: 'server/info', requestId }));
    clock.advance(5_000);
    socket.resume();
    await read;
    clock.advance(20_000);
    assert.equal((await reply(socket, { action: 'server/info' }))['status'], 'success');
  });
});

/** Opens a connection on which the client falls silent after the handshake. */
async function handshaken({ port }: RunningServer): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.write(
    'GET /dh/websocket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  );
  await once(socket, 'data');
  return socket;
}
