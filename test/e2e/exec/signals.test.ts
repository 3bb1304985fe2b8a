import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { after, describe, it } from 'node:test';
import { ended, Home } from '../../helpers/cli.ts';
import { fakeServer, silent } from '../../helpers/fakeServer.ts';
import { keys, Terminal } from '../../helpers/terminal.ts';

const home = new Home();
after(() => home[Symbol.dispose]());

/** Prints its process id and each signal that it receives; exits with 10 plus their number when stdin asks for it. */
const counting = `
  let count = 0;
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, () => { count++; console.log('got ' + name); });
  process.stdin.once('data', () => process.exit(10 + count));
  console.log('ready ' + process.pid);`;

/** Resolves with the first text on stdout that matches. */
function said(child: ChildProcess, pattern: RegExp): Promise<RegExpExecArray> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const match = pattern.exec(text);
      if (match !== null) resolve(match);
    });
    child.once('close', () => reject(new Error(`ended without ${pattern.source}: ${text}`)));
  });
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('a signal to exec', () => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    it(`${signal} is passed on once, and the end of the command is awaited`, async () => {
      const child = home.start(['exec', '-q', '--', process.execPath, '-e', counting]);
      const end = ended(child);
      await said(child, /ready/);
      const got = said(child, new RegExp(`got ${signal}`));
      child.kill(signal);
      await got;
      child.stdin?.end('now');
      const run = await end;
      assert.deepEqual([run.code, run.signal], [11, null], run.stderr);
    });
  }

  it('is passed on once although it comes again when the terminal is gone', async () => {
    const child = home.start(['exec', '-q', '--', process.execPath, '-e', counting]);
    const end = ended(child);
    await said(child, /ready/);
    const first = said(child, /got SIGHUP/);
    child.kill('SIGHUP');
    await first;
    child.kill('SIGHUP');
    child.stdin?.end('now');
    const run = await end;
    assert.deepEqual([run.code, run.signal], [11, null], run.stderr);
  });

  it('that ends the command makes the exit code 128 + n', async () => {
    for (const [signal, code] of [
      ['SIGINT', 130],
      ['SIGTERM', 143],
    ] as const) {
      const child = home.start(['exec', '-q', '--', '/bin/sh', '-c', 'echo ready; exec sleep 60']);
      const end = ended(child);
      await said(child, /ready/);
      child.kill(signal);
      assert.equal((await end).code, code);
    }
  });

  it('kills the command when it is the second', async () => {
    const child = home.start(['exec', '-q', '--', process.execPath, '-e', counting]);
    const end = ended(child);
    const [, pid] = await said(child, /ready (\d+)/);
    const got = said(child, /got SIGINT/);
    child.kill('SIGINT');
    await got;
    child.kill('SIGINT');
    const run = await end;
    assert.deepEqual([run.code, run.signal], [137, null], run.stderr);
    assert.equal(isAlive(Number(pid)), false);
  });

  it('ends with 130 while a token is fetched, and starts nothing', async () => {
    await using server = await fakeServer({ 'token/refresh': silent });
    const env = { DEVICEHIVE_REFRESH_TOKEN: 'mine', DEVICEHIVE_TIMEOUT: '60s' };
    const child = home.start(['exec', '--url', server.url, '--', 'echo', 'started'], { env });
    const end = ended(child);
    await server.received('token/refresh');
    child.kill('SIGINT');
    const run = await end;
    assert.deepEqual([run.code, run.stdout], [130, ''], run.stderr);
  });
});

describe('Ctrl-C on a terminal', () => {
  it('reaches the command of exec once, and its exit code is passed on', async () => {
    using terminal = Terminal.start(home, ['exec', '--', process.execPath, '-e', counting]);
    await terminal.waitFor(/ready/);
    terminal.type(keys.ctrlC);
    await terminal.waitFor(/got SIGINT/);
    terminal.type(keys.enter);
    assert.equal(await terminal.ended(), 11, terminal.text);
  });
});
