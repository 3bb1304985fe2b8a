import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { after, describe, it } from 'node:test';
import { connect } from '../../../src/client/index.ts';
import { Heartbeat } from '../../../src/client/wire/heartbeat.ts';
import { cuttableWay, type CuttableWay } from '../../helpers/cuttableWay.ts';
import { embeddedServer } from '../../helpers/embeddedServer.ts';
import { HeldTime } from '../../helpers/heldTime.ts';

const server = await embeddedServer();
after(() => server.close());

/** Returns a connection with a subscription, over a proxy that can fall silent. */
async function watching(way: CuttableWay, pingMs?: number) {
  const connection = await connect({
    url: way.url,
    credentials: { accessToken: server.accessToken },
    ...(pingMs === undefined ? {} : { pingMs }),
  });
  const subscription = await connection.subscribe('command/subscribe', { deviceId: 'd1' });
  const lost = subscription[Symbol.asyncIterator]()
    .next()
    .then(
      () => undefined,
      (error: unknown) => error as Error,
    );
  let isLost = false;
  void connection.closed.then(() => (isLost = true));
  return { connection, lost, isLost: () => isLost };
}

/** Advances the clock, then lets this process reach its next turn. */
async function passed(time: HeldTime, ms: number): Promise<void> {
  time.pass(ms);
  // a beat that is due takes a turn to look, and another one to begin waiting again
  for (let turns = 0; turns < 4; turns++) await turn();
}

/** Returns a socket that writes down what its heartbeat does with it. */
function fakeSocket() {
  const told: string[] = [];
  const socket = { number: 25, bytesRead: 0, ping: () => told.push('ping'), fallSilent: () => told.push('silent') };
  return { socket, told };
}

describe('a connection on which nothing comes', () => {
  it('is lost 10 s after a ping, which is sent after 25 s', async () => {
    await using way = await cuttableWay(server.url);
    using time = new HeldTime();
    const { isLost, lost } = await watching(way);
    way.silence();
    await passed(time, 25_000);
    await passed(time, 9_999);
    assert.equal(isLost(), false);
    await passed(time, 1);
    assert.match(String((await lost)?.message), /silent to a ping for 10 s/);
  });

  it('lives as long as the server answers pings', async () => {
    await using way = await cuttableWay(server.url);
    using time = new HeldTime();
    const { connection } = await watching(way, 5000);
    for (let round = 0; round < 10; round++) {
      await passed(time, 5000);
      // the reply comes after the pong
      await connection.request('server/info', {});
      await passed(time, 10_000);
    }
    await connection.request('server/info', {});
    await connection.close();
  });

  it('is asked once more where this process was late itself', async () => {
    await using way = await cuttableWay(server.url);
    using time = new HeldTime();
    const { isLost, lost } = await watching(way);
    way.silence();
    await passed(time, 25_000);
    time.sleep(60_000);
    await passed(time, 10_000);
    assert.equal(isLost(), false);
    await passed(time, 10_000);
    assert.match(String((await lost)?.message), /silent to a ping/);
  });

  it('is lost in the end where this process is late every time', async () => {
    using time = new HeldTime();
    const { socket, told } = fakeSocket();
    const heartbeat = new Heartbeat(socket, 25_000);
    await passed(time, 25_000);
    for (let round = 0; round < 2; round++) {
      time.sleep(60_000);
      await passed(time, 10_000);
    }
    assert.deepEqual(told, ['ping', 'ping', 'silent']);
    heartbeat.end();
  });

  it('is not lost where the answer waits to be read when the time is over', async () => {
    using time = new HeldTime();
    const { socket, told } = fakeSocket();
    const heartbeat = new Heartbeat(socket, 25_000);
    await passed(time, 25_000);
    time.pass(10_000);
    // only now, after its timers, this process reads its sockets
    socket.bytesRead = 2;
    await turn();
    await passed(time, 15_000);
    assert.deepEqual(told, ['ping', 'ping']);
    await passed(time, 10_000);
    await turn();
    assert.deepEqual(told, ['ping', 'ping', 'silent']);
    heartbeat.end();
  });

  it('is not asked where pingMs is 0', async () => {
    await using way = await cuttableWay(server.url);
    using time = new HeldTime();
    const { connection, isLost } = await watching(way, 0);
    way.silence();
    for (let round = 0; round < 10; round++) await passed(time, 25_000);
    assert.equal(isLost(), false);
    await connection.close();
  });
});
