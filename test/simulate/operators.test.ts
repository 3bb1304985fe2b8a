import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { JsonFields } from '../../src/simulate/plan/index.ts';
import { accountOf, allWell, Play } from './playing.ts';

/** More devices than have a subscription of their own, each commanded once. */
const plan = (fleet: Readonly<Record<string, number>>): JsonFields => ({
  fleets: [{ id: 'd-{index}', count: 120, ...fleet }],
  traffic: [{ command: 'go', rate: '30/s' }],
  load: { for: '4s' },
});

/** Returns the operators' subscriptions, which are those to updates. */
async function subscriptions(fleet: Readonly<Record<string, number>>, shouldRestart = false): Promise<unknown[]> {
  const play = new Play(plan(fleet));
  await play.start();
  await play.pass(1000);
  if (shouldRestart) {
    play.server.dropAll();
    await play.pass(12_000);
  } else await play.pass(3000);
  const measured = await play.end();
  if (!shouldRestart) assert.deepEqual(accountOf(measured, 'commands'), allWell(120));
  return play.server
    .sent('command/subscribe')
    .filter(({ returnUpdatedCommands, deviceId }) => returnUpdatedCommands === true && deviceId === undefined)
    .map(({ networkIds, deviceTypeIds }) => ({ networkIds, deviceTypeIds }));
}

describe('operators of many devices', () => {
  const deviceTypeIds = [1, 2, 3, 4, 5, 6, 7, 8];

  it('subscribe to the networks of the plan and to all device types', async () => {
    assert.deepEqual(await subscriptions({ network: 1 }), [{ networkIds: [1], deviceTypeIds }]);
  });

  it('subscribe to the device types of the plan where it says which', async () => {
    assert.deepEqual(await subscriptions({ network: 1, deviceType: 2 }), [{ networkIds: [1], deviceTypeIds: [2] }]);
  });

  it('name both lists again over the next connection', async () => {
    const both = { networkIds: [1], deviceTypeIds };
    assert.deepEqual(await subscriptions({ network: 1 }, true), [both, both]);
  });

  it('hear everything where the plan names no network and the token reaches all', async () => {
    assert.deepEqual(await subscriptions({}), [{ networkIds: undefined, deviceTypeIds: undefined }]);
  });
});
