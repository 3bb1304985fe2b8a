import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { devicesOf, isPlayedHere } from '../../src/simulate/engine/share.ts';
import { addAccounts } from '../../src/simulate/measure/ledger.ts';
import { accountOf, allWell, endAll, Play, startAll, type Measured } from './playing.ts';

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

/** Makes the plays of all shards of the plan, on one server. */
function shards(count: number): [Play, ...Play[]] {
  const first = new Play(plan, { shard: { index: 0, count } });
  const others = Array.from(
    { length: count - 1 },
    (_, index) => new Play(plan, { shard: { index: index + 1, count } }, first.server, first.clock),
  );
  return [first, ...others];
}

/** All 300 commands of the plan arrived, and every part of every conversation was timed. */
function assertWhole(all: readonly Measured[]): void {
  assert.deepEqual(addAccounts(all.map(({ ledger }) => ledger.commands)), allWell(300));
  for (const hop of ['command.accepted', 'command.delivered', 'command.told', 'command.total']) {
    const samples = all.reduce((sum, { hops }) => sum + (hops[hop]?.count ?? 0), 0);
    assert.equal(samples, hop === 'command.told' ? addAccounts(all.map(({ ledger }) => ledger.updates)).received : 300);
  }
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

  it('adds up over shards, each of which commands its own devices, and measures every hop of it', async () => {
    const whole = said(await played({}));
    const plays = shards(3);
    const [first] = plays;
    await startAll(plays);
    await first.pass(10_000);
    const all = await endAll(plays);
    assert.deepEqual(said(first), whole);
    assertWhole(all);
  });

  it('loses nothing where shards start and end long after each other', async () => {
    const plays = shards(3);
    const [first] = plays;
    const all = [];
    for (const play of plays) {
      await play.start();
      await first.pass(3000);
    }
    for (const play of plays) {
      await first.pass(3000);
      all.push(await play.end());
    }
    assertWhole(all);
  });

  it('plays every device exactly once', () => {
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
