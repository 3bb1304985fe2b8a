import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { Frame } from '../../../src/protocol/frames.ts';
import { documentProblems } from '../../../src/protocol/validation.ts';
import type { Bundle } from '../../../src/simulate/measure/bundle.ts';
import { deadUrl } from '../../helpers/badServer.ts';
import { bin, ended, errorOf, Home, type Ended } from '../../helpers/cli.ts';
import { fakeServer, refusing } from '../../helpers/fakeServer.ts';
import { changedUntil } from '../../helpers/folderChanges.ts';
import { startServer, type RunningServer } from '../../helpers/runningServer.ts';

const home = new Home();
after(() => home[Symbol.dispose]());

/** High limits: a busy machine that runs tests is not a saturated generator. */
const calm = { 'max-loop-delay': '1h', 'max-send-lag': '1h' };

let files = 0;

/** Returns a path that no other test uses. */
function place(name: string): string {
  return join(home.folder, `${++files}-${name}`);
}

function planFile(plan: Frame): string {
  const file = place('plan.json');
  writeFileSync(file, JSON.stringify(plan));
  return file;
}

const notifying = {
  seed: 5,
  fleets: [
    {
      id: 'd-{index}',
      count: 6,
      notifications: [{ name: 'value', every: '100ms', parameters: { v: { walk: { from: 0, to: 9, step: 1 } } } }],
    },
  ],
};

const commanding = {
  fleets: [{ id: 'd-{index}', count: 6, commands: { go: [{ status: 'done', after: '20ms' }] } }],
  traffic: [{ command: 'go', rate: '40/s', wait: 'done', timeout: '2s' }],
};

function bundleOf({ stdout, stderr }: Ended): Bundle {
  assert.notEqual(stdout, '', stderr);
  return JSON.parse(stdout) as Bundle;
}

/** Starts a run and waits until all its devices are up. */
async function started(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<{ child: ChildProcess; whole: Promise<Ended>; ready: Frame; file: string; said: () => string }> {
  const file = place('ready.json');
  const child = home.start(['simulate', 'run', ...args, '--ready-file', file], { env });
  child.stdin?.end();
  const whole = ended(child);
  let stderr = '';
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  await changedUntil(home.folder, () => existsSync(file), whole);
  return { child, whole, ready: JSON.parse(readFileSync(file, 'utf8')) as Frame, file, said: () => stderr };
}

/** Waits until the metrics of a run show this count. Fails if the run ends before. */
async function counted(event: string, said: string): Promise<void> {
  const [, url = assert.fail(said)] = /^metrics: (\S+)$/m.exec(said) ?? [];
  const line = new RegExp(`_events_total\\{event="${event}"\\} [1-9]`);
  while (!line.test(await (await fetch(url)).text()));
}

function access({ ready }: RunningServer): NodeJS.ProcessEnv {
  return {
    DEVICEHIVE_URL: ready.url,
    DEVICEHIVE_TOKEN: ready.accessToken,
    DEVICEHIVE_REFRESH_TOKEN: ready.refreshToken,
  };
}

async function deviceIds(env: NodeJS.ProcessEnv): Promise<string[]> {
  const { stdout } = await home.run(['device', 'list', '--all', '--query', 'devices[].id'], { env });
  return (JSON.parse(stdout) as string[]).filter((id) => id.startsWith('d-')).sort();
}

describe('simulate run', { concurrency: 3 }, () => {
  it('refuses to read the plan and the token from stdin', async () => {
    const { code, stderr } = await home.run(['simulate', 'run', '-', '--token', '-', '--url', 'ws://127.0.0.1:1']);
    assert.equal(code, 2);
    assert.match(stderr, /stdin cannot be both the plan and the token/);
  });

  it('plays a one-liner against a server inside the command, and prints the whole result', async () => {
    const flags = ['--devices', '3', '--notify', 'value=counter() every 100ms', '--for', '1s'];
    const file = place('result.json');
    const page = place('result.html');
    const run = await home.run(['simulate', 'run', ...flags, '--embedded', '--report', file, '--report', page]);
    const planned = await home.run(['simulate', 'plan', ...flags, '--json']);
    const bundle = bundleOf(run);
    const lines = planned.stdout.trimEnd().split('\n').length;
    assert.deepEqual(documentProblems('report', bundle), []);
    assert.deepEqual(JSON.parse(readFileSync(file, 'utf8')), bundle);
    assert.match(readFileSync(page, 'utf8'), /^<!doctype html>/i);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    const { expected, received, lost, duplicated } = bundle.ledger.notifications;
    assert.deepEqual([expected, received, lost, duplicated], [lines, lines, 0, 0]);
    assert.deepEqual([bundle.seed, bundle.devices, bundle.durationMs], [0, 3, 1000]);
    assert.match(
      bundle.command,
      /^devicehive simulate run --devices 3 --notify 'value=counter\(\) every 100ms' .* --seed 0$/,
    );
    assert.match(run.stderr, /^server: ws:\/\/.* \(embedded in this command\)\n3 devices are up\n/);
  });

  it('says that all devices are up, to people and to programs, only where they are', async () => {
    const file = place('ready.json');
    const flags = ['--devices', '30', '--ramp', '10/s', '--for', '500ms', '--notify', 'value=counter() every 100ms'];
    const planned = await home.run(['simulate', 'plan', ...flags]);
    assert.match(
      planned.stderr,
      /warning: only 5 of 30 devices will start: the ramp of 10\/s takes 3 s, and the run ends after 500 ms/,
    );
    const run = await home.run(['simulate', 'run', ...flags, '--embedded', '--ready-file', file]);
    const { devices, devicesUp } = bundleOf(run);
    assert.deepEqual([devices, existsSync(file)], [30, false]);
    assert.match(run.stderr, new RegExp(`^${devicesUp} of 30 devices were up: the ramp of 10/s takes 3 s`, 'm'));
    assert.doesNotMatch(run.stderr, /devices are up/);
    const shared = bundleOf(await home.run(['simulate', 'run', ...flags, '--embedded', '--processes', '2']));
    assert.ok((shared.devicesUp ?? 30) < 30);
    const all = bundleOf(await home.run(['simulate', 'run', '--devices', '30', ...flags.slice(4), '--embedded']));
    assert.equal(all.devicesUp, 30);
  });

  it('runs until it is stopped, says when it is ready, and then ends with 0', async () => {
    await using server = await startServer(home);
    const env = access(server);
    const { child, whole, ready, file } = await started([planFile({ ...notifying, load: calm })], env);
    assert.deepEqual(ready, { url: server.ready.url, devices: 6, pid: child.pid });
    assert.equal(statSync(file).mode & 0o777, 0o600);
    const insert = [
      'command',
      'insert',
      '--device',
      'd-1',
      '--command',
      'x',
      '--wait=done',
      '--query',
      'command.status',
    ];
    const wait = await home.run(insert, { env });
    assert.equal(wait.stdout, 'done\n', wait.stderr);
    child.kill('SIGINT');
    const run = await whole;
    assert.equal(run.code, 0, run.stderr);
    const { ledger } = bundleOf(run);
    assert.deepEqual([ledger.commands.expected, ledger.commands.received, ledger.commands.lost], [1, 1, 0]);
    assert.equal(ledger.notifications.lost, 0);
  });

  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    it(`ends with ${code} on ${signal} before its time, and still prints its result and cleans up`, async () => {
      await using server = await startServer(home);
      const env = access(server);
      await home.run(['device', 'save', '--device', 'd-2', '--name', 'mine'], { env });
      const { child, whole } = await started([planFile(notifying), '--for', '1h', '--cleanup'], env);
      assert.equal((await deviceIds(env)).length, 6);
      child.kill(signal);
      const run = await whole;
      assert.equal(run.code, code, run.stderr);
      assert.equal(bundleOf(run).devices, 6);
      assert.deepEqual(await deviceIds(env), ['d-2']);
    });
  }

  it('loses nothing but what the server forgets when that is killed and started again', async () => {
    await using first = await startServer(home);
    const { port } = new URL(first.ready.url);
    const fleet = { ...commanding.fleets[0], notifications: notifying.fleets[0]?.notifications };
    const plan = { ...commanding, fleets: [fleet], load: { for: '4s', ...calm } };
    const { whole } = await started([planFile(plan)], access(first));
    await first.stop('SIGKILL');
    await using second = await startServer(home, ['--port', port]);
    assert.equal(second.ready.url, first.ready.url);
    const run = await whole;
    assert.equal(run.code, 0, run.stderr);
    const { ledger, counters, hops } = bundleOf(run);
    assert.deepEqual([ledger.notifications.expected, ledger.notifications.lost], [240, 0]);
    assert.deepEqual([counters['disconnects'], counters['reconnects']], [7, 7]);
    const { commands, updates } = ledger;
    assert.equal(commands.lost, 0);
    assert.equal(updates.expected, updates.received + updates.lost);
    assert.ok((hops['command.total']?.count ?? 0) >= commands.received - updates.lost);
  });

  it('says what is late when the server stands still', async () => {
    await using server = await startServer(home);
    const plan = { ...notifying, load: { for: '2s', ...calm } };
    const { said, whole } = await started([planFile(plan), '--timeout', '300ms', '--metrics', '0'], access(server));
    server.child.kill('SIGSTOP');
    await counted('timeouts', said());
    server.child.kill('SIGCONT');
    const run = await whole;
    const { ledger, counters, errors, hops } = bundleOf(run);
    assert.equal(run.code, 0, run.stderr);
    const { expected, received } = ledger.notifications;
    assert.deepEqual([expected, received], [120, 120]);
    const late = errors.find(
      ({ kind, text }) => kind === 'timeout' && text.startsWith('notification/insert: no reply'),
    );
    assert.ok((late?.count ?? 0) > 0, JSON.stringify(errors));
    assert.equal(late?.count, counters['timeouts']);
    assert.ok((hops['notification.accepted']?.maxMs ?? 0) >= 300);
  });

  it('shares the devices among processes, and sends what one alone would', async () => {
    const plan = { ...commanding, ...notifying, load: { for: '1s', ...calm } };
    await using server = await startServer(home);
    const { whole, ready } = await started([planFile(plan), '--processes', '2'], access(server));
    assert.equal(ready['devices'], 6);
    const run = await whole;
    assert.equal(run.code, 0, run.stderr);
    const { ledger, devices, shards, shardCount } = bundleOf(run);
    assert.deepEqual([devices, shards, shardCount], [6, [0], 1]);
    assert.deepEqual([ledger.notifications.expected, ledger.notifications.received], [60, 60]);
    assert.deepEqual([ledger.commands.expected, ledger.commands.received], [40, 40]);
    assert.deepEqual([ledger.updates.expected, ledger.updates.received], [40, 40]);
  });

  it('stops all its processes on one signal', async () => {
    await using server = await startServer(home);
    const env = access(server);
    const { child, whole } = await started(
      [planFile({ ...notifying, load: calm }), '--processes', '2', '--cleanup'],
      env,
    );
    child.kill('SIGINT');
    const run = await whole;
    assert.equal(run.code, 0, run.stderr);
    assert.equal(bundleOf(run).ledger.notifications.lost, 0);
    assert.deepEqual(await deviceIds(env), []);
  });

  it('sends byte for byte the same in one part, in three shards, and in processes', async () => {
    const plan = { ...notifying, load: { for: '1s', ...calm } };
    const file = planFile(plan);
    const sentBy = async (...runs: (readonly string[])[]) => {
      await using server = await fakeServer();
      const env = { DEVICEHIVE_URL: server.url, DEVICEHIVE_TOKEN: 'a' };
      const all = await Promise.all(runs.map((args) => home.run(['simulate', 'run', file, ...args], { env })));
      for (const { code, stderr } of all) assert.equal(code, 0, stderr);
      return server
        .sent('notification/insert')
        .map(({ requestId: _id, ...frame }) => JSON.stringify(frame))
        .sort();
    };
    const whole = await sentBy([]);
    assert.equal(whole.length, 60);
    assert.deepEqual(await sentBy(['--shard', '0/3'], ['--shard', '1/3'], ['--shard', '2/3']), whole);
    assert.deepEqual(await sentBy(['--processes', '3', '--connections', '3']), whole);
  });

  it('ends with 9 where an assertion does not hold, and with 11 where the figures are not to be trusted', async () => {
    const run = (plan: Frame) => home.run(['simulate', 'run', planFile(plan), '--embedded']);
    const load = { for: '300ms', ...calm };
    const assert9 = await run({ ...notifying, load, assert: ['notifications.received > 1000', 'lost == 0'] });
    assert.equal(assert9.code, 9);
    assert.equal(bundleOf(assert9).outcome, 'assertion');
    assert.match(assert9.stderr, /notifications\.received > 1000 \(it is 18\)/);
    const saturated = await run({
      ...notifying,
      load: { for: '300ms', 'max-send-lag': '1ms', 'max-loop-delay': '1ms' },
    });
    assert.equal(saturated.code, 11);
    assert.equal(bundleOf(saturated).generator.saturated, true);
    const nothing = await run({ fleets: [{ id: 'd' }], load });
    assert.equal(nothing.code, 11);
    assert.match(nothing.stderr, /nothing was measured/);
  });

  it('sends nothing where flags or plan are wrong, and says why it cannot begin', async () => {
    await using server = await fakeServer({ authenticate: refusing(401, 'Invalid credentials') });
    const env = { DEVICEHIVE_URL: server.url, DEVICEHIVE_TOKEN: 'a' };
    const codeOf = async (...args: string[]) => (await home.run(['simulate', 'run', ...args], { env })).code;
    assert.equal(await codeOf('--notify', 'nonsense'), 2);
    assert.equal(await codeOf('--report', 'result.txt'), 2);
    assert.equal(await codeOf('--report', place('no-such-folder/run.json')), 2);
    assert.equal(await codeOf('--processes', '0'), 2);
    assert.equal(await codeOf('--shard', '3/3'), 2);
    assert.equal(await codeOf(place('missing.yaml')), 2);
    assert.equal(await codeOf(planFile({ fleets: [] })), 3);
    assert.equal(server.peers.length, 0);
    const run = await home.run(['simulate', 'run', '--json'], { env });
    assert.deepEqual([run.code, errorOf(run)['kind'], run.stdout], [4, 'auth', '']);
    const dead = await home.run(['simulate', 'run'], { env: { ...env, DEVICEHIVE_URL: await deadUrl() } });
    assert.equal(dead.code, 5);
    const processes = await home.run(['simulate', 'run', '--devices', '2', '--processes', '2'], { env });
    assert.equal(processes.code, 4, processes.stderr);
  });
});

describe('exec --plan', () => {
  it('has the devices up before its command starts, and ends with its exit code', async () => {
    const file = planFile({ ...notifying, fleets: [{ id: 'd-{index}', count: 3 }], load: { for: '10ms' } });
    const insert = '"$DH" "$BIN" command insert --device d-2 --command go --wait=done --query command.status && exit 7';
    const run = await home.run(['exec', '--plan', file, '--', 'sh', '-c', insert], {
      env: { DH: process.execPath, BIN: bin },
    });
    assert.equal(run.code, 7, run.stderr);
    assert.equal(run.stdout, 'done\n');
    assert.match(run.stderr, /3 devices are up/);
  });

  it('removes the devices again that it has made at another server', async () => {
    await using server = await startServer(home);
    const env = access(server);
    await home.run(['device', 'save', '--device', 'd-0', '--name', 'mine'], { env });
    const file = planFile({ fleets: [{ id: 'd-{index}', count: 3 }] });
    const run = await home.run(['exec', '--plan', file, '--', 'true'], { env });
    assert.equal(run.code, 0, run.stderr);
    assert.deepEqual(await deviceIds(env), ['d-0']);
  });

  it('goes on with its command when a module throws an uncaught error', async () => {
    const module = place('later.cjs');
    writeFileSync(
      module,
      "exports.commands = { go: () => {\n setInterval(() => { throw new Error('later'); }, 1); return 'done'; } };\n",
    );
    const fleets = [{ id: 'd', behaviour: module }];
    const file = planFile({ fleets });
    const wait = '"$DH" "$BIN" command insert --device d --command go --wait=done > /dev/null && exit 7';
    const run = await home.run(['exec', '--plan', file, '--', 'sh', '-c', wait], {
      env: { DH: process.execPath, BIN: bin },
    });
    assert.equal(run.code, 7, run.stderr);
    assert.equal(run.stderr.match(/later\.cjs:2: failed in a callback: Error: later/g)?.length, 1);
    const traffic = [{ command: 'go', rate: '100/s' }];
    const alone = await home.run(['simulate', 'run', planFile({ fleets, traffic }), '--embedded']);
    assert.equal(alone.code, 3, alone.stderr);
    assert.match(alone.stderr, /later\.cjs:2: failed in a callback/);
  });

  it('starts nothing where the plan is wrong', async () => {
    const run = await home.run(['exec', '--plan', planFile({ fleets: [] }), '--', 'echo', 'started']);
    assert.deepEqual([run.code, run.stdout], [3, '']);
  });

  it('goes on where a behaviour module fails meanwhile, and says so', async () => {
    const module = place('lamp.mjs');
    const lost = 'async function lost() { throw new Error("lost"); }';
    writeFileSync(module, `${lost}\nexport const commands = { go: () => (void lost(), 'done') };\n`);
    const insert = '"$DH" "$BIN" command insert --device sim-0 --command go --wait=done --quiet && exit 7';
    const run = await home.run(['exec', '--plan', module, '--', 'sh', '-c', insert], {
      env: { DH: process.execPath, BIN: bin },
    });
    assert.equal(run.code, 7, run.stderr);
    assert.match(
      run.stderr,
      /the simulation ended: .*lamp\.mjs:1: failed in a promise that nobody awaits: Error: lost/,
    );
  });

  it('says of a mistake in a behaviour module that it is there', async () => {
    const module = place('lamp.mjs');
    writeFileSync(module, 'export function start() { throw new Error("no lamp"); }\n');
    const run = await home.run(['simulate', 'run', module, '--embedded', '--json']);
    assert.equal(run.code, 3, run.stderr);
    assert.match(run.stderr, /failed in start of sim-0: Error: no lamp","hint":"The mistake is in that module\."/);
  });
});
