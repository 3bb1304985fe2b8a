import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { connect, type Connection } from '../../../src/client/index.ts';
import type { RunningServer } from '../../../src/server/index.ts';
import { embeddedServer } from '../../helpers/embeddedServer.ts';
import { Home } from '../../helpers/cli.ts';
import { keys, Terminal } from '../../helpers/terminal.ts';

const home = new Home();
let server: RunningServer;
let admin: Connection;

before(async () => {
  server = await embeddedServer({ strict: true });
  admin = await connect({ url: server.url, credentials: server });
});
after(async () => {
  await admin.close();
  await server.close();
  home[Symbol.dispose]();
});

async function started(): Promise<Terminal> {
  const terminal = Terminal.start(home, ['connect'], {
    env: { DEVICEHIVE_URL: server.url, DEVICEHIVE_TOKEN: server.accessToken },
  });
  await terminal.waitFor(/Ctrl-D ends\.\n> /);
  return terminal;
}

describe('devicehive connect on a terminal', () => {
  it('shows replies and pushes above what is being typed, and ends with Ctrl-D', async () => {
    using terminal = await started();
    terminal.type('.watch d1', keys.enter);
    await terminal.waitFor(/watching d1/);
    terminal.type('server in');
    await terminal.waitFor(/> server in/);
    await admin.request('notification/insert', { deviceId: 'd1', notification: { notification: 'warm' } });
    await terminal.waitFor(/warm.*\n> server in/);
    terminal.type('fo', keys.enter);
    await terminal.waitFor(/ok {2}server\/info/);
    assert.match(await terminal.screen(), /warm/);
    terminal.type(keys.ctrlD);
    assert.equal(await terminal.ended(), 0);
  });

  it('completes nouns, verbs, flags and devices, and keeps a history', async () => {
    using terminal = await started();
    for (const [typed, shown] of [
      ['dev', /dev/],
      ['ice g', /ice g/],
      [keys.tab, /et /],
      ['--de', /--de/],
      [keys.tab, /vice /],
      ['d', /d/],
      [keys.tab, /1 /],
    ] as const) {
      terminal.type(typed);
      await terminal.waitFor(shown);
    }
    terminal.type(keys.enter);
    await terminal.waitFor(/ok {2}device\/get/);
    terminal.type(keys.up);
    await terminal.waitFor(/> device get --device d1/);
    terminal.type(keys.ctrlC);
    terminal.type('.quit', keys.enter);
    assert.equal(await terminal.ended(), 0);
  });

  it('tells what a line may be, and leaves with 130 at Ctrl-C', async () => {
    using terminal = await started();
    terminal.type('.help', keys.enter);
    await terminal.waitFor(/\.unwatch {2}show them no more/);
    terminal.type(keys.ctrlC);
    assert.equal(await terminal.ended(), 130);
  });
});
