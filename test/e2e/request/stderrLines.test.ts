import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { Home, errorOf } from '../../helpers/cli.ts';
import { fakeServer, type Answer } from '../../helpers/fakeServer.ts';

const home = new Home();
after(() => home[Symbol.dispose]());
writeFileSync(join(home.work, 'token.txt'), 'of-a-test');

const forged = 'no\r\nwarning: forged\n\u2028warning: forged\u0085warning: forged\u001b[2J';
const refused: Answer = () => ({ status: 'error', code: 400, error: forged });
const token = ['--token-file', 'token.txt'];

function assertOneVoice(stderr: string): void {
  assert.match(stderr, /forged/);
  assert.doesNotMatch(stderr, /^warning: forged/m);
  assert.doesNotMatch(stderr, /[\u001b\u0085\u2028\r]/);
}

describe('the text of a server on stderr', () => {
  it('begins no line of its own in a failure', async () => {
    await using server = await fakeServer({ 'device/list': refused });
    const run = await home.run(['device', 'list', ...token, '--url', server.url]);
    assert.equal(run.code, 6);
    assertOneVoice(run.stderr);
  });

  it('begins none in the reason of a close, nor in a note about it', async () => {
    const closing: Answer = (_request, peer) => {
      peer.close(1011, 'x\nwarning: forged');
      return undefined;
    };
    await using server = await fakeServer({ 'device/list': closing, 'notification/subscribe': closing });
    const list = await home.run(['device', 'list', ...token, '--url', server.url]);
    assert.equal(list.code, 5);
    assertOneVoice(list.stderr);
    const watch = ['notification', 'watch', '--device', 'd1', '--timeout', '1s'];
    const watched = await home.run([...watch, ...token, '--url', server.url]);
    assertOneVoice(watched.stderr);
  });

  it('begins none in a note that repeats a refusal, nor in the frames of --verbose', async () => {
    await using server = await fakeServer({ authenticate: refused });
    const status = await home.run(['server', 'status', ...token, '--url', server.url, '-v']);
    assertOneVoice(status.stderr);
  });
});

describe('a URL with a secret in its query', () => {
  it('is shown without it wherever it is shown', async () => {
    await using server = await fakeServer({ 'device/list': refused, 'server/info': () => ({ info: {} }) });
    const url = `${server.url}?room=7&access_token=hunter-secret`;
    const runs = [
      await home.run(['device', 'list', '--url', url]),
      await home.run(['device', 'list', '--url', url, ...token, '--envelope', '-v', '--trace-file', 'wire.ndjson']),
      await home.run(['trace', 'show', 'wire.ndjson']),
      await home.run(['server', 'status', '--url', url, '--json']),
      await home.run(['context', 'add', 'secretive', '--url', url]),
      await home.run(['context', 'show', 'secretive']),
      await home.run(['context', 'list', '-o', 'yaml']),
      await home.run(['auth', 'login', '--url', url, '--login', 'me', '--password-file', 'token.txt']),
      await home.run(['auth', 'status', '--url', url, ...token]),
      await home.run(['doctor', '--url', url, ...token]),
      await home.run(['device', 'list', '--url', url.replace('ws://', 'http://')]),
      await home.run(['device', 'list', '--url', url.replace(/:\d+/, ':1'), ...token]),
      await home.run(['exec', '--url', url, '--', process.execPath, '-e', '']),
    ];
    for (const { stdout, stderr } of runs) assert.doesNotMatch(stdout + stderr, /hunter/);
    assert.match(runs[1]?.stdout ?? '', /room=7&access_token=\*\*\*/);
    assert.ok(server.handshakes.length > 5);
  });
});

describe('the danger of a flag', () => {
  it('is said once a process', async () => {
    const lines = Array.from({ length: 3 }, () => '{"action":"server/info"}').join('\n');
    const run = await home.run(['batch', '-', '--embedded', '--allow-large'], { stdin: lines });
    assert.equal(run.code, 0, run.stderr);
    assert.equal(run.stderr.match(/warning: payloads over 900 KiB are sent/g)?.length, 1);
  });

  it('is said of one request only where it is one', async () => {
    await using server = await fakeServer();
    const url = ['--url', server.url, ...token];
    const insert = ['command', 'insert', '--device', 'd1', '--command', 'x', '--allow-large', ...url];
    assert.doesNotMatch((await home.run(insert)).stderr, /900 KiB/);
    const parameters = ['--parameters', '-'];
    const run = await home.run([...insert, ...parameters], { stdin: JSON.stringify({ x: 'y'.repeat(1_000_000) }) });
    assert.match(run.stderr, /^warning: payloads over 900 KiB are sent/m);
  });

  it('is a field of the error with --json', async () => {
    await using server = await fakeServer({ 'device/list': refused });
    const run = await home.run(['device', 'list', '--token', 'of-a-test', '--url', server.url, '--json']);
    assert.deepEqual(errorOf(run)['warnings'], [
      'warning: --token on the command line is visible in process lists; use --token-file or DEVICEHIVE_TOKEN',
    ]);
  });
});
