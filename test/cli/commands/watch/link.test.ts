import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, it } from 'node:test';
import { connect } from '../../../../src/client/index.ts';
import { WatchLink } from '../../../../src/cli/commands/watch/link.ts';
import { watchPlan, type WatchValues } from '../../../../src/cli/commands/watch/plan.ts';
import { contextOf } from '../../../../src/cli/target/context.ts';
import { isFrame } from '../../../../src/protocol/frames.ts';
import { HeldTime } from '../../../helpers/heldTime.ts';
import { Home } from '../../../helpers/cli.ts';
import { startServer } from '../../../helpers/runningServer.ts';
import { FakeIo } from '../../fakeIo.ts';

const minuteMs = 60_000;

describe('a watch of a device that is deleted and made anew', () => {
  it('subscribes again, says so, and brings what it missed, then what is new', async () => {
    using home = new Home();
    await using server = await startServer(home);
    const { url, accessToken } = server.ready;
    await using connection = await connect({ url, credentials: { accessToken } });
    const insert = (name: string) =>
      connection.request('command/insert', { deviceId: 'd1', command: { command: name } });
    using time = new HeldTime();
    const io = new FakeIo();
    const values: WatchValues = { url, token: accessToken, device: ['d1'] };
    const context = await contextOf({ io, values });
    const settings = { ...context.settings, pingMs: 0 };
    const plan = await watchPlan('command/subscribe', context);
    const link = await WatchLink.open(plan, { ...context, settings });
    const [before] = link.ready.subscriptionIds;
    const names = new Set<unknown>();
    const reading = (async () => {
      for await (const { command } of link.pushes()) names.add(isFrame(command) ? command['command'] : undefined);
    })();
    await connection.request('device/delete', { deviceId: 'd1' });
    await connection.request('device/save', { deviceId: 'd1', device: { name: 'd1', networkId: 1, deviceTypeId: 1 } });
    await insert('missed');
    time.pass(minuteMs);
    while (!io.stderr.includes('subscribed again')) await turn();
    await insert('live');
    while (!names.has('live')) await turn();
    // Held time is no time to the server: the command that it began with is replayed too.
    assert.deepEqual([...names], ['blink', 'missed', 'live']);
    assert.match(io.stderr, /^d1: deleted and made anew; subscribed again, and what was missed is replayed$/m);
    assert.notEqual(link.ready.subscriptionIds[0], before);
    await link.finish();
    await reading;
    await link.close();
  });
});
