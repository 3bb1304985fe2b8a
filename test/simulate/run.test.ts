import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RunClock } from '../../src/simulate/engine/clock.ts';
import { accountOf, allWell, Play } from './playing.ts';
import { VirtualClock } from './virtualClock.ts';

const fleet = {
  id: 'd-{index}',
  count: 5,
  notifications: [{ name: 'value', every: '1s', parameters: { n: { counter: {} } } }],
};

describe('a run', () => {
  it('registers and subscribes every device before its clock begins', async () => {
    const play = new Play({ fleets: [fleet], load: { for: '10s' } });
    await play.start();
    assert.equal(play.recorder.connected, 5);
    assert.deepEqual(
      play.server.sent('device/save').map(({ deviceId, device }) => [deviceId, device]),
      [0, 1, 2, 3, 4].map((index) => [`d-${index}`, { name: `d-${index}` }]),
    );
    assert.equal(play.server.sent('command/subscribe').length, 5);
    assert.equal(play.server.sent('notification/insert').length, 0);
    await play.end();
  });

  it('connects to nothing where it is stopped before', async () => {
    const play = new Play({ fleets: [fleet] });
    play.run.stop();
    await play.run.prepare();
    await play.pass(1000);
    assert.equal(play.server.opens, 0);
    await play.end();
  });

  it('sends every notification that the plan has, and ends by itself', async () => {
    const play = new Play({ fleets: [fleet], load: { for: '10s' } });
    await play.start();
    await play.pass(11_000);
    await play.run.over;
    const measured = await play.end();
    assert.deepEqual(accountOf(measured, 'notifications'), allWell(50));
    assert.equal(play.server.sent('notification/insert').length, 50);
    assert.equal(measured.hops['notification.accepted']?.count, 50);
    assert.deepEqual(measured.errors, []);
    assert.equal(play.server.linkCount, 0);
  });

  it('sends notifications that were due when it is stopped, although their timers have not fired', async () => {
    const server = new VirtualClock();
    let lateMs = 0;
    const clock: RunClock = {
      nowMs: () => server.nowMs() + lateMs,
      epochMs: () => server.epochMs() + lateMs,
      timer: (run) => server.timer(run),
    };
    const notifications = [{ name: 'n', every: '100ms' }];
    const plan = { fleets: [{ id: 'd-{index}', count: 5, notifications }], traffic: [{ command: 'go', rate: '10/s' }] };
    const play = new Play(plan, { clock }, undefined, server);
    await play.start();
    await play.pass(1000);
    lateMs = 500;
    play.run.stop();
    const stoppedMs = server.nowMs();
    const measured = await play.end(5000);
    assert.deepEqual(accountOf(measured, 'notifications'), allWell(75));
    assert.equal(measured.ledger.commands.lost, 0);
    assert.deepEqual(measured.errors, []);
    assert.ok(server.nowMs() - stoppedMs < 2000, String(server.nowMs() - stoppedMs));
  });

  it('answers commands from others, which count as expected', async () => {
    const play = new Play({ fleets: [{ ...fleet, notifications: [] }] });
    await play.start();
    for (let index = 0; index < 5; index++) {
      play.server.ask('command/insert', { deviceId: `d-${index}`, command: { command: 'reboot' } });
    }
    await play.pass(100);
    const measured = await play.end();
    assert.deepEqual(accountOf(measured, 'commands'), allWell(5));
    assert.deepEqual(accountOf(measured, 'updates'), allWell(5));
    assert.deepEqual(
      play.server.sent('command/update').map(({ command }) => command),
      Array.from({ length: 5 }, () => ({ status: 'done' })),
    );
  });

  it('lets operators send commands and hear of their ends', async () => {
    const play = new Play({
      fleets: [
        {
          ...fleet,
          notifications: [],
          commands: {
            go: [
              { status: 'busy', after: '10ms' },
              { status: 'done', after: '20ms' },
            ],
          },
        },
      ],
      traffic: [{ command: 'go', rate: '10/s', wait: 'done' }],
      load: { for: '5s' },
    });
    await play.start();
    await play.pass(5000);
    const measured = await play.end();
    assert.deepEqual(accountOf(measured, 'commands'), allWell(50));
    assert.deepEqual(accountOf(measured, 'updates'), allWell(100));
    assert.equal(measured.hops['command.total']?.count, 50);
    assert.equal(measured.hops['command.delivered']?.count, 50);
    assert.equal(measured.hops['command.handled']?.count, 50);
    assert.equal(measured.hops['command.told']?.count, 100);
    assert.ok(measured.hops['command.total'].minMs >= 30);
    assert.deepEqual(measured.counters['unanswered'], undefined);
    assert.deepEqual(measured.errors, []);
  });
});
