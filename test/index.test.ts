import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { connect, Failure, ManualClock, startServer, type Connection, type LogEntry } from '../src/index.ts';
import { failureOf } from './helpers/failures.ts';

const insert = { deviceId: 'd1', command: { command: 'blink' } };

describe('the library', () => {
  it('takes a server as the credentials of its administrator', async () => {
    await using server = await startServer();
    await using connection = await connect({ url: server.url, credentials: server });
    const { reply } = await connection.request('user/getCurrent', {});
    assert.equal(reply.current.login, server.login);
  });

  it('lets 120 seconds pass at once', async () => {
    const clock = new ManualClock();
    await using server = await startServer({ clock });
    await using connection = await connect({ url: server.url, credentials: server });
    const { command } = (await connection.request('command/insert', insert)).reply;
    const question = { deviceId: 'd1', commandId: command.id };
    clock.advance(119_999);
    assert.equal((await connection.request('command/get', question)).reply.command.command, 'blink');
    clock.advance(1);
    await failureOf(connection.request('command/get', question), 'refused', /not found/);
  });

  it('refreshes tokens that end while the clock moves on', async () => {
    const clock = new ManualClock();
    await using server = await startServer({ clock });
    await using app = await connect({ url: server.url, credentials: server });
    const { login, password = '' } = server;
    const { accessToken, refreshToken } = (await app.request('token', { login, password })).reply;
    clock.advance(1_800_001);
    await using connection = await connect({ url: server.url, credentials: { accessToken, refreshToken } });
    assert.equal((await connection.request('device/count', {})).reply.count, 2);
  });

  it('returns tokens of a server that last as long as it runs', async () => {
    const clock = new ManualClock();
    await using server = await startServer({ clock });
    const { accessToken, refreshToken } = server;
    clock.advance(10 * 366 * 86_400_000);
    await using connection = await connect({ url: server.url, credentials: { accessToken } });
    assert.equal((await connection.request('device/count', {})).reply.count, 2);
    assert.notEqual((await connection.request('token/refresh', { refreshToken })).reply.accessToken, accessToken);
  });

  it('types pushes', async () => {
    await using server = await startServer();
    await using connection = await connect({ url: server.url, credentials: server });
    const commands = await connection.subscribe('command/subscribe', { deviceId: 'd1' });
    await connection.request('command/insert', insert);
    for await (const { command } of commands) {
      const name: string | null = command.command;
      assert.equal(name, 'blink');
      break;
    }
  });

  it('logs what the server leaves unanswered, and throws a failure that says why', async () => {
    const entries: LogEntry[] = [];
    await using server = await startServer({ log: (entry) => entries.push(entry) });
    await using connection = await connect({ url: server.url, credentials: server });
    const update = { deviceId: 'd1', commandId: 7, command: { status: 'done' } };
    await assert.rejects(connection.request('command/update', update), (error: unknown) => {
      assert.ok(error instanceof Failure);
      assert.deepEqual([error.kind, error.code, error.action], ['refused', null, 'command/update']);
      return true;
    });
    assert.equal(entries[0]?.reason, '404 Command with id = 7 not found');
  });
});

describe('a request that would have stopped a real server', () => {
  const saveMany = async (connection: Connection) => {
    const data = { blob: 'x'.repeat(600_000) };
    for (const deviceId of ['a', 'b'])
      await connection.request('device/save', { deviceId, device: { name: 'n', data } });
  };

  it('is counted and logged, and answered all the same', async () => {
    const entries: LogEntry[] = [];
    await using server = await startServer({ log: (entry) => entries.push(entry) });
    await using connection = await connect({ url: server.url, credentials: server });
    assert.equal(server.harms.length, 0);
    await saveMany(connection);
    for (let count = 0; count < 2; count++) await connection.request('device/list', { namePattern: 'n' });
    const [harm, ...others] = server.harms;
    assert.deepEqual([harm?.kind, harm?.action, harm?.count, others.length], ['size', 'device/list', 2, 0]);
    assert.match(
      harm?.message ?? '',
      /^a real DeviceHive would have stopped here: the reply to device\/list takes 1200/,
    );
    assert.deepEqual([entries[0]?.message, entries[0]?.harm], [harm?.message, 'size']);
  });

  it('is refused with 503 by a strict server', async () => {
    await using server = await startServer({ strict: true });
    await using connection = await connect({ url: server.url, credentials: server });
    await saveMany(connection);
    const failure = await failureOf(connection.request('device/list', {}), 'refused', /would have stopped here/);
    assert.equal(failure.code, 503);
    assert.equal(server.harms[0]?.count, 1);
  });
});

describe('a manual clock', () => {
  it('runs due tasks in order of time, including those that they schedule', () => {
    const clock = new ManualClock(1000);
    const seen: string[] = [];
    const note = (name: string) => seen.push(`${name} at ${clock.now()}`);
    clock.schedule(20, () => note('second'));
    clock.schedule(10, () => {
      note('first');
      clock.schedule(5, () => note('planned'));
    });
    clock.schedule(10, () => note('cancelled'))();
    clock.schedule(31, () => note('later'));
    clock.advance(30);
    assert.deepEqual(seen, ['first at 1010', 'planned at 1015', 'second at 1020']);
    assert.equal(clock.now(), 1030);
  });

  it('advances by no negative or infinite time', () => {
    const clock = new ManualClock();
    for (const ms of [-1, Infinity, NaN]) assert.throws(() => clock.advance(ms), RangeError);
  });
});
