import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import { tokensFor } from '../../src/server/handlers/token.ts';
import { systemClock } from '../../src/server/clock.ts';
import { dispatch } from '../../src/server/dispatch.ts';
import { Hive } from '../../src/server/hive.ts';
import { fillFresh } from '../../src/server/start/freshContent.ts';
import { Session } from '../../src/server/session.ts';

const MiB = 1024 * 1024;

/** What keeps the others waiting: the longest delay of the event loop, in ms, before it was mended and at most now. */
interface Burden {
  readonly what: string;
  readonly before: number;
  readonly most: number;
  readonly act: (hive: Hive, admin: Session) => Promise<void>;
}

const burdens: readonly Burden[] = [
  { what: 'sweep of 300,000 expired notifications', before: 449, most: 40, act: sweep },
  ...frames([
    ['a text of 4 MiB', 19, `{"action":"server/info","x":"${'x'.repeat(4 * MiB - 100)}"}`],
    ['single quotes and escapes', 1275, `{'action':'server/info',x:'${'\\n'.repeat(2 * MiB - 50)}'}`],
    ['comments', 202, `{'action':'server/info',x:${'/**/'.repeat(MiB - 50)}1}`],
    ['a million numbers', 804, `{"action":"server/info","requestId":[${'1,'.repeat(MiB - 100)}1]}`],
    ['as many names as are read', 1326, `{"action":"server/info","requestId":{${names(115_000)}}}`],
  ]),
  { what: 'a list of 20,000 commands out of order', before: 190, most: 200, act: outOfOrder },
];

/** Measures how long the embedded server lets its event loop wait under what is heaviest for it. */
export async function eventLoop(): Promise<boolean> {
  console.log(
    `${'eventLoop: longest delay'.padEnd(48)}${'before'.padStart(10)}${'now'.padStart(10)}${'limit'.padStart(10)}`,
  );
  let isFine = true;
  for (const { what, before, most, act } of burdens) {
    const { hive, admin } = furnished();
    const delay = await longestDelay(() => act(hive, admin));
    const cells = [before, delay, most].map((ms) => `${ms.toFixed(0)} ms`.padStart(10));
    console.log(`${what.padEnd(48)}${cells.join('')}${delay <= most ? '' : '  too long'}`);
    isFine &&= delay <= most;
  }
  return isFine;
}

function frames(list: readonly (readonly [what: string, before: number, text: string])[]): Burden[] {
  const say = (text: Buffer) => (_hive: Hive, admin: Session) => Promise.resolve(dispatch(text.toString(), admin));
  return list.map(([what, before, text]) => ({
    what: `frame: ${what}`,
    before,
    most: 200,
    act: say(Buffer.from(text)),
  }));
}

function names(count: number): string {
  return Array.from({ length: count }, (_, index) => `"k${index}":1`).join(',');
}

function furnished(): { readonly hive: Hive; readonly admin: Session } {
  const hive = new Hive({
    clock: systemClock,
    log: () => undefined,
    answerAll: false,
    isExposed: false,
    refusesHarm: false,
  });
  const administrator = fillFresh(hive, { secret: 'devicehive', adminPassword: 'dhadmin_#911', demo: true });
  const peer = { send: () => undefined, sendShared: () => undefined };
  const admin = new Session(hive, peer, { restServerUrl: '' });
  dispatch(JSON.stringify({ action: 'authenticate', token: tokensFor(administrator, hive).accessToken }), admin);
  return { hive, admin };
}

/** Returns the longest delay during the task and the second after it, in ms. */
async function longestDelay(task: () => Promise<void>): Promise<number> {
  await pause(50);
  const histogram = monitorEventLoopDelay({ resolution: 1 });
  histogram.enable();
  await pause(20);
  histogram.reset();
  await nextTurn();
  await task();
  await pause(1000);
  histogram.disable();
  return histogram.max / 1e6;
}

async function sweep(hive: Hive): Promise<void> {
  const pastMs = Date.now() - 10_000;
  for (let id = 1; id <= 300_000; id++) {
    const texts = { notification: 'n', parameters: null, networkId: 1, deviceTypeId: 1 };
    const message = { id, deviceId: `d${id % 1000}`, timestamp: pastMs, expiresAt: pastMs + 1000, ...texts };
    hive.notifications.insert(message, pastMs);
    if (id % 1000 === 0) await nextTurn();
  }
  hive.sweep();
}

async function outOfOrder(_hive: Hive, admin: Session): Promise<void> {
  for (let id = 1; id <= 20_000; id++) {
    const timestamp = Date.now() + ((id * 7919) % 100_000);
    dispatch(JSON.stringify({ action: 'command/insert', deviceId: 'd1', command: { command: 'c', timestamp } }), admin);
    if (id % 100 === 0) await nextTurn();
  }
  dispatch('{"action":"command/list","deviceId":"d1","take":10}', admin);
}
