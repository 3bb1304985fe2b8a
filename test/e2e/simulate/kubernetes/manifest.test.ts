import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { Home } from '../../../helpers/cli.ts';
import { printed } from './printed.ts';

const home = new Home();
after(() => home[Symbol.dispose]());
const plan = join(home.work, 'fleet.yaml');
writeFileSync(plan, 'fleets:\n  - { id: "sim-{index}", count: 40 }\nload: { for: 1m }\n');

describe('simulate run --manifest kubernetes', () => {
  it('prints the plan and an Indexed Job with a pod for each part, and runs nothing', async () => {
    const { code, job, configMap, container } = await printed(home, [plan, '--shards', '20', '--seed', '7']);
    assert.equal(code, 0);
    assert.match(configMap?.data['fleet.yaml'] ?? '', /count: 40/);
    const { completionMode, completions, parallelism } = job.spec;
    assert.deepEqual(
      { completionMode, completions, parallelism },
      { completionMode: 'Indexed', completions: 20, parallelism: 20 },
    );
    const run = ['devicehive', 'simulate', 'run', '/plan/fleet.yaml', '--shards', '20', '--json'];
    assert.deepEqual(container.command, [...run, '--start-together', '--seed', '7']);
    assert.equal(
      container.env.find(({ name }) => name === 'DEVICEHIVE_URL')?.value,
      'wss://hive.example.com/api/websocket',
    );
  });

  it('takes flags in place of a plan file', async () => {
    const flags = ['--devices', '10', '--on', 'reboot=done after 2s', '--cleanup'];
    const { code, resources, container } = await printed(home, [...flags, '--shards', '2']);
    assert.equal(code, 0);
    assert.equal(resources.length, 1);
    assert.deepEqual(container.command.slice(-5), flags);
  });

  it('says what it lacks', async () => {
    const cases: [args: string[], said: RegExp][] = [
      [[plan], /--manifest needs --shards/],
      [[plan, '--shards', '0'], /--shards must be a whole number from 1/],
      [[plan, '--shards', '41'], /--shards 41 is more than the plan has devices/],
      [[plan, '--shards', '2', '--image', ''], /--image '' is no name of an image/],
    ];
    for (const [args, said] of cases) {
      const { code, stdout, stderr } = await printed(home, args);
      assert.deepEqual([code, stdout], [2, ''], args.join(' '));
      assert.match(stderr, said);
    }
    const other = await home.run(['simulate', 'run', plan, '--manifest', 'nomad', '--shards', '2', '--url', 'ws://h']);
    assert.equal(other.code, 2);
    assert.match(other.stderr, /--manifest 'nomad' is not known/);
  });

  it('prints nothing of a plan that is wrong', async () => {
    const wrong = join(home.work, 'wrong.yaml');
    writeFileSync(wrong, 'fleets: [{ id: sim }]\nassert: [lots == 0]\n');
    const { code, stdout, stderr } = await printed(home, [wrong, '--shards', '1']);
    assert.deepEqual([code, stdout], [3, '']);
    assert.match(stderr, /assert\[0\] names lots/);
  });

  it('lets no end of a pod destroy the results of others, and ends by itself long before the Job does', async () => {
    const { job, stdout } = await printed(home, [plan, '--shards', '20']);
    const { backoffLimit, backoffLimitPerIndex, activeDeadlineSeconds, ttlSecondsAfterFinished } = job.spec;
    assert.deepEqual([backoffLimit, backoffLimitPerIndex], [undefined, 0]);
    const planS = 60;
    const startS = 300;
    const drainS = 30;
    assert.ok(Number(activeDeadlineSeconds) >= planS + startS + drainS + 600, String(activeDeadlineSeconds));
    assert.ok(Number(ttlSecondsAfterFinished) >= 86_400);
    assert.match(stdout, /^#> .*read_log .* --follow/m);
    const endless = await printed(home, ['--devices', '2', '--shards', '2']);
    assert.equal(endless.job.spec['activeDeadlineSeconds'], undefined);
    assert.match(endless.stdout, /kubectl delete job/);
  });

  it('names each printing anew, unless a name is given that Kubernetes takes', async () => {
    const first = await printed(home, [plan, '--shards', '2']);
    const second = await printed(home, [plan, '--shards', '2']);
    assert.match(first.job.metadata.name, /^devicehive-simulation-[0-9a-f]{6}-[0-9a-z]+$/);
    assert.notEqual(first.job.metadata.name, second.job.metadata.name);
    assert.equal(first.configMap?.metadata.name, first.job.metadata.name);
    const longest = 'a'.repeat(61);
    const named = await printed(home, [plan, '--shards', '2', '--name', longest]);
    assert.equal(named.job.metadata.name, longest);
    assert.equal(named.job.metadata.labels['app.kubernetes.io/instance'], longest);
    for (const name of [`${longest}a`, 'Lamps', '-a', 'a-', 'a.b', '']) {
      const { code, stderr } = await printed(home, [plan, '--shards', '2', '--name', name]);
      assert.equal(code, 2, name);
      assert.match(stderr, /is no name that Kubernetes takes for 2 pods/);
    }
  });

  it('asks for what the plan needs, or for what is given', async () => {
    const busy = ['--devices', '20000', '--notify', 'n=counter() every 1s', '--shards', '2'];
    const { container } = await printed(home, busy);
    // 10,000 devices of 7.5 KiB beside 85 MB; 20,000 frames a second of 77 µs beside 100m
    assert.deepEqual(container.resources, {
      requests: { cpu: '1640m', memory: '155Mi' },
      limits: { memory: '310Mi' },
    });
    const given = await printed(home, [...busy, '--cpu', '1.5', '--memory', '1Gi']);
    const both = { cpu: '1.5', memory: '1Gi' };
    assert.deepEqual(given.container.resources, { requests: both, limits: both });
    for (const wrong of [
      ['--cpu', '0'],
      ['--cpu', 'two'],
      ['--memory', '512MB'],
      ['--memory', '0Mi'],
    ])
      assert.equal((await printed(home, [...busy, ...wrong])).code, 2, wrong.join(' '));
  });
});
