import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { simulatePlan } from '../../src/cli/commands/simulate/plan/plan.ts';
import { FakeIo } from '../cli/fakeIo.ts';
import { errorOf, Home } from '../helpers/cli.ts';
import { Terminal } from '../helpers/terminal.ts';

const fleet = `seed: 42
fleets:
  - id: "thermostat-{index:04}"
    count: 30
    state: { mode: auto }
    notifications:
      - { name: temperature, every: 5s, jitter: 10%, parameters: { value: { walk: [18, 26, 0.3] }, mode: { state: mode } } }
    commands:
      setMode: [{ status: done, set: { mode: { parameter: mode } }, result: { mode: { state: mode } } }]
    faults: { disconnect: every 20s for 5s }
traffic:
  - { command: setMode, parameters: { mode: { enum: [eco, comfort] } }, rate: 5/s }
load: { for: 30s }
`;

/** Returns a home with that plan in its working folder. */
function homeWithPlan(): Home {
  const home = new Home();
  writeFileSync(join(home.work, 'fleet.yaml'), fleet);
  return home;
}

interface Line {
  readonly atMs: number;
  readonly device: string;
  readonly kind: string;
  readonly name: string;
  readonly parameters: unknown;
}

function linesOf(stdout: string): string[] {
  return stdout.trimEnd().split('\n');
}

describe('simulate plan', () => {
  it('prints one line for each event, in order of time, before the end', async () => {
    using home = homeWithPlan();
    const { code, stdout, stderr } = await home.run(['simulate', 'plan', 'fleet.yaml']);
    assert.deepEqual([code, stderr], [0, '']);
    const events = linesOf(stdout).map((line) => JSON.parse(line) as Line);
    for (const event of events) assert.deepEqual(Object.keys(event), ['atMs', 'device', 'kind', 'name', 'parameters']);
    const times = events.map(({ atMs }) => atMs);
    assert.deepEqual(
      times,
      [...times].sort((one, other) => one - other),
    );
    assert.ok(times.every((atMs) => atMs >= 0 && atMs < 30_000));
    const count = (kind: string) => events.filter((event) => event.kind === kind).length;
    assert.deepEqual([...new Set(events.map(({ kind }) => kind))].sort(), ['command', 'disconnect', 'notification']);
    assert.equal(count('command'), 150);
    assert.ok(count('notification') >= 175 && count('notification') <= 185, `${count('notification')}`);
    assert.ok(count('disconnect') >= 30);
  });

  it('prints the same whatever the number of shards, each its part', async () => {
    using home = homeWithPlan();
    const shards = async (count: number) => {
      const runs = Array.from({ length: count }, (_, index) =>
        home.run(['simulate', 'plan', 'fleet.yaml', '--json', '--shard', `${index}/${count}`]),
      );
      return (await Promise.all(runs)).map(({ stdout }) => linesOf(stdout));
    };
    const [[whole = []], three] = await Promise.all([shards(1), shards(3)]);
    assert.ok(three.every((lines) => lines.length > whole.length / 5));
    assert.deepEqual(three.flat().sort(), [...whole].sort());
  });

  it('shows in payloads what commands do to the state', async () => {
    using home = homeWithPlan();
    const { stdout } = await home.run(['simulate', 'plan', 'fleet.yaml', '--for', '60s']);
    const modes = linesOf(stdout)
      .map((line) => JSON.parse(line) as Line)
      .filter(({ kind }) => kind === 'notification')
      .map(({ parameters }) => (parameters as { mode: string }).mode);
    assert.deepEqual([...new Set(modes)].sort(), ['auto', 'comfort', 'eco']);
  });

  it('takes flags in place of a file, and over one', async () => {
    using home = homeWithPlan();
    const flags = ['--devices', '2', '--notify', 'temperature=walk(18,26,0.3) every 5s', '--for', '10s'];
    const alone = await home.run(['simulate', 'plan', ...flags]);
    assert.equal(alone.code, 0);
    const devices = linesOf(alone.stdout).map((line) => (JSON.parse(line) as Line).device);
    assert.deepEqual([...new Set(devices)].sort(), ['sim-0', 'sim-1']);
    assert.equal(devices.length, 4);
    const over = await home.run(['simulate', 'plan', 'fleet.yaml', ...flags]);
    const notifications = linesOf(over.stdout).filter((line) => line.includes('"notification"'));
    assert.equal(notifications.length, 4);
    assert.match(
      notifications[0] ?? '',
      /^\{"atMs":\d+,"device":"thermostat-000[01]","kind":"notification","name":"temperature","parameters":\{"value":[\d.]+\}\}$/,
    );
  });

  it('shows a minute of a plan without an end, and says so', async () => {
    using home = new Home();
    const { code, stdout, stderr } = await home.run(['simulate', 'plan', '--notify', 'n=uuid every 10s']);
    assert.equal(code, 0);
    assert.equal(linesOf(stdout).length, 6);
    assert.match(stderr, /no end: its first 60 s are shown/);
  });

  it('reads a plan from stdin, and its shard from the environment', async () => {
    using home = new Home();
    const run = (index: string) =>
      home.run(['simulate', 'plan', '-', '--shards', '2'], { stdin: fleet, env: { JOB_COMPLETION_INDEX: index } });
    const [first, second] = await Promise.all([run('0'), run('1')]);
    assert.equal(first.code, 0);
    assert.notEqual(first.stdout, second.stdout);
  });

  it('ends with 3 and reports all problems of a plan, by file, line and column', async () => {
    using home = new Home();
    writeFileSync(
      join(home.work, 'bad.yaml'),
      fleet.replace('every: 5s', 'evry: 5s').replace('count: 30', 'count: -1'),
    );
    const text = await home.run(['simulate', 'plan', 'bad.yaml']);
    assert.deepEqual([text.code, text.stdout], [3, '']);
    assert.match(text.stderr, /bad\.yaml has 3 problems\n {2}bad\.yaml:4:5: fleets\[0\]\.count must be >= 1\n/);
    const json = errorOf(await home.run(['simulate', 'plan', 'bad.yaml', '--json']));
    assert.deepEqual([json['kind'], json['exit'], (json['problems'] as unknown[]).length], ['invalid', 3, 3]);
  });

  it('ends with 2 where a file cannot be read or a flag is wrong', async () => {
    using home = homeWithPlan();
    const cases = [
      ['nowhere.yaml'],
      ['fleet.yaml', '--shard', '3/3'],
      ['fleet.yaml', '--for', '5'],
      ['--devices', '0'],
      ['--notify', 'temperature every 5s'],
      ['--notify', 'temperature=wlak(1,2,3) every 5s'],
    ];
    const runs = await Promise.all(cases.map((words) => home.run(['simulate', 'plan', ...words])));
    for (const [index, { code, stdout }] of runs.entries())
      assert.deepEqual([code, stdout], [2, ''], cases[index]?.join(' '));
    assert.match(runs[5]?.stderr ?? '', /did you mean walk\(18,26,0\.3\)\?/);
    assert.match(runs[5]?.stderr ?? '', /GENERATOR is a JSON value, or one of/);
  });

  it('stops when its reader is gone', async () => {
    using home = homeWithPlan();
    const child = home.start(['simulate', 'plan', 'fleet.yaml', '--for', '20d']);
    const code = new Promise((resolve) => child.once('close', resolve));
    child.stdout?.once('data', () => child.stdout?.destroy());
    assert.equal(await code, 0);
  });

  it('shows people a summary, and some of the events', async () => {
    using home = homeWithPlan();
    using terminal = Terminal.start(home, ['simulate', 'plan', 'fleet.yaml']);
    assert.equal(await terminal.ended(), 0);
    assert.match(terminal.text, /all events: --json/);
    assert.match(terminal.text, /30 × thermostat-\{index:04\}/);
    assert.match(terminal.text, /together: notifications 6\/s \(180\), commands 5\/s \(150\)/);
  });
});

describe('a plan in which nothing happens by itself', () => {
  it('says so in a pipe too, and prints no line', async () => {
    const io = new FakeIo();
    await simulatePlan(undefined, { io, values: { on: ['reboot=done'], for: '1m' } });
    assert.equal(io.stdout, '');
    assert.match(io.stderr, /nothing happens by itself/);
  });
});
