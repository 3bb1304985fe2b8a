import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { connect } from '../../../src/client/index.ts';
import { embeddedServer } from '../../helpers/embeddedServer.ts';
import type { Bundle } from '../../../src/simulate/measure/bundle.ts';
import { ended, Home } from '../../helpers/cli.ts';
import { cuttableWay } from '../../helpers/cuttableWay.ts';

const home = new Home();
after(() => home[Symbol.dispose]());

/** More devices than have a subscription each; a loaded machine is no saturated generator. */
const plan = {
  fleets: [{ id: 'd-{index}', count: 120, network: 1, commands: { go: [{ status: 'done' }] } }],
  traffic: [{ command: 'go', rate: '100/s', wait: 'done', timeout: '20s' }],
  load: { for: '5s', 'max-loop-delay': '1h', 'max-send-lag': '1h' },
};

describe('operators of more than a hundred devices in one network', () => {
  it('get all commands through over a restart of the frontend, and harm nothing', async () => {
    await using server = await embeddedServer({ strict: true });
    await using way = await cuttableWay(server.url);
    await using admin = await connect({ url: server.url, credentials: { accessToken: server.accessToken } });
    const pushes = await admin.subscribe('command/subscribe', { names: ['go'] });
    const file = join(home.work, 'plan.json');
    writeFileSync(file, JSON.stringify(plan));
    const env = { DEVICEHIVE_URL: way.url, DEVICEHIVE_TOKEN: server.accessToken };
    const child = home.start(['simulate', 'run', file], { env });
    child.stdin?.end();
    const whole = ended(child);
    let sent = 0;
    for await (const _push of pushes) if (++sent === 100) break;
    await way.cut();
    await way.mend();
    const { stdout, stderr, code } = await whole;
    assert.equal(code, 0, stderr);
    const { ledger, counters } = JSON.parse(stdout) as Bundle;
    const { received, lost, unsent = 0 } = ledger.commands;
    assert.deepEqual({ lost, unsent, told: ledger.updates.lost }, { lost: 0, unsent: 0, told: 0 }, stdout);
    assert.ok(received > 400 && received <= 500, String(received));
    assert.ok((counters['reconnects'] ?? 0) >= 121, stdout);
    assert.deepEqual(server.harms, []);
  });
});
