import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { describe, it } from 'node:test';
import WebSocket from 'ws';
import { Arrival, Intake } from '../../../src/server/intake.ts';
import { maxStrangerBytes } from '../../../src/server/limits.ts';
import { ask, outcome, restWorld } from '../http.ts';

type Server = Awaited<ReturnType<typeof restWorld>>;

async function open(server: Server, token?: string): Promise<WebSocket> {
  const headers = token === undefined ? {} : { Authorization: `Bearer ${token}` };
  const socket = new WebSocket(`ws://127.0.0.1:${server.port}/dh/websocket`, { perMessageDeflate: false, headers });
  await once(socket, 'open');
  return socket;
}

/** Sends the start of a text message of which the rest never comes. */
function begin(socket: WebSocket, announced: number, sent: number): void {
  const header = Buffer.alloc(14);
  header.writeUInt16BE(0x81ff);
  header.writeBigUInt64BE(BigInt(announced), 2);
  (socket as unknown as { _socket: Duplex })._socket.write(Buffer.concat([header, Buffer.alloc(sent)]));
}

/** Returns the reply's status, or the code with which the connection was closed. */
function reply(socket: WebSocket, text: string): Promise<unknown> {
  const answered = once(socket, 'message').then(([data]) => (JSON.parse(String(data)) as { status: string }).status);
  const closed = once(socket, 'close').then(([code]) => code as number);
  socket.send(text);
  return Promise.race([answered, closed]);
}

const frame = (bytes: number) => `{"action":"server/info","x":"${'x'.repeat(bytes)}"}`;

describe('a message before login', () => {
  it('is served up to 1 MiB, and closes the connection with 1009 beyond', async () => {
    await using server = await restWorld();
    const socket = await open(server);
    assert.equal(await reply(socket, frame(maxStrangerBytes - 100)), 'success');
    assert.equal(await reply(socket, frame(maxStrangerBytes)), 1009);
  });

  it('is refused before it is complete, and its memory is free again', async () => {
    await using server = await restWorld();
    const socket = await open(server);
    begin(socket, 3 * maxStrangerBytes, 2 * maxStrangerBytes);
    const [code] = (await once(socket, 'close')) as [number];
    assert.equal(code, 1009);
    assert.equal(server.hive.intake.held('stranger'), 0);
  });

  it('may be larger after the login', async () => {
    await using server = await restWorld();
    const socket = await open(server);
    assert.equal(await reply(socket, `{"action":"authenticate","token":"${server.token}"}`), 'success');
    assert.equal(await reply(socket, frame(3 * maxStrangerBytes)), 'success');
    socket.terminate();
  });

  it('is refused where those of all connections are too many, while complete ones are served on', async () => {
    await using server = await restWorld();
    const sockets = await Promise.all(Array.from({ length: 80 }, () => open(server)));
    const other = await open(server);
    const firstClosed = Promise.race(sockets.map((socket) => once(socket, 'close')));
    for (const socket of sockets) begin(socket, maxStrangerBytes, maxStrangerBytes - 1000);
    const [code] = (await firstClosed) as [number];
    assert.equal(code, 1009);
    assert.ok(server.hive.intake.held('stranger') <= 64 * maxStrangerBytes);
    assert.equal(await reply(other, frame(10)), 'success');
    for (const socket of [...sockets, other]) socket.terminate();
  });
});

describe('a body without a token', () => {
  it('is refused with 413 beyond 1 MiB; with a token it is read', async () => {
    await using server = await restWorld();
    const login = { login: 'x'.repeat(maxStrangerBytes), password: 'x' };
    assert.match(await outcome(server, 'POST', '/auth/rest/token', { body: login }), /^413/);
    const body = { name: 'big', description: 'x'.repeat(maxStrangerBytes) };
    assert.doesNotMatch(await outcome(server, 'POST', '/network', { body, token: server.token }), /^413/);
    assert.equal((await ask(server, 'POST', '/auth/rest/token', { body: { login: 'x' } })).status < 500, true);
    assert.deepEqual([server.hive.intake.held('stranger'), server.hive.intake.held('user')], [0, 0]);
  });
});

describe('what arrives', () => {
  const limits = { user: { each: 1000, sum: 5000 }, stranger: { each: 100, sum: 1000 } };

  it('is bounded for each and for all, and moves to the users with a login', () => {
    const intake = new Intake(limits);
    const [one, other] = [new Arrival(intake), new Arrival(intake)];
    assert.deepEqual([one.add('stranger', 60), one.add('stranger', 60)], [true, false]);
    assert.equal(one.add('user', 1), true);
    assert.equal(intake.held('stranger'), 0);
    assert.deepEqual(
      [other.add('stranger', 1), other.add('stranger', 1), other.add('stranger', 1)],
      [true, true, true],
    );
    assert.equal(other.add('stranger', 1), false);
    one.end();
    other.end();
    assert.deepEqual([intake.held('user'), intake.held('stranger')], [0, 0]);
  });

  it('counts no pings, however many', () => {
    const intake = new Intake(limits);
    const arrival = new Arrival(intake);
    for (let count = 0; count < 1000; count++)
      assert.equal(arrival.add('stranger', 3) && arrival.add('stranger', -3), true);
    assert.equal(intake.held('stranger'), 0);
  });
});
