import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { Home } from '../../helpers/cli.ts';

const home = new Home();
after(() => home[Symbol.dispose]());

describe('a plan that stops on failure', () => {
  for (const processes of ['1', '2'])
    it(`ends the run when an assertion is broken, and ends with 9: ${processes} processes`, async () => {
      const plan = {
        fleets: [{ id: 'd-{index}', count: 4, notifications: [{ name: 'n', every: '200ms' }] }],
        load: { for: '10m', 'max-loop-delay': '1h' },
        assert: ['notifications.received <= 20'],
        'stop-on-failure': '1s',
      };
      writeFileSync(join(home.work, 'plan.json'), JSON.stringify(plan));
      const run = ['simulate', 'run', 'plan.json', '--embedded', '--processes', processes];
      const { code, stdout, stderr } = await home.run(run);
      assert.equal(code, 9, stderr);
      assert.match(stderr, /stopping: notifications\.received <= 20 does not hold \(it is \d+\)/);
      const { durationMs, plannedMs, interrupted } = JSON.parse(stdout) as Record<string, number | boolean>;
      assert.ok(Number(durationMs) < 60_000, String(durationMs));
      assert.deepEqual([plannedMs, interrupted], [600_000, false]);
    });
});
