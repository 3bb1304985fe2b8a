import { once } from 'node:events';
import WebSocket from 'ws';
import { actions } from '../../src/server/actions.ts';
import { startServer, type RunningServer } from '../../src/server/index.ts';
import { anyObject, anyValue, missile, shoot } from './frames.ts';
import { random, type Random } from './random.ts';
import { watched, within, type Tally } from './tally.ts';

const names: readonly string[] = [
  ...['action', 'requestId', 'deviceId', 'commandId', 'command', 'networkId', 'network', 'networkIds', 'deviceTypeId'],
  ...['deviceType', 'deviceTypeIds', 'userId', 'user', 'names', 'timestamp', 'limit', 'take', 'skip', 'sortField'],
  ...['sortOrder', 'start', 'end', 'deviceIds', 'device', 'notification', 'notificationId', 'name', 'namePattern'],
  ...[
    'value',
    'login',
    'password',
    'payload',
    'refreshToken',
    'token',
    'subscriptionId',
    'force',
    'parameters',
    'data',
  ],
];

/** So many frames go out before an answer is waited for; so many meet one server. */
const volley = 200;
const perServer = 20_000;
const patienceMs = 60_000;

/** Sends frames to an embedded server, as an administrator or as nobody, and counts what falls. */
export async function fuzzServer(tally: Tally, frames: number, seed: number, isLoggedIn: boolean): Promise<void> {
  const dice = random(seed);
  await watched(tally, async () => {
    while (tally.frames < frames && tally.crashes.length === 0) {
      await using server = await startServer({
        log: ({ level, message, stack }) => level === 'error' && tally.crash(stack ?? message),
      });
      const end = Math.min(frames, tally.frames + perServer);
      await besiege(tally, server, dice, { end, frames, isLoggedIn });
    }
  });
}

interface Siege {
  readonly end: number;
  readonly frames: number;
  readonly isLoggedIn: boolean;
}

async function besiege(tally: Tally, server: RunningServer, dice: Random, siege: Siege): Promise<void> {
  let socket: WebSocket | undefined;
  while (tally.frames < siege.end && tally.crashes.length === 0) {
    if (socket?.readyState !== WebSocket.OPEN) {
      socket = await opened(tally, server, siege.isLoggedIn);
      // a frame has disabled the administrator
      if (socket === undefined) return;
    }
    for (let count = 0; count < volley && tally.frames < siege.end; count++) {
      tally.frames++;
      const frame = { action: dice.pick(Object.keys(actions)), ...anyObject(dice, names) };
      if (dice.next() < 0.5) Object.assign(frame, { requestId: anyValue(dice, names) });
      shoot(socket, missile(dice, frame));
    }
    if (!(await isAlive(socket))) tally.crash(`the server no longer answers after ${tally.frames} frames`);
    tally.progress(siege.frames);
  }
  socket?.terminate();
}

async function opened(tally: Tally, { url, accessToken }: RunningServer, isLoggedIn: boolean) {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  socket.on('error', () => undefined).on('close', () => tally.refused++);
  await once(socket, 'open');
  if (isLoggedIn) {
    socket.send(JSON.stringify({ action: 'authenticate', token: accessToken }));
    const [reply] = (await once(socket, 'message')) as [Buffer];
    if (!reply.includes('"status":"success"')) return undefined;
  }
  socket.on('message', (data: Buffer) => {
    if (data.includes('"status":"error"')) tally.refused++;
  });
  return socket;
}

const sentinel = 'are-you-there';

/** True if the server still answers this connection, or has closed it. */
async function isAlive(socket: WebSocket): Promise<boolean> {
  const answered = new Promise<boolean>((resolve) => {
    const look = (data: Buffer) => {
      if (!data.includes(sentinel)) return;
      socket.off('message', look);
      resolve(true);
    };
    socket.on('message', look).once('close', () => resolve(true));
    if (socket.readyState !== WebSocket.OPEN) resolve(true);
  });
  socket.send(JSON.stringify({ action: 'server/info', requestId: sentinel }), () => undefined);
  return (await within(answered, patienceMs)) ?? false;
}
