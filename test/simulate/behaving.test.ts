import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Frame } from '../../src/protocol/frames.ts';
import type { Behaviour, BehaviourHost, JsonFields } from '../../src/simulate/plan/model.ts';
import { accountOf, allWell, Play } from './playing.ts';
import { planOf } from './plans.ts';

function insert(play: Play, deviceId: string, command: Frame): void {
  const reply = play.server.ask('command/insert', { deviceId, command });
  assert.equal(reply['status'], 'success');
}

/** Returns a run whose devices follow a module. */
function behaving(content: JsonFields, start: Behaviour['start']): Play {
  const behaviour: Behaviour = { file: 'lamp.ts', commands: ['*'], answers: () => true, start };
  const { fleets, ...plan } = planOf(content);
  return new Play(content, { plan: { ...plan, fleets: fleets.map((fleet) => ({ ...fleet, behaviour })) } });
}

describe('a simulated device', () => {
  it('leaves properties that the plan does not mention as they are on the server', async () => {
    const play = new Play({ fleets: [{ id: 'lamp' }, { id: 'door', name: 'Door', data: { wing: 'east' } }] });
    for (const deviceId of ['lamp', 'door']) {
      play.server.ask('device/save', { deviceId, device: { name: 'Old', data: { room: 7 } } });
    }
    play.server.frames.length = 0;
    await play.start();
    assert.deepEqual(
      play.server.sent('device/save').map(({ device }) => device),
      [
        { name: 'Old', data: { room: 7 } },
        { name: 'Door', data: { wing: 'east' } },
      ],
    );
    await play.end();
  });

  it('answers a command once, also one without a name, which DeviceHive pushes twice', async () => {
    const play = new Play({ fleets: [{ id: 'd' }] });
    await play.start();
    insert(play, 'd', { parameters: { a: 1 } });
    await play.pass(10);
    const measured = await play.end();
    assert.equal(play.server.sent('command/update').length, 1);
    assert.deepEqual(accountOf(measured, 'commands'), { ...allWell(1), duplicated: 1 });
  });

  it('does not carry out a command whose lifetime is over', async () => {
    const play = new Play({ fleets: [{ id: 'd' }] });
    await play.start();
    play.run.operators?.close();
    const old = new Date(play.clock.epochMs() - 20_000).toISOString();
    insert(play, 'd', { command: 'late', timestamp: old, lifetime: 10 });
    insert(play, 'd', { command: 'in time', timestamp: old, lifetime: 30 });
    insert(play, 'd', { command: 'no lifetime', timestamp: old, lifetime: 0 });
    await play.pass(10);
    const measured = await play.end();
    assert.equal(play.server.sent('command/update').length, 2);
    assert.deepEqual(accountOf(measured, 'commands'), allWell(3));
  });

  it('reports the steps of one command one after the other, and changes its state with them', async () => {
    const play = new Play({
      fleets: [
        {
          id: 'd',
          state: { mode: 'auto' },
          commands: {
            set: [
              { status: 'accepted', after: '10ms' },
              {
                status: 'done',
                after: '90ms',
                set: { mode: { parameter: 'mode' } },
                result: { mode: { state: 'mode' } },
              },
            ],
          },
          notifications: [{ name: 'mode', every: '1s', parameters: { mode: { state: 'mode' } } }],
        },
      ],
    });
    await play.start();
    insert(play, 'd', { command: 'set', parameters: { mode: 'eco' } });
    await play.pass(2000);
    await play.end();
    assert.deepEqual(
      play.server.sent('command/update').map(({ command }) => command),
      [{ status: 'accepted' }, { status: 'done', result: { mode: 'eco' } }],
    );
    const modes = play.server.sent('notification/insert').map(({ notification }) => notification as Frame);
    assert.deepEqual(modes.at(-1)?.['parameters'], { mode: 'eco' });
  });

  it('sends the next update only when the one before is acknowledged', async () => {
    const steps = [{ status: 'one' }, { status: 'two' }, { status: 'three' }];
    const play = new Play({ fleets: [{ id: 'd', commands: { go: steps } }] });
    await play.start();
    insert(play, 'd', { command: 'go' });
    play.server.isStalled = true;
    await play.pass(500);
    assert.equal(play.server.sent('command/update').length, 1);
    play.server.resume();
    await play.pass(500);
    assert.equal(play.server.sent('command/update').length, 3);
    await play.end();
  });

  it('loses and repeats answers, as the plan says', async () => {
    const play = new Play({
      fleets: [{ id: 'd-{index}', count: 10, faults: { 'drop-reply': '20%', 'duplicate-reply': '20%' } }],
      traffic: [{ command: 'go', rate: '100/s', timeout: '500ms' }],
      load: { for: '5s' },
    });
    await play.start();
    await play.pass(5000);
    const measured = await play.end();
    const updates = accountOf(measured, 'updates');
    const copies = updates['duplicated'] ?? 0;
    const dropped = measured.counters['unanswered'] ?? 0;
    assert.deepEqual(accountOf(measured, 'commands'), allWell(500));
    assert.equal(updates['lost'], 0);
    assert.equal(updates['expected'], 500 - dropped);
    assert.ok(dropped > 60 && dropped < 140, String(dropped));
    assert.ok(copies > 40 && copies < 120, String(copies));
    assert.equal(play.server.sent('command/update').length, 500 - dropped + copies);
  });

  it('tells of the faults that it makes that they are planned', async () => {
    const play = (faults: Frame) =>
      new Play({
        fleets: [{ id: 'd-{index}', count: 1, faults }],
        traffic: [{ command: 'go', rate: '1/s', timeout: '500ms' }],
        load: { for: '3s' },
      });
    const told = async (faults: Frame) => {
      const one = play(faults);
      await one.start();
      await one.pass(3000);
      await one.end();
      return new Set(one.recorder.snapshot().recent.map(({ text }) => text));
    };
    assert.deepEqual(await told({ 'drop-reply': '100%' }), new Set(['go → done, dropped as planned']));
    assert.deepEqual(await told({ 'duplicate-reply': '100%' }), new Set(['go → done, sent twice as planned']));
    assert.ok((await told({ disconnect: 'every 1s for 100ms' })).has('connection lost as planned'));
  });

  it('comes back with all others at once in a reconnect storm, and loses nothing', async () => {
    const play = new Play({
      fleets: [
        {
          id: 'd-{index}',
          count: 20,
          notifications: [{ name: 'value', every: '1s' }],
          faults: { 'reconnect-storm': 'at 3s for 2s' },
        },
      ],
      load: { for: '10s' },
    });
    await play.start();
    await play.pass(2999);
    assert.equal(play.recorder.connected, 20);
    await play.pass(1000);
    assert.equal(play.recorder.connected, 0);
    await play.pass(1010);
    assert.equal(play.recorder.connected, 20);
    await play.pass(6000);
    const measured = await play.end();
    assert.deepEqual(accountOf(measured, 'notifications'), allWell(200));
    assert.deepEqual(
      ['disconnects', 'plannedDisconnects', 'reconnects'].map((name) => measured.counters[name]),
      [20, 20, 20],
    );
    assert.deepEqual(measured.errors, []);
  });

  it('delays the end of the run only while answers of a module are on their way', async () => {
    const play = behaving(
      { fleets: [{ id: 'd' }], traffic: [{ command: 'go', rate: '10/s' }], load: { for: '2s' } },
      () => ({
        command: (_command, update) => {
          update({ status: 'done', times: 1 });
          return undefined;
        },
        stop: () => undefined,
      }),
    );
    await play.start();
    await play.pass(2100);
    const endedMs = play.clock.nowMs();
    const measured = await play.end();
    assert.deepEqual(accountOf(measured, 'updates'), allWell(20));
    assert.ok(play.clock.nowMs() - endedMs < 1000, String(play.clock.nowMs() - endedMs));
  });

  it('keeps a limited number of notifications of a module while the server is away, and reports the others', async () => {
    let host: BehaviourHost | undefined;
    const play = behaving({ fleets: [{ id: 'd' }] }, (_device, _state, given) => {
      host = given;
      return { command: () => undefined, stop: () => undefined };
    });
    await play.start();
    play.server.kill();
    for (let count = 0; count < 100_005; count++) host?.notify('value', undefined);
    const { errors, ledger } = await play.end(10);
    assert.deepEqual([ledger.notifications.lost, ledger.notifications.unsent], [0, 100_005]);
    const omitted = errors.find(({ text }) => text === 'notification/insert: not sent, because too many wait already');
    assert.equal(omitted?.count, 5);
  });

  it('lets a module finish its work when the end comes', async () => {
    const play = behaving(
      { fleets: [{ id: 'd' }], traffic: [{ command: 'go', rate: '10/s' }], load: { for: '2s' } },
      (_device, _state, host) => {
        let isStopped = false;
        return {
          command: (_command, update) =>
            new Promise((resolve) => {
              host.schedule(700, () => {
                if (!isStopped) update({ status: 'done', times: 1 });
                resolve();
              });
            }),
          stop: () => (isStopped = true),
        };
      },
    );
    await play.start();
    await play.pass(2100);
    const measured = await play.end();
    assert.deepEqual(accountOf(measured, 'updates'), allWell(20));
    assert.equal(measured.hops['command.total']?.count, 20);
  });

  it('is removed where the run is stopped while its devices are registered', async () => {
    const play = new Play({ fleets: [{ id: 'd-{index}', count: 300 }] }, { connections: 1 });
    const take = play.server.take.bind(play.server);
    play.server.take = (text, session) => {
      take(text, session);
      if (text.includes('"device/save"')) play.run.stop();
    };
    void play.run.prepare();
    await play.pass(1);
    const left = play.run.cleanUp(1000);
    await play.pass(100);
    assert.equal(await left, 0);
    play.run.close();
    assert.ok(play.server.sent('device/save').length < 300);
    const { devices } = play.server.ask('device/list', { namePattern: 'd-%', take: 300 });
    assert.deepEqual(devices, []);
  });

  it('is removed at the end where the run has made it, and only there', async () => {
    const play = new Play({ fleets: [{ id: 'd-{index}', count: 4 }] });
    play.server.ask('device/save', { deviceId: 'd-2', device: { name: 'mine' } });
    await play.start();
    play.run.stop();
    const left = play.run.cleanUp(1000);
    await play.pass(100);
    assert.equal(await left, 0);
    play.run.close();
    const { devices } = play.server.ask('device/list', { namePattern: '%', take: 10 });
    const ids = (devices as Frame[]).map(({ id }) => String(id));
    assert.deepEqual(
      ids.filter((id) => id.startsWith('d-')),
      ['d-2'],
    );
  });
});

describe('a run', () => {
  it('ends when a device may not be registered', async () => {
    const play = new Play({ fleets: [{ id: 'd', network: 99 }] });
    await assert.rejects(play.start(), /Invalid request parameters/);
    play.run.close();
  });

  it('ends when the server cannot be reached at first', async () => {
    const play = new Play({ fleets: [{ id: 'd' }] });
    play.server.kill();
    await assert.rejects(play.start(), /connection refused/);
    play.run.close();
  });

  it('retries the first connection where that is wanted', async () => {
    const play = new Play({ fleets: [{ id: 'd' }] }, { retries: 10 });
    play.server.kill();
    play.clock.schedule(2000, () => play.server.restart());
    await play.start();
    assert.ok(play.server.opens > 2);
    await play.end();
  });

  it('brings devices in one by one with a ramp, on few connections too', async () => {
    for (const connections of [undefined, 3]) {
      const plan = {
        fleets: [{ id: 'd-{index}', count: 20, notifications: [{ name: 'value', every: '1s' }] }],
        load: { ramp: '2/s', for: '20s' },
      };
      const play = new Play(plan, connections === undefined ? {} : { connections });
      void play.run.prepare().then(() => play.run.begin());
      await play.pass(5100);
      assert.equal(play.recorder.connected, 11);
      await play.pass(15_000);
      const measured = await play.end();
      // the devices notify for 20, 19.5, 19 … s
      const first = new Set(play.server.sent('notification/insert').map(({ deviceId }) => deviceId));
      assert.equal(first.size, 20);
      const { expected = 0, received } = accountOf(measured, 'notifications');
      assert.equal(received, expected);
      assert.ok(expected > 290 && expected < 320, String(expected));
      assert.equal(measured.ledger.notifications.lost, 0);
    }
  });
});
