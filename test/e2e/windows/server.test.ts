import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { Home } from '../../helpers/cli.ts';
import { startServer } from '../../helpers/runningServer.ts';
import { windowsEnv } from '../../helpers/windows.ts';

const home = new Home();
after(() => home[Symbol.dispose]());

describe('server stop on Windows', () => {
  it('sees that a server is gone which had no time to take its entry away', async () => {
    await using server = await startServer(home);
    const run = await home.run(['server', 'stop'], { env: windowsEnv(home) });
    assert.equal(run.code, 0, run.stderr);
    assert.ok(run.stdout.includes(server.ready.url));
    assert.equal((await server.end).signal, 'SIGKILL');
    const folder = join(home.folder, 'run', 'devicehive');
    assert.deepEqual(existsSync(folder) ? readdirSync(folder) : [], []);
  });

  it('stops every server with --all', async () => {
    await using _first = await startServer(home);
    await using _second = await startServer(home);
    const run = await home.run(['server', 'stop', '--all'], { env: windowsEnv(home) });
    assert.equal(run.code, 0, run.stderr);
    assert.equal(run.stdout.trimEnd().split('\n').length, 2);
  });
});
