import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { plannedEvents, type JsonFields } from '../../src/simulate/plan/index.ts';
import { Play } from './playing.ts';
import { planOf } from './plans.ts';

const plan: JsonFields = {
  seed: 11,
  fleets: [
    {
      id: 't-{index}',
      count: 25,
      notifications: [
        {
          name: 'temperature',
          every: '3s',
          jitter: '20%',
          parameters: { value: { walk: [18, 26, 0.3] }, n: '$randint' },
        },
        { name: 'serial', every: '10s', parameters: { id: { uuid: {} }, from: { enum: { a: 2, b: 1 } } } },
      ],
    },
    { id: 'd-{index}', count: 5, notifications: [{ name: 'open', every: '7s' }] },
  ],
  traffic: [{ command: 'look', parameters: { at: { counter: {} }, how: { normal: [0, 1] } }, rate: '4/s' }],
  load: { for: '30s' },
};

/** Returns what was sent, by device, in an order that does not depend on time. */
function told(list: readonly (readonly [device: unknown, name: unknown, parameters: unknown])[]): string[] {
  return list.map((one) => JSON.stringify(one.map((part) => part ?? null))).sort();
}

describe('a run', () => {
  it('sends byte for byte what simulate plan shows', async () => {
    const planned = { notification: [] as string[], command: [] as string[] };
    for await (const events of plannedEvents(planOf(plan), { index: 0, count: 1 }, { originMs: 0 })) {
      for (const { kind, device, name, parameters } of events)
        if (kind === 'notification' || kind === 'command') planned[kind].push(...told([[device, name, parameters]]));
    }
    const play = new Play(plan);
    await play.start();
    await play.pass(30_000);
    await play.end();
    const sent = (action: 'notification' | 'command') =>
      play.server.sent(`${action}/insert`).map(({ deviceId, [action]: message }) => {
        const { [action]: name, parameters } = message as JsonFields;
        return [deviceId, name, parameters] as const;
      });
    assert.ok(planned.notification.length > 300 && planned.command.length === 120);
    assert.deepEqual(told(sent('notification')), planned.notification.sort());
    assert.deepEqual(told(sent('command')), planned.command.sort());
  });
});
