import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { deadUrl } from '../../helpers/badServer.ts';
import { errorOf, Home, type Ended } from '../../helpers/cli.ts';
import { fakeServer, refusing, silent } from '../../helpers/fakeServer.ts';

const home = new Home();
after(() => home[Symbol.dispose]());
writeFileSync(join(home.work, 'token.txt'), 'a-token', { mode: 0o600 });

const update = ['command', 'update', '--device', 'd1', '--id', '42', '--status', 'done', '--envelope'];
const token = ['--token-file', 'token.txt'];

interface Envelope {
  readonly request: Readonly<Record<string, unknown>>;
  readonly reply: Readonly<Record<string, unknown>> | null;
  readonly outcome: string;
  readonly timing: Readonly<Record<string, number | null>>;
  readonly server: { readonly url: string; readonly embedded: boolean } | null;
}

/** The one line on stdout, with exactly the keys that the README names. */
function envelopeOf({ stdout }: Ended): Envelope {
  assert.equal(stdout.trimEnd().split('\n').length, 1, stdout);
  const envelope = JSON.parse(stdout) as Envelope;
  assert.deepEqual(Object.keys(envelope), ['request', 'reply', 'outcome', 'timing', 'server']);
  assert.deepEqual(Object.keys(envelope.timing), ['connectMs', 'authMs', 'replyMs']);
  return envelope;
}

describe('--envelope', () => {
  it('wraps a success: request, reply, outcome, timing and server', async () => {
    const run = await home.run([...update, '--embedded']);
    assert.equal(run.code, 0, run.stderr);
    const { request, reply, outcome, timing, server } = envelopeOf(run);
    assert.equal(request['action'], 'command/update');
    assert.equal(request['commandId'], 42);
    assert.deepEqual(request['command'], { status: 'done' });
    assert.deepEqual(reply, { action: 'command/update', requestId: request['requestId'], status: 'success' });
    assert.equal(outcome, 'ok');
    for (const ms of Object.values(timing)) assert.ok(typeof ms === 'number' && ms >= 0);
    assert.equal(server?.embedded, true);
    assert.match(server.url, /^ws:\/\/127\.0\.0\.1:\d+\/dh\/websocket$/);
  });

  it('has no authentication time without authentication', async () => {
    await using fake = await fakeServer({ 'server/info': () => ({ info: { apiVersion: '4.1.0' } }) });
    const run = await home.run(['server', 'info', '--url', fake.url, '--envelope']);
    const { timing, server } = envelopeOf(run);
    assert.equal(timing['authMs'], null);
    assert.deepEqual(server, { url: fake.url, embedded: false });
  });

  it('wraps a refusal, and the failure is reported on stderr as well', async () => {
    await using fake = await fakeServer({ 'command/update': refusing(404, 'Device not found') });
    const run = await home.run([...update, ...token, '--url', fake.url, '--json']);
    assert.equal(run.code, 6, run.stderr);
    const { request, reply, outcome, server } = envelopeOf(run);
    assert.equal(outcome, 'refused');
    assert.deepEqual(reply, {
      action: 'command/update',
      requestId: request['requestId'],
      status: 'error',
      code: 404,
      error: 'Device not found',
    });
    assert.equal(server?.url, fake.url);
    assert.equal(errorOf(run)['code'], 404);
  });

  it('wraps a refusal of the rights as auth', async () => {
    await using fake = await fakeServer({ 'command/update': refusing(403, 'Access is denied') });
    const run = await home.run([...update, ...token, '--url', fake.url]);
    assert.equal(run.code, 4, run.stderr);
    assert.equal(envelopeOf(run).outcome, 'auth');
  });

  it('wraps a timeout, without a reply', async () => {
    await using fake = await fakeServer({ 'command/update': silent });
    const run = await home.run([...update, ...token, '--url', fake.url, '--timeout', '3s']);
    assert.equal(run.code, 7, run.stderr);
    const { request, reply, outcome } = envelopeOf(run);
    assert.equal(outcome, 'timeout');
    assert.equal(reply, null);
    assert.equal(request['action'], 'command/update');
  });

  it('wraps a server that cannot be reached', async () => {
    const run = await home.run([...update, ...token, '--url', await deadUrl()]);
    assert.equal(run.code, 5, run.stderr);
    const { request, reply, outcome } = envelopeOf(run);
    assert.equal(outcome, 'connect');
    assert.equal(reply, null);
    assert.equal(request['action'], 'command/update');
  });

  it('hides secrets in the request', async () => {
    writeFileSync(join(home.work, 'password.txt'), 'my-password');
    await using fake = await fakeServer({ token: refusing(401, 'Invalid credentials') });
    const login = ['token', 'get', '--login', 'me', '--password-file', 'password.txt'];
    const run = await home.run([...login, '--url', fake.url, '--envelope']);
    assert.equal(run.code, 4, run.stderr);
    assert.equal(envelopeOf(run).request['password'], '***');
    assert.equal(fake.sent('token')[0]?.['password'], 'my-password');
    assert.ok(!`${run.stdout}${run.stderr}`.includes('my-password'));
  });
});
