import assert from 'node:assert/strict';
import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { Home } from '../../helpers/cli.ts';
import { serverForAll } from '../../helpers/runningServer.ts';

const home = new Home();
const server = serverForAll(home, () => {
  writeFileSync(join(home.work, 'password.txt'), server.ready.password);
});

const update = ['command', 'update', '--device', 'd1', '--id', '42', '--status', 'done'];
const login = ['token', 'get', '--login', 'dhadmin', '--password-file', 'password.txt'];

function assertSecretsHidden(trace: string, stdout: string): void {
  const { accessToken, refreshToken } = JSON.parse(stdout) as { accessToken: string; refreshToken: string };
  for (const secret of [server.ready.password, accessToken, refreshToken]) assert.ok(!trace.includes(secret));
  assert.match(trace, /\*\*\*/);
}

describe('the trace', () => {
  it('goes to stderr with --verbose, secrets redacted', async () => {
    const run = await home.run([...login, '--verbose']);
    assert.equal(run.code, 0, run.stderr);
    assert.match(run.stderr, /"action":"token"/);
    assert.match(run.stderr, /"login":"dhadmin"/);
    assert.match(run.stderr, /"status":"success"/);
    assertSecretsHidden(run.stderr, run.stdout);
  });

  it('hides the token of authenticate', async () => {
    const run = await home.run([...update, '-v']);
    assert.match(run.stderr, /"action":"authenticate"/);
    assert.ok(!run.stderr.includes(server.ready.accessToken));
  });

  it('goes to a file with --trace-file, for its owner only, secrets redacted', async () => {
    const run = await home.run([...login, '--trace-file', 'wire.ndjson']);
    assert.equal(run.code, 0, run.stderr);
    assert.equal(run.stderr, '');
    const file = join(home.work, 'wire.ndjson');
    assert.equal(statSync(file).mode & 0o777, 0o600);
    const trace = readFileSync(file, 'utf8');
    assertSecretsHidden(trace, run.stdout);
    const kinds = trace
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { kind: string }).kind);
    assert.deepEqual(kinds.slice(0, 3), ['opened', 'sent', 'received']);
  });

  it('makes an existing wider file private', async () => {
    const file = join(home.work, 'wide.ndjson');
    writeFileSync(file, 'old\n');
    chmodSync(file, 0o644);
    assert.equal((await home.run([...update, '--trace-file', 'wide.ndjson'])).code, 0);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.doesNotMatch(readFileSync(file, 'utf8'), /^old$/m);
  });

  it('to a place that cannot be written ends with 2', async () => {
    const run = await home.run([...update, '--trace-file', 'missing/wire.ndjson']);
    assert.equal(run.code, 2);
    assert.match(run.stderr, /--trace-file/);
  });
});
