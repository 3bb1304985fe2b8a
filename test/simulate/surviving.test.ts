import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RunClock } from '../../src/simulate/engine/clock.ts';
import { accountOf, allWell, Play } from './playing.ts';
import { VirtualClock } from './virtualClock.ts';

const notifying = {
  id: 'd-{index}',
  count: 10,
  notifications: [{ name: 'value', every: '100ms', parameters: { n: { counter: {} } } }],
};

/** Returns the payloads of each device in the order of their first sending; repeated ones must be the same. */
function payloads(play: Play): Map<string, string[]> {
  const byDevice = new Map<string, string[]>();
  for (const { deviceId, notification } of play.server.sent('notification/insert')) {
    const own = byDevice.get(String(deviceId)) ?? [];
    byDevice.set(String(deviceId), own);
    const text = JSON.stringify(notification);
    if (!own.includes(text)) own.push(text);
  }
  return byDevice;
}

describe('a run whose server dies and comes back', () => {
  it('loses no notification, sends again what was not acknowledged, and says how often', async () => {
    const play = new Play({ fleets: [notifying], load: { for: '10s' } });
    await play.start();
    await play.pass(2000);
    play.server.isStalled = true;
    await play.pass(150);
    play.server.kill();
    play.server.isStalled = false;
    await play.pass(2000);
    assert.equal(play.recorder.connected, 0);
    play.server.restart();
    await play.pass(8000);
    const measured = await play.end();
    assert.deepEqual(accountOf(measured, 'notifications'), allWell(1000));
    const { repeated = 0, disconnects, reconnects } = measured.counters;
    assert.equal(disconnects, 10);
    assert.equal(measured.counters['plannedDisconnects'], undefined);
    assert.equal(reconnects, 10);
    assert.ok(repeated >= 10 && repeated <= 30, String(repeated));
    assert.equal(play.server.sent('notification/insert').length, 1000 + repeated);
    for (const own of payloads(play).values()) {
      assert.deepEqual(
        own,
        Array.from({ length: 100 }, (_, n) => `{"notification":"value","parameters":{"n":${n}}}`),
      );
    }
    assert.equal(play.server.linkCount, 0);
  });

  it('registers the devices again where the server has lost its memory, and subscribes from where they were', async () => {
    const play = new Play({ fleets: [{ ...notifying, notifications: [] }] });
    await play.start();
    play.server.kill();
    await play.pass(1000);
    play.server.restart();
    await play.pass(10_000);
    assert.equal(play.recorder.connected, 10);
    assert.equal(play.server.sent('device/save').length, 20);
    const [again] = play.server.sent('command/subscribe').slice(10);
    assert.deepEqual([again?.['timestamp'], again?.['limit']], [undefined, undefined]);
    const [list] = play.server.sent('command/list');
    assert.deepEqual([typeof list?.['start'], list?.['take']], ['string', 20]);
    await play.end();
  });

  it('misses no command that was sent while a device was away, and takes none twice', async () => {
    const play = new Play({ fleets: [{ id: 'd', faults: { disconnect: 'every 10s for 3s' } }], load: { for: '60s' } });
    await play.start();
    for (let second = 0; second < 55; second++) {
      play.server.ask('command/insert', { deviceId: 'd', command: { command: 'go', parameters: { second } } });
      await play.pass(1000);
    }
    await play.pass(4000);
    const measured = await play.end();
    assert.deepEqual(accountOf(measured, 'commands'), allWell(55));
    assert.deepEqual(accountOf(measured, 'updates'), allWell(55));
    assert.ok((measured.counters['disconnects'] ?? 0) >= 5);
  });

  it('does no harm to a server whose commands of the meantime are too large for one reply', async () => {
    const play = new Play({ fleets: [{ id: 'd', faults: { disconnect: 'every 10s for 3s' } }], load: { for: '20s' } });
    await play.start();
    const away = () => play.recorder.connected === 0;
    for (let ms = 0; !away() && ms < 11_000; ms += 100) await play.pass(100);
    assert.ok(away());
    const parameters = { text: 'x'.repeat(900) };
    for (let number = 0; number < 1500; number++) {
      play.server.ask('command/insert', { deviceId: 'd', command: { command: 'go', parameters } });
      if (number % 10 === 0) await play.pass(1);
    }
    await play.pass(8000);
    const measured = await play.end();
    assert.deepEqual(accountOf(measured, 'commands'), allWell(1500));
    assert.deepEqual(accountOf(measured, 'updates'), allWell(1500));
    assert.deepEqual(play.server.hive.harms.list(), []);
  });

  it('misses no command either when the clock of this machine is put forward meanwhile', async () => {
    const server = new VirtualClock();
    let forwardMs = 0;
    const clock: RunClock = {
      nowMs: () => server.nowMs(),
      epochMs: () => server.epochMs() + forwardMs,
      timer: (run) => server.timer(run),
    };
    const plan = { fleets: [{ id: 'd', faults: { disconnect: 'every 10s for 3s' } }], load: { for: '40s' } };
    const play = new Play(plan, { clock }, undefined, server);
    await play.start();
    forwardMs = 3_600_000;
    for (let second = 0; second < 35; second++) {
      play.server.ask('command/insert', { deviceId: 'd', command: { command: 'go', parameters: { second } } });
      await play.pass(1000);
    }
    const measured = await play.end();
    assert.deepEqual(accountOf(measured, 'commands'), allWell(35));
  });

  it('sends updates again that were not acknowledged', async () => {
    const play = new Play({ fleets: [{ id: 'd', commands: { '*': [{ status: 'done', after: '1s' }] } }] });
    await play.start();
    play.server.ask('command/insert', { deviceId: 'd', command: { command: 'go' } });
    await play.pass(500);
    play.server.isStalled = true;
    await play.pass(600);
    play.server.dropAll();
    play.server.isStalled = false;
    await play.pass(1000);
    const measured = await play.end();
    assert.equal(play.server.sent('command/update').length, 2);
    assert.equal(measured.counters['repeated'], 1);
    assert.deepEqual(accountOf(measured, 'commands'), allWell(1));
    assert.deepEqual(accountOf(measured, 'updates'), allWell(1));
  });

  it('lets operators hear of updates that came while they were away', async () => {
    const play = new Play({
      fleets: [{ id: 'd-{index}', count: 3, commands: { go: [{ status: 'done', after: '700ms' }] } }],
      traffic: [{ command: 'go', rate: '10/s' }],
      load: { for: '5s' },
    });
    await play.start();
    await play.pass(1500);
    play.run.operators?.lose(500);
    await play.pass(6000);
    const measured = await play.end();
    assert.deepEqual(accountOf(measured, 'commands'), allWell(50));
    assert.deepEqual(accountOf(measured, 'updates'), allWell(50));
    assert.equal(measured.hops['command.total']?.count, 50);
  });

  it('ends as soon as operators have sent what they owed when the time was over', async () => {
    const play = new Play({
      fleets: [{ id: 'd-{index}', count: 3 }],
      traffic: [{ command: 'go', rate: '10/s', timeout: '2s' }],
      load: { for: '5s' },
    });
    await play.start();
    await play.pass(4000);
    play.run.operators?.lose(1500);
    await play.pass(1100);
    const endedMs = play.clock.nowMs();
    const measured = await play.end(30_000);
    assert.deepEqual(accountOf(measured, 'commands'), allWell(50));
    assert.ok(play.clock.nowMs() - endedMs < 2000, String(play.clock.nowMs() - endedMs));
  });

  it('reports a subscription that could not be renewed, and makes it over another connection', async () => {
    const play = new Play({
      fleets: [{ id: 'd' }],
      traffic: [{ command: 'go', rate: '1/s' }],
      load: { for: '1m' },
    });
    await play.start();
    await play.pass(1000);
    play.server.ask('device/delete', { deviceId: 'd' });
    play.run.operators?.lose(0);
    await play.pass(100);
    // here the server did not know the device; now it does not answer
    play.server.isStalled = true;
    await play.pass(11_000);
    const subscribed = play.server.sent('command/subscribe').length;
    play.server.isStalled = false;
    await play.pass(5000);
    const { errors } = await play.end();
    assert.ok(
      errors.some(({ text }) => text.startsWith('command/subscribe: no reply')),
      JSON.stringify(errors),
    );
    assert.ok(play.server.sent('command/subscribe').length > subscribed);
  });

  it('accounts for commands that went with the memory of the server', async () => {
    const play = new Play({
      fleets: [{ ...notifying, notifications: [], commands: { go: [{ status: 'done', after: '500ms' }] } }],
      traffic: [{ command: 'go', rate: '20/s', timeout: '2s' }],
      load: { for: '10s' },
    });
    await play.start();
    await play.pass(3000);
    play.server.kill();
    await play.pass(1000);
    play.server.restart();
    await play.pass(7000);
    const measured = await play.end(1000);
    const commands = accountOf(measured, 'commands');
    const updates = accountOf(measured, 'updates');
    const accepted = measured.hops['command.accepted']?.count ?? 0;
    // every command that was accepted was received: the server pushed it before it died
    assert.deepEqual(commands, allWell(accepted));
    // those that were due while the server was away were sent when it was back, and their devices
    assert.equal(accepted, 200);
    // commands whose answers were pending when it died are all forgotten
    assert.equal(updates['expected'], accepted);
    assert.equal(updates['lost'], 10);
    const gone = measured.errors.find(({ text }) => text.includes('has no such command'));
    assert.equal(gone?.count, 10);
    assert.equal(measured.counters['unanswered'], 10);
    assert.equal(measured.hops['command.total']?.count, accepted - 10);
  });
});
