import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import WebSocket from 'ws';
import { tokensFor } from '../../src/server/handlers/token.ts';
import { maxRequestBytes } from '../../src/server/limits.ts';
import { listen } from '../../src/server/wire/listener.ts';
import { sendLimits } from '../../src/server/wire/slowReaders.ts';
import { world, type Frame, type World } from './inMemory.ts';

/** Starts a server with a small limit of unsent bytes for each client. */
async function serve(clientBytes: number) {
  const inside = world();
  const limits = { ...sendLimits, clientBytes };
  const listener = await listen(inside.hive, '127.0.0.1', 0, limits);
  return {
    ...inside,
    open: () => open(inside, listener.port),
    [Symbol.asyncDispose]: () => listener.close(),
  };
}

async function open({ hive, administrator }: World, port: number): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/dh/websocket`, {
    perMessageDeflate: false,
    headers: { Authorization: `Bearer ${tokensFor(administrator, hive).accessToken}` },
  });
  await once(socket, 'open');
  return socket;
}

function say(socket: WebSocket, action: string, fields: Frame): void {
  socket.send(JSON.stringify({ action, requestId: 1, ...fields }));
}

async function subscribe(socket: WebSocket, times: number): Promise<void> {
  for (let count = 0; count < times; count++) {
    say(socket, 'command/subscribe', { deviceId: 'd1' });
    await once(socket, 'message');
  }
}

/** Returns the messages until the close, and its code. */
async function rest(socket: WebSocket): Promise<{ readonly count: number; readonly code: number }> {
  let count = 0;
  socket.on('message', () => count++);
  const [code] = (await once(socket, 'close')) as [number];
  return { count, code };
}

const blob = 'x'.repeat(1_000_000);

describe('more than a client can read', () => {
  it('is not put together for a burst of requests: the client is dropped with 4500 midway', async () => {
    await using server = await serve(0);
    server.admin.ask('device/save', { deviceId: 'big', device: { name: 'b', data: { blob } } });
    const socket = await server.open();
    for (let count = 0; count < 200; count++) say(socket, 'device/get', { deviceId: 'big' });
    const { count, code } = await rest(socket);
    assert.equal(code, 4500);
    assert.ok(count > 0 && count < 200, `${count}`);
  });

  it('is not put together for many subscriptions of one session', async () => {
    await using server = await serve(0);
    const socket = await server.open();
    await subscribe(socket, 200);
    const ended = rest(socket);
    assert.equal(
      server.admin.outcome('command/insert', { deviceId: 'd1', command: { command: 'a', parameters: { blob } } }),
      'success',
    );
    const { count, code } = await ended;
    assert.equal(code, 4500);
    assert.ok(count < 200, `${count}`);
    const happening = { event: 'command/insert', networkId: 1, deviceTypeId: 1, deviceId: 'd1', name: 'a' } as const;
    assert.equal(server.hive.subscriptions.listenersTo(happening), undefined);
  });

  it('is not put together for a replay with a copy for each name', async () => {
    await using server = await serve(0);
    server.admin.ask('command/insert', { deviceId: 'd1', command: { command: 'a', parameters: { blob } } });
    const socket = await server.open();
    const names = ['a', ...Array.from({ length: 20_000 }, (_, index) => `n${index}`)];
    say(socket, 'command/subscribe', { deviceId: 'd1', timestamp: 0, names });
    const { count, code } = await rest(socket);
    assert.equal(code, 4500);
    assert.ok(count < names.length, `${count}`);
  });
});

describe('a large push', () => {
  it('comes whole to each of many subscriptions, among small ones in their order', async () => {
    await using server = await serve(sendLimits.clientBytes);
    const socket = await server.open();
    await subscribe(socket, 3);
    const texts: string[] = [];
    const all = new Promise<void>((resolve) => {
      socket.on('message', (data) => {
        if (texts.push((data as Buffer).toString()) === 9) resolve();
      });
    });
    for (const [command, large] of [
      ['small', 'é'],
      ['large', '✓'.repeat(30_000)],
      ['last', 'x'],
    ] as const) {
      server.admin.ask('command/insert', { deviceId: 'd1', command: { command, parameters: { large } } });
    }
    await all;
    const pushes = texts.map((text) => JSON.parse(text) as { command: { command: string; parameters: Frame } });
    assert.deepEqual(
      pushes.map(({ command }) => command.command),
      ['small', 'small', 'small', 'large', 'large', 'large', 'last', 'last', 'last'],
    );
    assert.equal(pushes[4]?.command.parameters['large'], '✓'.repeat(30_000));
    assert.equal(new Set(texts).size, 9);
  });
});

describe('a request that is too large', () => {
  it('closes the connection with 1009 as soon as its length is known', async () => {
    await using server = await serve(sendLimits.clientBytes);
    const socket = await server.open();
    const header = Buffer.alloc(14);
    header.writeUInt16BE(0x81ff);
    header.writeBigUInt64BE(BigInt(maxRequestBytes + 1), 2);
    (socket as unknown as { _socket: NodeJS.WritableStream })._socket.write(header);
    assert.equal((await rest(socket)).code, 1009);
  });
});
