import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Failure } from '../../src/errors.ts';
import { accountOf, allWell, Play } from './playing.ts';

const plan = {
  fleets: [{ id: 'd-{index}', count: 10, notifications: [{ name: 'value', every: '1s' }] }],
  load: { for: '20s' },
};

describe('a run whose devices do not come up', () => {
  for (const standstillMs of [15_000, 130_000])
    it(`is given up when none has come for ${standstillMs / 1000} s, the time that it was given`, async () => {
      const play = new Play(plan, { standstillMs, retries: 1000 });
      play.server.isStalled = true;
      let given: unknown;
      void play.run.prepare().catch((error: unknown) => (given = error));
      await play.pass(standstillMs - 1000);
      assert.equal(given, undefined);
      await play.pass(3000);
      assert.equal((given as unknown as Failure).kind, 'timeout');
      play.run.close();
    });
});

describe('a run whose server stands still', () => {
  it('goes on sending, and says exactly what is late', async () => {
    const play = new Play(plan);
    await play.start();
    await play.pass(4500);
    const before = play.recorder.bundle({} as never).ledger.notifications.received;
    play.server.isStalled = true;
    await play.pass(15_500);
    const measured = await play.end(1000);
    assert.equal(play.server.sent('notification/insert').length, 200);
    const { expected, received, lost } = measured.ledger.notifications;
    assert.deepEqual([expected, received, lost], [200, before, 200 - before]);
    const late = Object.fromEntries(measured.errors.map(({ kind, text, count }) => [`${kind}: ${text}`, count]));
    const timedOut = late['timeout: notification/insert: no reply from it within 10 s'] ?? 0;
    assert.equal(measured.counters['timeouts'], timedOut);
    assert.equal(measured.counters['errors'], 200 - before);
    assert.equal(late['late: notification/insert: not answered before the end'], 200 - before);
    assert.ok(timedOut > 50 && timedOut < 75, String(timedOut));
    assert.equal(measured.generator.saturated, false);
  });

  for (const [what, stall, said] of [
    ['lost what an operator sent', (play) => (play.server.isStalled = true), 'not answered before the end'],
    ['unsent what an operator was to send', (play) => play.server.kill(), 'due, but not sent before the end'],
  ] as readonly (readonly [string, (play: Play) => void, string])[]) {
    it(`calls ${what} while it stands still or is away`, async () => {
      const play = new Play({
        fleets: [{ id: 'd-{index}', count: 10 }],
        traffic: [{ command: 'go', rate: '10/s' }],
        load: { for: '20s' },
      });
      await play.start();
      await play.pass(4500);
      const before = play.recorder.bundle({} as never).ledger.commands.received;
      stall(play);
      await play.pass(15_500);
      const measured = await play.end(1000);
      const { expected, received, lost, unsent } = measured.ledger.commands;
      const missing = 200 - before;
      assert.deepEqual([expected, received], [200, before]);
      assert.deepEqual([lost, unsent], said.startsWith('due') ? [0, missing] : [missing, 0]);
      const late = measured.errors.find(({ kind }) => kind === 'late');
      assert.deepEqual([late?.text, late?.count], [`command/insert: ${said}`, missing]);
    });
  }

  it('counts an answer that a device could no longer send as unsent, and one that was never acknowledged as lost', async () => {
    for (const [stall, fate] of [
      [(play: Play) => play.server.kill(), 'unsent'],
      [(play: Play) => (play.server.isStalled = true), 'lost'],
    ] as const) {
      const play = new Play({ fleets: [{ id: 'd', commands: { go: [{ after: '2s', status: 'done' }] } }] });
      await play.start();
      play.server.ask('command/insert', { deviceId: 'd', command: { command: 'go' } });
      await play.pass(1000);
      stall(play);
      await play.pass(5000);
      const { ledger } = await play.end(1000);
      const { expected, received, lost, unsent } = ledger.updates;
      assert.deepEqual(
        { expected, received, lost, unsent },
        { expected: 1, received: 0, lost: 0, unsent: 0, [fate]: 1 },
      );
    }
  });

  it('removes only whole ids from texts', async () => {
    const play = new Play({ ...plan, fleets: [{ ...plan.fleets[0], id: 'e', count: 1 }] });
    await play.start();
    play.server.isStalled = true;
    await play.pass(12_000);
    const [first] = (await play.end(0)).errors.filter(({ kind }) => kind === 'timeout');
    assert.equal(first?.text, 'notification/insert: no reply from it within 10 s');
  });

  it('counts messages that are answered at last', async () => {
    const play = new Play(plan);
    await play.start();
    await play.pass(4500);
    play.server.isStalled = true;
    await play.pass(12_000);
    play.server.resume();
    await play.pass(3500);
    const measured = await play.end();
    assert.deepEqual(accountOf(measured, 'notifications'), allWell(200));
    assert.ok((measured.counters['timeouts'] ?? 0) > 0);
    assert.ok((measured.hops['notification.accepted']?.maxMs ?? 0) > 11_000);
  });

  it('says what could not be sent because the server was away', async () => {
    const play = new Play(plan);
    await play.start();
    await play.pass(4500);
    play.server.kill();
    await play.pass(15_500);
    const measured = await play.end(1000);
    const { expected, received, lost, unsent } = measured.ledger.notifications;
    const late = measured.errors.find(({ kind }) => kind === 'late');
    assert.deepEqual([expected, lost, unsent], [200, 0, 200 - received]);
    assert.equal(late?.text, 'notification/insert: due, but not sent before the end');
    assert.equal(late.count, unsent);
  });
});

describe('a generator', () => {
  it('is saturated when its own timers come late', async () => {
    const play = new Play(plan);
    await play.start();
    await play.pass(2000);
    play.clock.freeze(3000);
    await play.pass(2000);
    const measured = await play.end();
    assert.equal(measured.generator.saturated, true);
    assert.ok((measured.hops['send.lag']?.maxMs ?? 0) > 1000);
  });

  it('counts the seconds in which it stood still', async () => {
    const play = new Play(plan);
    await play.start();
    await play.pass(2000);
    play.clock.freeze(3500);
    await play.pass(14_600);
    const { points } = play.measured().timeline;
    const sent = points.map((point) => point.sent);
    assert.equal(points.length, 20);
    assert.deepEqual(sent.slice(1, 4), [10, 0, 0]);
    assert.deepEqual(sent.slice(6), Array<number>(14).fill(10));
    assert.equal((sent[4] ?? 0) + (sent[5] ?? 0), 40);
    await play.end();
  });

  it('is not saturated by a server that is away', async () => {
    const play = new Play(plan);
    await play.start();
    await play.pass(2000);
    play.server.kill();
    await play.pass(5000);
    play.server.restart();
    await play.pass(13_000);
    const measured = await play.end();
    assert.deepEqual(accountOf(measured, 'notifications'), allWell(200));
    assert.equal(measured.generator.saturated, false);
    assert.ok((measured.hops['send.lag']?.maxMs ?? 0) < 100);
    assert.ok((measured.hops['notification.accepted']?.maxMs ?? 0) > 4000);
  });
});
