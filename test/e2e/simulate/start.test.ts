import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { Bundle } from '../../../src/simulate/measure/bundle.ts';
import { ended, errorOf, Home, type Ended } from '../../helpers/cli.ts';
import { changedUntil } from '../../helpers/folderChanges.ts';
import { startServer, type RunningServer } from '../../helpers/runningServer.ts';

const home = new Home();
after(() => home[Symbol.dispose]());

/** Writes a plan of so many seconds, with high limits: a busy machine that runs tests is not a saturated generator. */
function planOf(seconds: number): string {
  const file = join(home.work, `plan-${seconds}.json`);
  const fleet = {
    id: 'd-{index}',
    count: 8,
    notifications: [{ name: 'value', every: '500ms' }],
    commands: { go: [{ status: 'done', after: '20ms' }] },
    faults: { 'reconnect-storm': 'at 1s' },
  };
  const plan = {
    fleets: [fleet],
    traffic: [{ command: 'go', rate: '20/s', wait: 'done', timeout: '20s' }],
    load: { for: `${seconds}s`, 'max-loop-delay': '1h', 'max-send-lag': '1h' },
    assert: ['lost == 0', `commands.received == ${20 * seconds}`, `notifications.received == ${16 * seconds}`],
  };
  writeFileSync(file, JSON.stringify(plan));
  return file;
}

const plan = planOf(4);

function access({ ready }: RunningServer): NodeJS.ProcessEnv {
  return { DEVICEHIVE_URL: ready.url, DEVICEHIVE_TOKEN: ready.accessToken };
}

function shard(part: string, env: NodeJS.ProcessEnv, ...args: string[]): Promise<Ended> {
  return home.run(['simulate', 'run', '--shard', part, '--json', ...args], { env });
}

function bundleOf({ stdout, stderr }: Ended): Bundle {
  assert.notEqual(stdout, '', stderr);
  return JSON.parse(stdout) as Bundle;
}

let merges = 0;

/** Merges results. Returns how that ended. */
function merged(parts: readonly Ended[]): Promise<Ended> {
  const merge = ++merges;
  const files = parts.map((part, index) => {
    const file = join(home.work, `merge-${merge}-part-${index}.json`);
    writeFileSync(file, part.stdout);
    return file;
  });
  return home.run(['report', 'merge', ...files, '--json']);
}

/** Waits until the metrics of a run show that two seconds of it are over. */
async function ticked(said: string): Promise<void> {
  const [, url = assert.fail(said)] = /^metrics: (\S+)$/m.exec(said) ?? [];
  const sentAtLeast = (count: number, text: string) =>
    Number(/_events_total\{event="sent"\} (\d+)/.exec(text)?.[1] ?? 0) >= count;
  while (!sentAtLeast(75, await (await fetch(url)).text()));
}

async function devicesLeft(env: NodeJS.ProcessEnv): Promise<string[]> {
  const { stdout } = await home.run(['device', 'list', '--json'], { env });
  return (JSON.parse(stdout) as { devices: { id: string }[] }).devices.map(({ id }) => id);
}

describe('shards with one start', { concurrency: 2 }, () => {
  it('meet over the server, one after the other, lose nothing, and leave nothing behind', async () => {
    await using server = await startServer(home);
    const env = access(server);
    const parts = await Promise.all(
      ['3/4', '2/4', '0/4', '1/4'].map((part) => shard(part, env, plan, '--start-together')),
    );
    for (const { code, stderr } of parts) assert.equal(code, 0, stderr);
    const whole = await merged(parts);
    assert.equal(whole.code, 0, whole.stderr);
    assert.deepEqual(
      (await devicesLeft(env)).filter((id) => id.startsWith('start-of-')),
      [],
    );
  });

  it('take one that comes late into their clock, and say so', async () => {
    await using server = await startServer(home);
    const env = access(server);
    const ready = join(home.folder, 'late-ready.json');
    // the first shard must be there still when the second one comes, however slow the machine
    const long = planOf(20);
    const together = ['--start-together', '--start-timeout', '1ms'];
    const args = ['simulate', 'run', long, '--shard', '0/2', ...together, '--metrics', '0', '--ready-file', ready];
    const child = home.start(args, { env });
    const whole = ended(child);
    let said = '';
    child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
    await changedUntil(home.folder, () => existsSync(ready), whole);
    await ticked(said);
    const second = await shard('1/2', env, long, ...together);
    const first = await whole;
    const [one, other] = [bundleOf(first), bundleOf(second)];
    assert.match(first.stderr, /not ready within 1 ms: shard 1 of 2; the others start without/);
    assert.deepEqual([one.late, other.late], [false, true], second.stderr);
    assert.match(second.stderr, /late: this shard starts/);
    assert.ok(Date.parse(other.startedAt) - Date.parse(one.startedAt) > 1000);
    assert.deepEqual([one.durationMs, other.durationMs], [20_000, 20_000]);
    assert.deepEqual([one.counters['reconnects'], other.counters['reconnects'] ?? 0], [4, 0]);
    assert.equal((await merged([first, second])).code, 0);
  });

  it('start at a time, and at once where that is past', async () => {
    await using server = await startServer(home);
    const env = access(server);
    const at = (afterMs: number) => new Date(Date.now() + afterMs).toISOString();
    const soon = at(3000);
    const early = await shard('0/2', env, plan, '--start-at', soon);
    assert.equal(early.code, 0, early.stderr);
    assert.ok(Date.parse(bundleOf(early).startedAt) >= Date.parse(soon));
    const past = await shard('1/2', env, planOf(12), '--start-at', at(-4000));
    assert.deepEqual([past.code, bundleOf(past).late], [0, true], past.stderr);
  });

  it('refuse a start that cannot be', async () => {
    const refusal = async (...args: string[]) => {
      const ended = await home.run(['simulate', 'run', plan, '--embedded', '--json', ...args]);
      assert.equal(ended.code, 2);
      return errorOf(ended)['message'] as string;
    };
    assert.match(await refusal('--start-at', 'noon'), /--start-at 'noon' is not a time/);
    assert.match(await refusal('--start-at', '2026-01-01'), /so long ago that the run of 4 s would be over/);
    assert.match(await refusal('--start-at', '9999-01-01'), /more than 24d away/);
    assert.match(await refusal('--start-at', '2026-01-01', '--start-together'), /two ways to start/);
    assert.match(await refusal('--start-timeout', '1m'), /--start-timeout is for --start-together/);
  });
});
