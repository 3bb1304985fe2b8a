import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import { Failure } from '../../src/errors.ts';
import { connect, type Connection } from '../../src/index.ts';
import { anyObject, anyValue, missile, shoot } from './frames.ts';
import { random, type Random } from './random.ts';
import { watched, within, type Tally } from './tally.ts';

const names: readonly string[] = [
  ...[
    'action',
    'requestId',
    'status',
    'code',
    'error',
    'subscriptionId',
    'command',
    'commands',
    'notification',
    'info',
  ],
  ...['notifications', 'device', 'devices', 'network', 'networks', 'user', 'users', 'id', 'deviceId', 'parameters'],
  ...['timestamp', 'serverTimestamp', 'apiVersion', 'accessToken', 'refreshToken', 'configuration', 'count', 'name'],
];

const actions: readonly string[] = [
  ...['server/info', 'command/insert', 'command/update', 'command/subscribe', 'command/list', 'notification/insert'],
  ...['device/get', 'device/list', 'authenticate', 'token', 'network/list', 'x', '__proto__'],
];

const perReply = 50;
const patienceMs = 60_000;

/** A server that answers each request with nonsense, then properly. */
export interface NonsenseServer extends AsyncDisposable {
  readonly url: string;
}

/** Starts a server whose nonsense depends on the dice, and is counted. */
export async function nonsenseServer(tally: Tally, dice: Random, perRequest = perReply): Promise<NonsenseServer> {
  const http = createServer();
  const sockets = new WebSocketServer({ server: http, perMessageDeflate: false, maxPayload: 64 * 1024 * 1024 });
  sockets.on('connection', (socket) => {
    socket.on('error', () => undefined);
    socket.on('message', (data: Buffer) => {
      const { requestId } = JSON.parse(data.toString()) as { readonly requestId?: unknown };
      answer({ tally, dice, socket, perRequest }, requestId);
    });
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const { port } = http.address() as AddressInfo;
  return {
    url: `ws://127.0.0.1:${port}/dh/websocket`,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets.clients) socket.terminate();
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}

interface Talk {
  readonly tally: Tally;
  readonly dice: Random;
  readonly socket: WebSocket;
  readonly perRequest: number;
}

function answer({ tally, dice, socket, perRequest }: Talk, requestId: unknown): void {
  for (let count = 0; count < perRequest && socket.readyState === WebSocket.OPEN; count++) {
    tally.frames++;
    const frame = { action: dice.pick(actions), ...anyObject(dice, names) };
    const roll = dice.next();
    // a nonsense answer to this very request is rarer, because the client asks anew after it
    if (roll < 0.02) Object.assign(frame, { requestId });
    else if (roll < 0.5) Object.assign(frame, { requestId: anyValue(dice, names) });
    shoot(socket, missile(dice, frame));
  }
  if (socket.readyState === WebSocket.OPEN) {
    socket.send(JSON.stringify({ action: 'server/info', requestId, status: 'success', info: {}, subscriptionId: 1 }));
  }
}

/** Lets the library talk to a server of nonsense. */
export async function fuzzClient(tally: Tally, frames: number, seed: number): Promise<void> {
  const dice = random(seed);
  await watched(tally, async () => {
    await using server = await nonsenseServer(tally, dice);
    while (tally.frames < frames && tally.crashes.length === 0) {
      await talk(tally, server.url, dice, frames);
      tally.progress(frames);
    }
  });
}

async function talk(tally: Tally, url: string, dice: Random, frames: number): Promise<void> {
  let connection: Connection | undefined;
  try {
    connection = await connect({
      url,
      timeoutMs: 20_000,
      ...(dice.next() < 0.3 ? { credentials: { accessToken: 'a.b.c' } } : {}),
    });
    for (let count = 0; count < 20 && tally.frames < frames; count++) {
      const settled = await within(outcome(connection, dice), patienceMs);
      if (settled === undefined) tally.crash(`a request never settles after ${tally.frames} frames`);
      else if (settled instanceof Failure) tally.refused++;
      else if (settled !== true) tally.crash(settled);
    }
  } catch (error) {
    if (error instanceof Failure) tally.refused++;
    else tally.crash(error);
  } finally {
    await connection?.close();
  }
}

/** Returns true for a success, or the error. */
function outcome(connection: Connection, dice: Random): Promise<unknown> {
  const isSubscribe = dice.next() < 0.2;
  const asked: Promise<unknown> = isSubscribe
    ? connection.subscribe('command/subscribe', { deviceId: 'd1' })
    : connection.request(dice.pick<string>(['server/info', 'device/get', 'custom/action']), { deviceId: 'd1' });
  return asked.then(
    () => true,
    (error: unknown) => error,
  );
}
