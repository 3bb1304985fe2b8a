import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { devicesOf, isPlayedHere, isSentHere } from '../../src/simulate/engine/share.ts';
import { addAccounts } from '../../src/simulate/measure/ledger.ts';
import { accountOf, allWell, endAll, Play, startAll } from './playing.ts';

const plan = {
  seed: 9,
  fleets: [
    {
      id: 'd-{index}',
      count: 17,
      notifications: [
        { name: 'value', every: '500ms', jitter: '20%', parameters: { v: { walk: { from: 0, to: 9, step: 1 } } } },
      ],
      commands: { go: [{ status: 'done', after: { uniform: ['1ms', '50ms'] }, result: { r: { uniform: [0, 1] } } }] },
      faults: { 'duplicate-reply': '10%' },
    },
  ],
  traffic: [{ command: 'go', rate: '30/s', parameters: { n: { counter: {} } } }],
  load: { for: '10s' },
};

/** Returns what each device received and sent, in order; the ids of commands are the server's. */
function said({ server }: Play): string[] {
  return server.frames
    .filter(({ action }) => ['notification/insert', 'command/insert', 'command/update'].includes(String(action)))
    .map(({ commandId: _id, ...frame }) => JSON.stringify(frame))
    .sort();
}

async function played(options: ConstructorParameters<typeof Play>[1], rest: object = {}): Promise<Play> {
  const play = new Play({ ...plan, ...rest }, options);
  await play.start();
  await play.pass(10_000);
  await play.end();
  return play;
}

describe('one run in several parts', () => {
  it('sends byte for byte what it sends in one, whatever the connections and the processes', async () => {
    const one = await played({});
    const whole = said(one);
    assert.ok(whole.length > 900);
    assert.deepEqual(said(await played({ connections: 3 })), whole);
    for (const count of [2, 3]) {
      // all parts against one server, at the same time
      const first = new Play(plan, { part: { index: 0, count } });
      const plays = [first];
      for (let index = 1; index < count; index++) {
        plays.push(new Play(plan, { part: { index, count } }, first.server, first.clock));
      }
      await startAll(plays);
      await first.pass(10_000);
      const all = await endAll(plays);
      assert.deepEqual(said(first), whole);
      for (const name of ['commands', 'notifications', 'updates'] as const) {
        const sum = addAccounts(all.map(({ ledger }) => ledger[name]));
        assert.deepEqual(sum, accountOf(one.measured(), name), name);
        assert.equal(sum.lost, 0);
      }
    }
  });

  it('adds up over shards, whose operators send to the devices of others', async () => {
    const whole = said(await played({}));
    const count = 3;
    const first = new Play(plan, { shard: { index: 0, count } });
    const plays = [first];
    for (let index = 1; index < count; index++) {
      plays.push(new Play(plan, { shard: { index, count } }, first.server, first.clock));
    }
    await startAll(plays);
    await first.pass(10_000);
    const all = await endAll(plays);
    assert.deepEqual(said(first), whole);
    const commands = addAccounts(all.map(({ ledger }) => ledger.commands));
    assert.deepEqual(commands, allWell(300));
    assert.equal(
      all.reduce((sum, { hops }) => sum + (hops['command.total']?.count ?? 0), 0),
      300,
    );
  });

  it('plays every device and sends every command exactly once', () => {
    for (const [shards, parts] of [
      [1, 1],
      [3, 2],
      [5, 4],
    ] as const) {
      const shares = Array.from({ length: shards * parts }, (_, index) => ({
        shard: { index: index % shards, count: shards },
        part: { index: Math.floor(index / shards), count: parts },
      }));
      const played = shares.flatMap((share) => devicesOf(101, share));
      assert.deepEqual(
        played.sort((one, other) => one - other),
        Array.from({ length: 101 }, (_, g) => g),
      );
      for (const share of shares) for (const g of devicesOf(101, share)) assert.ok(isPlayedHere(g, share));
      for (let k = 0; k < 200; k++) {
        const own = shares.filter((share) => k % shards === share.shard.index);
        for (const target of [0, 17, 100]) {
          assert.equal(own.filter((share) => isSentHere({ target, k }, share)).length, 1);
        }
      }
    }
  });

  it('keeps the other devices of a connection when one of them goes away', async () => {
    const play = new Play(
      {
        fleets: [
          { id: 'calm-{index}', count: 3, notifications: [{ name: 'value', every: '1s' }] },
          { id: 'shaky', notifications: [{ name: 'value', every: '1s' }], faults: { disconnect: 'every 5s for 2s' } },
        ],
        load: { for: '20s' },
      },
      { connections: 1 },
    );
    await play.start();
    const counts = new Set<number>();
    for (let step = 0; step < 200; step++) {
      await play.pass(100);
      counts.add(play.recorder.connected);
    }
    const measured = await play.end();
    assert.deepEqual([...counts].sort(), [3, 4]);
    assert.equal(play.server.opens, 1);
    assert.equal(measured.ledger.notifications.received, 80);
    assert.ok((measured.counters['disconnects'] ?? 0) >= 3);
  });
});
