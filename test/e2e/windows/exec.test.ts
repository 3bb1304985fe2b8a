import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { Home, type Ended } from '../../helpers/cli.ts';
import { windowsEnv } from '../../helpers/windows.ts';

const home = new Home();
after(() => home[Symbol.dispose]());

/**
 * Runs the program as on Windows, with a stand-in for cmd.exe that prints what it is given and ends with a code.
 */
function runOnWindows(args: readonly string[], code: number): Promise<Ended> {
  const programs = join(home.folder, 'programs');
  const comspec = join(home.folder, 'cmd.sh');
  mkdirSync(programs, { recursive: true });
  writeFileSync(join(programs, 'npm.CMD'), '', { mode: 0o755 });
  writeFileSync(comspec, `#!/bin/sh\nprintf '%s\\n' "$@"\nexit ${code}\n`, { mode: 0o755 });
  const PATH = `${programs}:${process.env['PATH'] ?? ''}`;
  return home.run(args, { env: { ...windowsEnv(home), comspec, PATH } });
}

describe('exec on Windows', () => {
  it('runs scripts such as npm.cmd through the shell, whatever is in their arguments', async () => {
    const { code, stdout, stderr } = await runOnWindows(['exec', '-q', '--', 'npm', 'a b', '%PATH%'], 0);
    assert.deepEqual([code, stderr], [0, '']);
    assert.equal(stdout, '/d\n/s\n/c\n"npm ^"a^ b^" ^"^%PATH^%^""\n');
  });

  it('passes the exit code of a script through', async () => {
    assert.equal((await runOnWindows(['exec', '-q', '--', 'npm', 'test'], 7)).code, 7);
  });

  it('ends with 127 where the command does not exist', async () => {
    const { code, stderr } = await runOnWindows(['exec', '-q', '--', 'no-such-command'], 1);
    assert.equal(code, 127, stderr);
    assert.match(stderr, /cannot start 'no-such-command': there is no such command/);
  });
});
