import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { Home, type Ended } from '../../helpers/cli.ts';
import { fakeServer, type Answer } from '../../helpers/fakeServer.ts';

const home = new Home();
after(() => home[Symbol.dispose]());

const password = 'Correct horse "battery" staple';
writeFileSync(join(home.work, 'password.txt'), password);

/** A server that repeats received secrets in unexpected places. */
const echo: Answer = (request, peer) => {
  peer.send(`who is ${String(request['password'])}?`);
  return {
    status: 'error',
    code: 401,
    error: `no user has the password ${String(request['password'])}`,
    hint: [request],
  };
};

/** Runs `token get` against that server, and checks that no output holds the password. */
async function login(...flags: readonly string[]): Promise<Ended> {
  await using server = await fakeServer({ token: echo });
  const args = ['token', 'get', '--login', 'alice', '--password-file', 'password.txt', '--url', server.url, ...flags];
  const run = await home.run(args);
  assert.equal(server.sent('token')[0]?.['password'], password, 'the server got it');
  assert.equal(run.code, 4, run.stderr);
  for (const text of [run.stdout, run.stderr]) {
    assert.ok(!text.includes('horse'), text);
    assert.ok(!JSON.stringify(text).includes('battery'), text);
  }
  return run;
}

describe('a secret that the server repeats', () => {
  it('is hidden in messages', async () => {
    assert.match((await login()).stderr, /no user has the password \*\*\*\n/);
  });

  it('is hidden in JSON errors, the reply included', async () => {
    const { stderr } = await login('--json');
    const { error } = JSON.parse(stderr) as { error: { message: string; reply: Record<string, unknown> } };
    assert.match(error.message, /password \*\*\*$/);
    assert.equal(error.reply['error'], 'no user has the password ***');
  });

  it('is hidden in envelopes', async () => {
    const { reply } = JSON.parse((await login('--envelope')).stdout) as { reply: { error: string } };
    assert.equal(reply.error, 'no user has the password ***');
  });

  it('is hidden in traces', async () => {
    const { stderr } = await login('--verbose', '--trace-file', 'wire.ndjson');
    assert.match(stderr, /^< who is \*\*\*\?$/m);
    const trace = readFileSync(join(home.work, 'wire.ndjson'), 'utf8');
    assert.ok(!trace.includes('horse'));
    assert.match(trace, /no user has the password \*\*\*/);
  });

  it('is hidden in messages about frames that answer nothing', async () => {
    const script: Record<string, Answer> = {
      token: (request, peer) => {
        peer.send(`what is ${String(request['password'])}?`);
        return undefined;
      },
    };
    await using server = await fakeServer(script);
    const args = ['token', 'get', '--login', 'alice', '--password-file', 'password.txt', '--url', server.url];
    const run = await home.run([...args, '--timeout', '3s']);
    assert.equal(run.code, 7);
    assert.match(run.stderr, /not JSON: what is \*\*\*\?/);
  });
});
