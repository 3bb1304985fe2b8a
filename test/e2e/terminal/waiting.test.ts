import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { RunningServer } from '../../../src/server/index.ts';
import { Home } from '../../helpers/cli.ts';
import { embeddedServer } from '../../helpers/embeddedServer.ts';
import { fakeServer, jwtWith, silent } from '../../helpers/fakeServer.ts';
import { keys, Terminal } from '../../helpers/terminal.ts';
import { received, sent, traceText } from '../../helpers/traces.ts';

const home = new Home();
after(() => home[Symbol.dispose]());
const token = jwtWith({ a: ['*'], n: ['*'], dt: ['*'], u: 1, e: Date.now() + 3_600_000, t: 1 });
writeFileSync(join(home.work, 'token.txt'), token, { mode: 0o600 });
writeFileSync(join(home.work, 'password.txt'), 'secret', { mode: 0o600 });
writeFileSync(join(home.work, 'lines.ndjson'), '{"action":"device/list"}\n');

const recording = traceText([
  sent({ action: 'device/list', requestId: 1 }),
  received({ action: 'device/list', requestId: 1, status: 'success', devices: [] }),
]);

/** Answers who it is, and nothing that was asked for. */
const mute = {
  'device/list': silent,
  'device/count': silent,
  'command/subscribe': silent,
  token: silent,
  'user/getCurrent': silent,
};

const waits: readonly { readonly line: string; readonly says: RegExp }[] = [
  { line: 'device list', says: /waiting for the reply to device\/list … 1 s/ },
  { line: 'auth login --login dhadmin --password-file password.txt', says: /waiting for the tokens … 1 s/ },
  { line: 'auth status --token-file token.txt', says: /asking whose token it is … 1 s/ },
  { line: 'command watch --device d1', says: /subscribing … 1 s/ },
  { line: 'batch lines.ndjson', says: /100 % {2}0 lines {2}0\/s … 1 s/ },
  { line: 'server verify', says: /verifying the server … 1 s/ },
  { line: 'doctor', says: /checking the server … 1 s/ },
];

describe('what lasts over a second', () => {
  for (const { line, says } of waits)
    it(`is told on a terminal by ${line}`, async () => {
      await using server = await fakeServer({ ...mute, 'server/info': line === 'doctor' ? silent : () => ({}) });
      const words = line.includes('--token-file') || line.startsWith('auth') ? [] : ['--token-file', 'token.txt'];
      using terminal = Terminal.start(home, [...line.split(' '), ...words, '--url', server.url]);
      await terminal.waitFor(says);
      await terminal.waitFor(/… 2 s/);
      terminal.type(keys.ctrlC);
      await terminal.ended();
      assert.doesNotMatch(await terminal.screen(), /… \d+ s/);
    });

  it('says while it connects where to', async () => {
    await using server = await fakeServer({ authenticate: silent });
    using terminal = Terminal.start(home, ['device', 'list', '--token-file', 'token.txt', '--url', server.url]);
    await terminal.waitFor(new RegExp(`connecting to ${server.url} … 1 s`));
    terminal.type(keys.ctrlC);
    await terminal.ended();
  });

  it('is said in a line that stays where no line can be taken back', async () => {
    await using server = await fakeServer(mute);
    const args = ['device', 'list', '--token-file', 'token.txt', '--url', server.url];
    using terminal = Terminal.start(home, args, { env: { CI: 'true' } });
    await terminal.waitFor(/waiting for the reply to device\/list\n/);
    terminal.type(keys.ctrlC);
    await terminal.ended();
    assert.doesNotMatch(terminal.text, /… \d+ s/);
  });

  it('is not said with --quiet, nor without a terminal', async () => {
    await using server = await fakeServer(mute);
    const args = [
      'device',
      'list',
      '--token-file',
      'token.txt',
      '--url',
      server.url,
      '--timeout',
      '1500ms',
      '--no-probe',
    ];
    using terminal = Terminal.start(home, [...args, '--quiet']);
    assert.equal(await terminal.ended(), 7);
    assert.doesNotMatch(terminal.text, /waiting/);
    assert.doesNotMatch((await home.run(args)).stderr, /waiting|\u001b/);
  });

  it('counts what a replay does', async () => {
    await using server = await fakeServer(mute);
    writeFileSync(join(home.work, 'trace.ndjson'), recording);
    const args = ['trace', 'replay', 'trace.ndjson', '--token-file', 'token.txt', '--url', server.url];
    using terminal = Terminal.start(home, args);
    await terminal.waitFor(/replaying: line \d of the recording … 1 s/);
    terminal.type(keys.ctrlC);
    await terminal.ended();
  });
});

describe('a long plan', () => {
  it('says on a terminal that its events are being written to a pipe', async () => {
    const plan = ['simulate', 'plan', '--devices', '50000', '--notify', 't=uniform(1,2) every 1s', '--for', '10m'];
    using terminal = Terminal.script(home, '"$@" | wc -c', plan);
    await terminal.waitFor(/writing the events of the plan … 1 s/);
    terminal.type(keys.ctrlC);
    await terminal.ended();
  });
});

describe('waiting for a device', () => {
  let server: RunningServer;
  const env = () => ({ DEVICEHIVE_URL: server.url, DEVICEHIVE_TOKEN: server.accessToken });
  const insert = ['command', 'insert', '--device', 'd1', '--command', 'reboot', '--wait', '--timeout', '20s'];

  it('is said at once, with the time that passes on a terminal', async () => {
    server = await embeddedServer();
    try {
      using terminal = Terminal.start(home, insert, { env: env() });
      await terminal.waitFor(/command \d+ accepted; waiting for d1, up to 20 s \(Ctrl-C stops waiting\)\n/);
      await terminal.waitFor(/waiting for d1, up to 20 s … 1 s/);
      terminal.type(keys.ctrlC);
      assert.equal(await terminal.ended(), 130);
    } finally {
      await server.close();
    }
  });

  it('is one plain line without a terminal', async () => {
    server = await embeddedServer();
    try {
      const { stderr } = await home.run([...insert.slice(0, -1), '200ms'], { env: env() });
      const [first] = stderr.split('\n');
      assert.match(first ?? '', /^command \d+ accepted; waiting for d1, up to 200 ms \(Ctrl-C stops waiting\)$/);
    } finally {
      await server.close();
    }
  });
});

describe('watching', () => {
  it('says what is watched, where, and how it ends', async () => {
    const server = await embeddedServer();
    try {
      const env = { DEVICEHIVE_URL: server.url, DEVICEHIVE_TOKEN: server.accessToken };
      const watched = async (...args: string[]) => (await home.run([...args, '--for', '50ms'], { env })).stderr;
      const end = `on ${server.url} for 50 ms; Ctrl-C ends\n`;
      assert.equal(await watched('command', 'watch', '--device', 'd1'), `watching commands of d1 ${end}`);
      assert.equal(
        await watched('notification', 'watch', '--device', 'd1', '--name', 't', '--name', 'u'),
        `watching notifications (t, u) of d1 ${end}`,
      );
      assert.equal(
        await watched('command', 'watch', '--network', '1', '--device-type', '1', '--updates'),
        `watching updates of commands of all devices of network 1 and of device type 1 ${end}`,
      );
    } finally {
      await server.close();
    }
  });
});
