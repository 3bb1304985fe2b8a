import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { Home } from '../../helpers/cli.ts';

const home = new Home();
after(() => home[Symbol.dispose]());
const plan = join(home.work, 'fleet.yaml');
writeFileSync(plan, 'fleets:\n  - { id: "sim-{index}", count: 40 }\nload: { for: 1m }\n');
const url = 'wss://hive.example.com/api/websocket';

interface Resource {
  readonly kind: string;
  readonly data?: Readonly<Record<string, string>>;
  readonly spec?: {
    readonly completionMode: string;
    readonly completions: number;
    readonly parallelism: number;
    readonly template: { readonly spec: { readonly containers: readonly Container[] } };
  };
}

interface Container {
  readonly command: readonly string[];
  readonly env: readonly { readonly name: string; readonly value?: string }[];
}

async function manifest(...args: readonly string[]) {
  const ended = await home.run(['simulate', 'run', ...args, '--manifest', 'kubernetes', '--url', url]);
  const resources = parseAllDocuments(ended.stdout).map(
    (document) => (document as { toJS(): unknown }).toJS() as Resource,
  );
  return { ...ended, resources };
}

describe('simulate run --manifest kubernetes', () => {
  it('prints the plan and an Indexed Job with a pod for each part, and runs nothing', async () => {
    const { code, resources, stdout } = await manifest(plan, '--shards', '20', '--seed', '7');
    assert.equal(code, 0);
    const [configMap, job] = resources;
    assert.equal(configMap?.kind, 'ConfigMap');
    assert.match(configMap.data?.['fleet.yaml'] ?? '', /count: 40/);
    const { completionMode, completions, parallelism } = job?.spec ?? {};
    assert.deepEqual(
      { completionMode, completions, parallelism },
      { completionMode: 'Indexed', completions: 20, parallelism: 20 },
    );
    const [container] = job?.spec?.template.spec.containers ?? [];
    assert.deepEqual(container?.command.slice(-6), ['/plan/fleet.yaml', '--shards', '20', '--json', '--seed', '7']);
    assert.equal(container.env.find(({ name }) => name === 'DEVICEHIVE_URL')?.value, url);
    assert.match(stdout, /^# .*kubectl apply -f/m);
  });

  it('takes flags in place of a plan file', async () => {
    const flags = ['--devices', '10', '--on', 'reboot=done after 2s', '--cleanup'];
    const { code, resources } = await manifest(...flags, '--shards', '2');
    assert.equal(code, 0);
    assert.deepEqual(
      resources.map(({ kind }) => kind),
      ['Job'],
    );
    const [container] = resources[0]?.spec?.template.spec.containers ?? [];
    assert.deepEqual(container?.command.slice(-5), flags);
  });

  it('says what it lacks', async () => {
    const without = await manifest(plan);
    assert.equal(without.code, 2);
    assert.match(without.stderr, /--manifest needs --shards/);
    const other = await home.run(['simulate', 'run', plan, '--manifest', 'nomad', '--shards', '2', '--url', url]);
    assert.equal(other.code, 2);
    assert.match(other.stderr, /--manifest 'nomad' is not known/);
  });

  it('prints nothing that no pod could run', async () => {
    const wrong = join(home.work, 'wrong.yaml');
    writeFileSync(wrong, 'fleets: [{ id: sim }]\nassert: [lots == 0]\n');
    const { code, stdout, stderr } = await manifest(wrong, '--shards', '2');
    assert.deepEqual([code, stdout], [3, '']);
    assert.match(stderr, /assert\[0\] names lots/);
    const module = join(home.work, 'lamp.yaml');
    writeFileSync(join(home.work, 'lamp.cjs'), 'exports.commands = { on: () => "done" };\n');
    writeFileSync(module, 'fleets: [{ id: lamp, behaviour: ./lamp.cjs }]\n');
    const alone = await manifest(module, '--shards', '2');
    assert.deepEqual([alone.code, alone.stdout], [2, '']);
    assert.match(alone.stderr, /but not \.\/lamp\.cjs/);
    const replay = join(home.work, 'replay.yaml');
    writeFileSync(join(home.work, 'day.csv'), 'value\n1\n2\n');
    const notification = '{ name: n, every: 1s, parameters: { v: { csv: { file: day.csv, column: value } } } }';
    writeFileSync(replay, `fleets: [{ id: sim, notifications: [${notification}] }]\n`);
    const table = await manifest(replay, '--shards', '2');
    assert.deepEqual([table.code, table.stdout], [2, '']);
    assert.match(table.stderr, /but not day\.csv/);
  });
});
