import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { Home, type RunOptions } from '../../helpers/cli.ts';
import { fakeServer, type FakeServer } from '../../helpers/fakeServer.ts';
import { keys, Terminal } from '../../helpers/terminal.ts';

const home = new Home();
after(() => home[Symbol.dispose]());
writeFileSync(join(home.work, 'delete.ndjson'), '{"action":"device/delete","deviceId":"d1"}\n');

function env(server: FakeServer): NodeJS.ProcessEnv {
  return { DEVICEHIVE_URL: server.url, DEVICEHIVE_TOKEN: 'x' };
}

const words = ['device', 'delete', '--device', 'd1'];

describe('a deletion', () => {
  for (const [answer, how] of [
    [keys.enter, 'Enter'],
    ['n\r', 'no'],
  ] as const)
    it(`is asked about on a terminal, and ${how} deletes nothing`, async () => {
      await using server = await fakeServer();
      using terminal = Terminal.start(home, words, { env: env(server) });
      await terminal.waitFor(/Delete device d1\? \(y\/N\)/);
      terminal.type(answer);
      assert.equal(await terminal.ended(), 130, terminal.text);
      assert.match(terminal.text, /nothing was deleted/);
      assert.equal(server.sent('device/delete').length, 0);
    });

  it('is left with Esc, which leads back to what was asked before', async () => {
    await using server = await fakeServer();
    using terminal = Terminal.start(home, words, { env: env(server) });
    await terminal.waitFor(/Delete device d1\?/);
    terminal.type(keys.escape);
    assert.equal(await terminal.ended(), 130, terminal.text);
    assert.match(terminal.text, /nothing was deleted/);
    using asking = Terminal.start(home, words.slice(0, 2), { env: env(server) });
    await asking.waitFor(/\(--device\)/);
    asking.type('d1\r');
    await asking.waitFor(/Delete device d1\? \(y\/N\)/);
    asking.type(keys.escape);
    await asking.waitFor(/\(--device\) d1/);
    asking.type('2\r');
    await asking.waitFor(/Delete device d12\? \(y\/N\)/);
    asking.type('y\r');
    assert.equal(await asking.ended(), 0, asking.text);
    assert.deepEqual(
      server.sent('device/delete').map(({ deviceId }) => deviceId),
      ['d12'],
    );
  });

  it('is done after yes', async () => {
    await using server = await fakeServer();
    using terminal = Terminal.start(home, words, { env: env(server) });
    await terminal.waitFor(/Delete device d1\?/);
    terminal.type('y\r');
    assert.equal(await terminal.ended(), 0, terminal.text);
    assert.equal(server.sent('device/delete').length, 1);
  });

  const unasked: readonly (readonly [string, readonly string[], RunOptions['env']])[] = [
    ['with --yes', [...words, '--yes'], {}],
    ['with --no-input', [...words, '--no-input'], {}],
    ['with CI', words, { CI: 'true' }],
    ['with DEVICEHIVE_NO_INPUT', words, { DEVICEHIVE_NO_INPUT: '1' }],
    ['in a request', ['request', 'device/delete', '--data', '{"deviceId":"d1"}'], {}],
    ['in a batch', ['batch', 'delete.ndjson'], {}],
  ];
  for (const [where, line, more] of unasked)
    it(`is not asked about ${where}`, async () => {
      await using server = await fakeServer();
      using terminal = Terminal.start(home, line, { env: { ...env(server), ...more } });
      assert.equal(await terminal.ended(), 0, terminal.text);
      assert.equal(server.sent('device/delete').length, 1);
    });

  it('is not asked about in a dry run, nor without a terminal', async () => {
    await using server = await fakeServer();
    using terminal = Terminal.start(home, [...words, '--dry-run'], { env: env(server) });
    assert.equal(await terminal.ended(), 0, terminal.text);
    assert.equal((await home.run(words, { env: env(server) })).code, 0);
    assert.equal(server.sent('device/delete').length, 1);
  });

  it('has No as its default in interactive mode', async () => {
    await using server = await fakeServer();
    using terminal = Terminal.start(home, [], { env: env(server) });
    await terminal.waitFor(/What do you want/);
    terminal.type('device delete\r');
    await terminal.waitFor(/\(--device\)/);
    terminal.type('d1\r');
    await terminal.waitFor(/Send it\? \(y\/N\)/);
  });
});

describe('values that were given', () => {
  it('are checked before anything is asked', async () => {
    await using server = await fakeServer();
    const line = ['command', 'update', '--device', 'd1', '--id', 'none'];
    using terminal = Terminal.start(home, line, { env: env(server) });
    assert.equal(await terminal.ended(), 3, terminal.text);
    assert.match(terminal.text, /--id must be/);
    assert.doesNotMatch(terminal.text, /\(--status\)/);
  });
});

describe('suggestions', () => {
  const devices = Array.from({ length: 1200 }, (_, index) => ({
    id: `lamp-${String(index).padStart(4, '0')}`,
    name: '',
  }));
  const list = { 'device/list': (request: Readonly<Record<string, unknown>>) => page(request) };

  function page({ take, skip }: Readonly<Record<string, unknown>>) {
    const start = Number(skip ?? 0);
    return { devices: devices.slice(start, start + Number(take ?? 20)) };
  }

  it('know a thousand devices, and say of how many', async () => {
    await using server = await fakeServer({ ...list, 'device/count': () => ({ count: devices.length }) });
    using terminal = Terminal.start(home, ['device', 'get'], { env: env(server) });
    await terminal.waitFor(/first 1,000 of 1,200/);
    terminal.type('lamp-0999');
    await terminal.waitFor(/^ +lamp-0999$/m);
  });

  it('are taken with Enter when one is highlighted and nothing typed', async () => {
    await using server = await fakeServer(list);
    using terminal = Terminal.start(home, ['device', 'get'], { env: env(server) });
    await terminal.waitFor(/❯ lamp-0000/);
    terminal.type(keys.enter);
    assert.equal(await terminal.ended(), 0, terminal.text);
    assert.equal(server.sent('device/get')[0]?.['deviceId'], 'lamp-0000');
  });

  it('of a shell know a thousand too', async () => {
    await using server = await fakeServer({ ...list, 'device/count': () => ({ count: devices.length }) });
    const line = ['completion', 'complete', '--', 'device', 'get', '--device', ''];
    const token = `eyJhbGciOiJIUzI1NiJ9.${Buffer.from('{"payload":{"t":1}}').toString('base64url')}.c2ln`;
    const { stdout } = await home.run(line, { env: { ...env(server), DEVICEHIVE_TOKEN: token } });
    assert.equal(stdout.match(/^lamp-/gm)?.length, 1000, stdout.slice(0, 500));
    assert.match(stdout, /^lamp-0000\tfirst 1,000 of 1,200$/m);
  });
});
