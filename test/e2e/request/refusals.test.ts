import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { errorOf, Home } from '../../helpers/cli.ts';
import { fakeServer, refusing, silent, type Answer } from '../../helpers/fakeServer.ts';

const home = new Home();
after(() => home[Symbol.dispose]());
writeFileSync(join(home.work, 'token.txt'), 'a-token', { mode: 0o600 });

const token = ['--token-file', 'token.txt'];
const update = ['command', 'update', '--device', 'd1', '--id', '42', '--status', 'done'];
const unknown = ['command', 'update', '--device', 'd1', '--id', '777', '--status', 'done'];

const codes: readonly { readonly code: number; readonly error: string | null; readonly exit: 4 | 6 }[] = [
  { code: 400, error: 'Command id is wrong or empty', exit: 6 },
  { code: 401, error: 'Unauthorized', exit: 4 },
  { code: 403, error: 'Access is denied', exit: 4 },
  { code: 404, error: 'Device with such deviceId = d1 not found', exit: 6 },
  { code: 409, error: 'Posted data conflicts', exit: 6 },
  { code: 413, error: 'too large', exit: 6 },
  { code: 500, error: null, exit: 6 },
  { code: 503, error: 'Service is not available', exit: 6 },
];

describe('a reply that refuses', () => {
  for (const { code, error, exit } of codes) {
    it(`${code} ends with ${exit}, and the code is in the message`, async () => {
      await using server = await fakeServer({ 'command/update': refusing(code, error) });
      const args = [...update, ...token, '--url', server.url];
      const [plain, json] = await Promise.all([home.run(args), home.run([...args, '--json'])]);
      assert.equal(plain.code, exit, plain.stderr);
      assert.equal(plain.stdout, '');
      assert.match(plain.stderr, new RegExp(`^devicehive command update: [^\\n]*\\b${code}\\b`));
      if (error !== null) assert.ok(plain.stderr.includes(error), plain.stderr);
      assert.equal(json.code, exit, json.stderr);
      assert.equal(json.stdout, '');
      const told = errorOf(json);
      assert.equal(told['kind'], exit === 4 ? 'auth' : 'refused');
      assert.equal(told['code'], code);
      assert.equal(told['exit'], exit);
      assert.equal(told['action'], 'command/update');
      assert.equal((told['reply'] as Record<string, unknown>)['error'], error);
    });
  }

  it('to authenticate ends with 4', async () => {
    await using server = await fakeServer({ authenticate: refusing(401, 'Invalid credentials') });
    const run = await home.run([...update, ...token, '--url', server.url]);
    assert.equal(run.code, 4, run.stderr);
    assert.match(run.stderr, /authenticate[^\n]*Invalid credentials/);
    assert.deepEqual(server.sent('command/update'), []);
  });

  it('makes control characters safe in the message', async () => {
    await using server = await fakeServer({ 'command/update': refusing(400, 'bad \u001b[31mred\u0007') });
    const run = await home.run([...update, ...token, '--url', server.url]);
    assert.equal(run.code, 6);
    assert.match(run.stderr, /\\u001b\[31mred/);
    assert.ok(!run.stderr.includes('\u001b') && !run.stderr.includes('\u0007'));
  });
});

describe('silence about an update', { concurrency: 8 }, () => {
  it('is diagnosed as a refusal when the device lacks the command, without command/get', async () => {
    const run = await home.run([...unknown, '--embedded', '--json', '--trace-file', 'silence.trace']);
    assert.equal(run.code, 6, run.stderr);
    assert.equal(run.stdout, '');
    const told = errorOf(run);
    assert.equal(told['kind'], 'refused');
    assert.equal(told['code'], null);
    assert.match(String(told['message']), /silent about unknown, expired \(120 s\) and foreign commands/);
    const trace = readFileSync(join(home.work, 'silence.trace'), 'utf8');
    assert.match(trace, /command\/list.*\\"take\\":20/);
    assert.doesNotMatch(trace, /command\/get/);
  });

  it('is explained by the embedded server', async () => {
    const run = await home.run([...unknown, '--embedded']);
    assert.equal(run.code, 6, run.stderr);
    assert.match(run.stderr, /embedded server: .*777/);
  });

  it('proves nothing when the list is full', async () => {
    const all = Array.from({ length: 120 }, (_, index) => ({ id: index + 1000 }));
    const list: Answer = ({ skip = 0, take }) => ({ commands: all.slice(Number(skip)).slice(0, Number(take)) });
    await using server = await fakeServer({ 'command/update': silent, 'command/list': list });
    const run = await home.run([...unknown, ...token, '--url', server.url, '--timeout', '5s']);
    assert.equal(run.code, 7, run.stderr);
    assert.equal(server.sent('command/list')[0]?.['take'], 20);
    assert.match(run.stderr, /100 commands or more/);
  });

  it('is waited out when the command exists, and a late reply wins', async () => {
    await using server = await fakeServer({
      'command/update': silent,
      'command/list': (_request, peer) => {
        const [late] = server.sent('command/update');
        peer.send({ action: 'command/update', requestId: late?.requestId, status: 'success' });
        return { commands: [] };
      },
    });
    const run = await home.run([...update, ...token, '--url', server.url]);
    assert.equal(run.code, 0, run.stderr);
    assert.match(run.stdout, /"status":"success"/);
  });

  it('ends with 7 when the list is refused, and the message says so', async () => {
    await using server = await fakeServer({
      'command/update': silent,
      'command/list': refusing(403, 'Access is denied'),
    });
    const run = await home.run([...update, ...token, '--url', server.url, '--timeout', '5s']);
    assert.equal(run.code, 7, run.stderr);
    assert.match(run.stderr, /Access is denied/);
  });

  it('ends with 7 when nothing is answered, and the message says that the server hangs for this connection', async () => {
    await using server = await fakeServer({
      'command/update': silent,
      'command/list': silent,
      'server/info': silent,
    });
    const run = await home.run([...update, ...token, '--url', server.url, '--timeout', '8s', '--json']);
    assert.equal(run.code, 7, run.stderr);
    assert.match(String(errorOf(run)['message']), /server\/info.*hangs for this connection/);
    assert.equal(server.sent('server/info').length, 1);
  });

  it('is not asked about with --no-probe', async () => {
    await using server = await fakeServer({ 'command/update': silent });
    const run = await home.run([...update, ...token, '--url', server.url, '--no-probe', '--timeout', '5s']);
    assert.equal(run.code, 7, run.stderr);
    assert.deepEqual(
      server.requests.map(({ action }) => action),
      ['authenticate', 'command/update'],
    );
  });

  it('does not happen with --answer-all: 404 ends with 6', async () => {
    const run = await home.run([...unknown, '--embedded', '--answer-all', '--json']);
    assert.equal(run.code, 6, run.stderr);
    const told = errorOf(run);
    assert.equal(told['code'], 404);
    assert.match(String(told['message']), /Command with id = 777 not found/);
  });
});

describe('silence about another action', { concurrency: 8 }, () => {
  it('leads to server/info, and the message says that the server still answers', async () => {
    await using server = await fakeServer({ 'device/list': silent });
    const run = await home.run(['device', 'list', ...token, '--url', server.url, '--timeout', '5s']);
    assert.equal(run.code, 7, run.stderr);
    assert.match(run.stderr, /still answers server\/info/);
    assert.equal(server.sent('server/info').length, 1);
  });

  it('is a hanging connection when server/info is not answered either', async () => {
    await using server = await fakeServer({ 'device/list': silent, 'server/info': silent });
    const run = await home.run(['device', 'list', ...token, '--url', server.url, '--timeout', '5s']);
    assert.equal(run.code, 7, run.stderr);
    assert.match(run.stderr, /not even server\/info/);
  });
});
