import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { bin, errorOf, Home } from '../../helpers/cli.ts';
import { startServer } from '../../helpers/runningServer.ts';

const home = new Home();
const own = [process.execPath, bin];
const list = ['request', 'device/list', '-q'];
const seed = ['--seed', 'large.json'];
const once = { harms: { size: 1 } };
const named = /warning: 1 × size \(device\/list\): a real DeviceHive would have stopped here: .*ask for fewer items/m;

before(() => {
  const data = { blob: 'x'.repeat(400_000) };
  const devices = ['a', 'b', 'c'].map((id) => ({ id, name: id, data }));
  writeFileSync(join(home.work, 'token.txt'), 'x');
  writeFileSync(join(home.work, 'large.json'), JSON.stringify({ devices }));
});
after(() => home[Symbol.dispose]());

describe('a strict server', () => {
  it('makes exec end with 9 in place of 0 where its command would have stopped a real server, and lists why', async () => {
    const run = await home.run(
      ['exec', '--strict', ...seed, '--', 'sh', '-c', `${[...own, ...list].join(' ')} || true`],
      once,
    );
    assert.equal(run.code, 9, run.stderr);
    assert.match(run.stderr, /answered 503: a real DeviceHive would have stopped here: /);
    assert.match(run.stderr, named);
    assert.match(run.stderr, /^devicehive exec: a real DeviceHive would have stopped once$/m);
  });

  it('leaves exec the code of a command that fails, and lists why all the same', async () => {
    const run = await home.run(['exec', '--strict', '--json', ...seed, '--', ...own, ...list], once);
    assert.equal(run.code, 6);
    assert.match(run.stderr, named);
  });

  it('names the harm in one line with --json', async () => {
    const quiet = `${[...own, ...list].join(' ')} 2>/dev/null || true`;
    const run = await home.run(['exec', '--strict', '--json', ...seed, '--', 'sh', '-c', quiet], once);
    assert.equal(run.code, 9);
    const { exit, warnings } = errorOf(run);
    assert.equal(exit, 9);
    assert.match((warnings as string[]).join('\n'), named);
  });

  it('lets exec end with 0 where nothing did harm', async () => {
    const run = await home.run(['exec', '--strict', '-q', ...seed, '--', ...own, 'device', 'get', '--device', 'a']);
    assert.deepEqual([run.code, run.stderr], [0, '']);
  });

  it('lists at its end what it refused, and ends with 9', async () => {
    await using server = await startServer(home, ['--strict', ...seed], once);
    const run = await home.run([...list, '--json']);
    assert.equal(run.code, 6);
    assert.equal(errorOf(run)['code'], 503);
    const { code, stderr } = await server.stop();
    assert.equal(code, 9);
    assert.match(stderr, named);
  });

  it('says with -q too what did harm, strict or not, and nothing else', async () => {
    await using server = await startServer(home, ['-q', ...seed], once);
    assert.equal((await home.run(list)).code, 0);
    assert.equal((await home.run(['device', 'get', '--device', 'none'])).code, 6);
    const { code, stderr } = await server.stop();
    assert.equal(code, 0);
    assert.match(stderr, /^warn: a real DeviceHive would have stopped here: [^\n]*\n$/);
  });

  it('works with --embedded', async () => {
    const run = await home.run([...list, '--embedded', '--strict', ...seed], once);
    assert.equal(run.code, 6);
    assert.match(run.stderr, named);
    assert.equal((await home.run(['doctor', '--embedded', '--strict'])).code, 0);
  });

  it('makes a replay that stops a real server end with 9, and a simulation', async () => {
    await home.run([...list, '--embedded', ...seed, '--trace-file', 'list.ndjson'], once);
    const replay = await home.run(['trace', 'replay', 'list.ndjson', '--embedded', '--strict', ...seed], once);
    assert.equal(replay.code, 9, replay.stderr);
    assert.match(replay.stderr, named);
    const large = { name: 'large', every: '300ms', parameters: { blob: 'x'.repeat(1_100_000) } };
    const notifications = [{ name: 'small', every: '100ms' }, large];
    const plan = {
      load: { 'allow-large': true, 'max-loop-delay': '1h', 'max-send-lag': '1h' },
      fleets: [{ id: 'thermostat', notifications }],
    };
    writeFileSync(join(home.work, 'plan.json'), JSON.stringify(plan));
    const flags = ['--embedded', '--strict', '--for', '1s', '--seed', '1'];
    const run = await home.run(['simulate', 'run', 'plan.json', ...flags], { harms: { size: 3 } });
    assert.equal(run.code, 9, run.stderr);
    assert.match(run.stderr, /warning: \d+ × size \(notification\/insert\): a real DeviceHive/m);
  });

  it('is no other than an embedded one: beside another server --strict ends with 2', async () => {
    const elsewhere = ['--strict', '--url', 'ws://192.0.2.1', '--token-file', 'token.txt'];
    for (const command of [
      ['device', 'list'],
      ['doctor'],
      ['simulate', 'run'],
      ['command', 'watch'],
      ['server', 'verify'],
    ]) {
      const run = await home.run([...command, ...elsewhere]);
      assert.equal(run.code, 2, command.join(' '));
      assert.match(`${run.stdout}${run.stderr}`, /--strict is for an embedded server, but --url names another one/);
    }
    const run = await home.run(['exec', ...elsewhere, '--', 'echo', 'started']);
    assert.deepEqual([run.code, run.stdout], [2, '']);
  });
});
