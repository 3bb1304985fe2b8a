import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { Bundle } from '../../../src/simulate/measure/bundle.ts';
import { bin, ended, Home } from '../../helpers/cli.ts';
import { changedUntil } from '../../helpers/folderChanges.ts';
import { startServer } from '../../helpers/runningServer.ts';

const home = new Home();
after(() => home[Symbol.dispose]());
// neither ps nor limits of this kind
const skip = process.platform === 'win32';

describe('one machine', { skip }, () => {
  it('ends with 11 when one of its processes dies, and keeps what the others have measured', async () => {
    await using server = await startServer(home);
    const env = { DEVICEHIVE_URL: server.ready.url, DEVICEHIVE_TOKEN: server.ready.accessToken };
    const plan = join(home.work, 'plan.json');
    const fleets = [{ id: 'd-{index}', count: 6, notifications: [{ name: 'value', every: '50ms' }] }];
    const load = { for: '10m', 'max-loop-delay': '1h', 'max-send-lag': '1h' };
    writeFileSync(plan, JSON.stringify({ fleets, load, assert: ['lost == 0'] }));
    const ready = join(home.folder, 'ready.json');
    const child = home.start(['simulate', 'run', plan, '--processes', '3', '--ready-file', ready], { env });
    const whole = ended(child);
    await changedUntil(home.folder, () => existsSync(ready), whole);
    const workers = execFileSync('pgrep', ['-P', String(child.pid)], { encoding: 'utf8' })
      .trim()
      .split('\n');
    assert.equal(workers.length, 3);
    process.kill(Number(workers[1]), 'SIGKILL');
    const { code, stdout, stderr } = await whole;
    assert.equal(code, 11, stderr);
    assert.match(stderr, /one of the processes of --processes was ended by SIGKILL/);
    const { interrupted, outcome, devices, ledger } = JSON.parse(stdout) as Bundle;
    assert.deepEqual([interrupted, outcome, devices, ledger.notifications.lost], [true, 'generator', 4, 0]);
    const result = join(home.work, 'result.json');
    writeFileSync(result, stdout);
    const shown = await home.run(['report', 'show', result, '--exit-code']);
    assert.equal(shown.code, 11, shown.stderr);
    assert.match(shown.stdout + shown.stderr, /one of the processes of --processes was ended by SIGKILL/);
  });

  it('says before the run that this shell allows too few files for the fleet', async () => {
    const run = async (...args: string[]) => {
      const script = `ulimit -n 80; exec "$0" "$@"`;
      const child = home.spawn('sh', ['-c', script, process.execPath, bin, 'simulate', 'run', ...args]);
      child.stdin?.end();
      return ended(child);
    };
    const elsewhere = ['--url', 'ws://127.0.0.1:1/', '--token', 'a'];
    const many = await run('--devices', '150', ...elsewhere);
    assert.equal(many.code, 2, many.stderr);
    assert.match(many.stderr, /150 devices need 190 files, this shell allows 80/);
    assert.match(many.stderr, /ulimit -n 1024, .*--connections/);
    assert.equal((await run('--devices', '150', '--connections', '10', ...elsewhere)).code, 5);
    assert.match((await run('--devices', '30', '--embedded')).stderr, /30 devices need 100 files/);
  });
});
