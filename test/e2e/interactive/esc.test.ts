import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { RunningServer } from '../../../src/server/index.ts';
import { Home } from '../../helpers/cli.ts';
import { embeddedServer } from '../../helpers/embeddedServer.ts';
import { keys, Terminal } from '../../helpers/terminal.ts';

const home = new Home();
let server: RunningServer;
before(async () => {
  server = await embeddedServer();
});
after(async () => {
  await server.close();
  home[Symbol.dispose]();
});

const menu = /What do you want to do\? \(type to\s+search\)/;

/** Starts interactive mode with the server of this file. */
async function started(): Promise<Terminal> {
  const terminal = Terminal.start(home, [], {
    env: { DEVICEHIVE_URL: server.url, DEVICEHIVE_TOKEN: server.accessToken },
  });
  await terminal.waitFor(menu);
  return terminal;
}

/** Types each line once the text before it is on the screen. */
async function typed(terminal: Terminal, ...steps: readonly (RegExp | string)[]): Promise<void> {
  for (const step of steps) {
    if (typeof step === 'string') terminal.type(step);
    else await terminal.waitFor(step);
  }
}

describe('Esc', () => {
  it('goes one question back at a time, and keeps the answers', async () => {
    using terminal = await started();
    await typed(terminal, 'command update\r', /\(--device\)/, 'd1\r', /\(--id\)/, '42\r', /\(--status\)/);
    await typed(terminal, keys.escape, /\(--id\) 42/, keys.escape, /\(--device\) d1/, keys.enter, /\(--id\) 42/);
    await typed(terminal, keys.enter, /\(--status\)/, 'done\r', /Optional fields/, keys.enter, /Send it\?/);
    await typed(terminal, keys.escape, /Optional fields/, keys.escape, /\(--status\) done/, ' so\r');
    await typed(
      terminal,
      /Optional fields/,
      keys.enter,
      /"commandId":42,"command":\{"status":"done so"\}/,
      /Send it\?/,
    );
    await typed(terminal, keys.enter, /success/, /What next\?/, keys.escape, /Optional fields/);
  });

  it('leads from the menu back to what came before, and does nothing where nothing did', async () => {
    using terminal = await started();
    await typed(terminal, keys.escape, menu, 'server info\r', /Send it\?/, keys.enter, /What next\?/);
    await typed(terminal, 'Another\r', menu, keys.escape, /What next\?/, 'Quit\r');
    assert.equal(await terminal.ended(), 0, terminal.text);
  });

  it('leads back to the menu with its choice, and the answers, kept', async () => {
    using terminal = await started();
    await typed(terminal, 'command update\r', /\(--device\)/, 'd1\r', /\(--id\)/, '42', keys.escape, /\(--device\) d1/);
    await typed(terminal, keys.escape, menu, /❯ command update/, keys.enter, /\(--device\) d1/, keys.escape, menu);
    await typed(terminal, /❯ command update/, 'simulate\r', /How many devices\?/, keys.enter, /How long|For how long/);
    await typed(terminal, keys.escape, /How many devices\?.* 10/, keys.escape, menu, /❯ simulate run/, keys.enter);
    await typed(terminal, /How many devices\?.* 10/);
  });

  it('leads from the choice of another server back to the menu, with the server as it was', async () => {
    using terminal = await started();
    await typed(terminal, 'another server\r', /Which server\?/, keys.escape, menu, 'server info\r', /Send it\?/);
    await typed(terminal, keys.enter, /success/);
  });

  it('leads from a URL back to the ways on, and from a login too', async () => {
    using fresh = new Home();
    using terminal = Terminal.start(fresh, []);
    await typed(terminal, /How do you want/, 'A server by', keys.enter, /URL of the server/, 'ws://x', keys.escape);
    await typed(terminal, /How do you want/, keys.escape, /How do you want/, 'A server by', keys.enter);
    await typed(terminal, /URL of the server/, `${server.url}\r`, /no access token/, /How do you want/, 'Log in\r');
    await typed(terminal, /\(--login\)/, 'somebody\r', /--password/, keys.escape, /\(--login\) somebody/, keys.escape);
    await typed(terminal, /How do you want/, 'Give an\r', /Access token/, keys.escape, /How do you want/);
    await typed(terminal, keys.escape, /URL of the server/);
  });

  for (const [name, key] of [
    ['Esc', keys.escape],
    ['q', 'q'],
  ] as const)
    it(`${name} ends a watch, and shows its command line`, async () => {
      using terminal = await started();
      await typed(terminal, 'command watch\r', /Optional/, '\r', /how long/, '\r', /Watch\?/, '\r');
      await typed(terminal, /watching commands of all devices on ws:.*; Esc, q or Ctrl-C end/, key);
      await typed(terminal, /same as: devicehive command watch --for 30s\n/, /What next\?/);
    });
});

describe('the menu', () => {
  it('has a line for each choice in a narrow terminal, and cuts no word', async () => {
    using terminal = Terminal.start(home, [], {
      env: { DEVICEHIVE_URL: server.url, DEVICEHIVE_TOKEN: server.accessToken },
    });
    terminal.resize(40, 24);
    await typed(terminal, menu, 'watch');
    await typed(terminal, /^❯ command watch {13}Watch …\n {2}notification watch/m);
  });

  const meant: readonly (readonly [string, string])[] = [
    ['create device', 'device save'],
    ['publish', 'notification insert'],
    ['send', 'command insert'],
    ['devce lst', 'device list'],
    ['rm network', 'network delete'],
  ];
  for (const [typing, words] of meant)
    it(`finds ${words} by '${typing}'`, async () => {
      using terminal = await started();
      await typed(terminal, typing, new RegExp(`❯ ${words} `));
    });

  it('offers to wait for the answer to a command', async () => {
    using terminal = await started();
    await typed(terminal, 'command insert\r', /\(--device\)/, 'd1\r', /\(--command\)/, 'go\r', /Optional/, '\r');
    await typed(terminal, /Wait for the answer of the device\? \(--wait\) \(y\/N\)/, 'y\r', /Send it\?/, '\r');
    await typed(terminal, /command \d+ accepted; waiting for d1, up to 10 s \(Esc or q stops waiting\)/, 'q');
    await typed(terminal, /waiting for device d1 was stopped/);
    await typed(terminal, /same as: devicehive command insert --device d1 --command go --wait\n/, /What next\?/);
  });

  it('has the doctor', async () => {
    using terminal = await started();
    await typed(terminal, 'doctor\r', /is DeviceHive 4/, /same as: devicehive doctor\n/, menu);
  });

  it('has a server for tests, which q ends', async () => {
    using terminal = await started();
    await typed(terminal, 'server start\r', /ready; .* Esc or q stops it/, 'q', /stopped/);
    await typed(terminal, /same as: devicehive server start\n/, menu);
  });

  it('has simulated devices', async () => {
    using terminal = await started();
    await typed(terminal, 'simulate\r', /How many devices\? \(--devices\)/, '2\r', /For how long\? \(--for\)/);
    await typed(terminal, keys.escape, /How many devices\? \(--devices\) 2/, '\r', /For how long/, '2s\r');
    await typed(terminal, /2 devices are up/, /2 devices, 2 s/);
    const line = /same as: devicehive simulate run --devices 2 --notify 'temperature=.* every 1s' --for 2s --cleanup\n/;
    await typed(terminal, line, menu);
    assert.doesNotMatch(terminal.text, /FAILED/);
  });
});
