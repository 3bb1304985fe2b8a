import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { ended, Home, type Ended } from '../../helpers/cli.ts';
import { fakeServer } from '../../helpers/fakeServer.ts';
import { received, sent, traceText } from '../../helpers/traces.ts';
import { serverForAll } from '../../helpers/runningServer.ts';

const home = new Home();
serverForAll(home, async () => {
  await record('session.ndjson', requests);
});

const requests = [
  { action: 'command/subscribe', deviceId: 'd1' },
  { action: 'command/insert', deviceId: 'd1', command: { command: 'blink', parameters: { text: '${any}' } } },
  { action: 'command/get', deviceId: 'd1', commandId: 5 },
  { action: 'device/get', deviceId: 'd1', requestId: 'mine' },
];

function file(name: string, text: string): string {
  writeFileSync(join(home.work, name), text);
  return name;
}

function linesOf({ stdout }: Ended): Record<string, unknown>[] {
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** Records a session: sends these requests one after another with a batch. */
async function record(name: string, lines: readonly object[], ...flags: readonly string[]): Promise<string> {
  const input = file('requests.ndjson', lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  const run = await home.run(['batch', input, '--concurrency', '1', '--trace-file', name, ...flags]);
  assert.ok(run.code === 0 || run.code === 10, run.stderr);
  return name;
}

describe('trace show', () => {
  it('shows each frame with its time and the time of its reply, and sums up', async () => {
    const run = await home.run(['trace', 'show', 'session.ndjson', '--output', 'text']);
    assert.equal(run.code, 0, run.stderr);
    assert.match(run.stdout, /^ +0\.\d{3} s {2}\* connected to ws:/);
    assert.match(run.stdout, /> command\/insert #3 {2}\{"deviceId":"d1"/);
    assert.match(run.stdout, /< push command\/insert for \d+ {2}\{"command":/);
    assert.match(run.stdout, /< command\/get #4 {2}error 404 after [\d.]+ ms {2}Command with id = 5 not found/);
    assert.match(run.stdout, /\n5 requests over 1 connection in .*, 4 answered, 1 refused, 1 push, replies took .*\n$/);
  });

  it('is JSON in a pipe, with the whole frames', async () => {
    const records = linesOf(await home.run(['trace', 'show', 'session.ndjson']));
    const insert = records.find(({ kind, action }) => kind === 'reply' && action === 'command/insert');
    assert.equal(insert?.['status'], 'success');
    assert.equal(typeof insert['replyMs'], 'number');
    assert.deepEqual(records.at(-1)?.['kind'], 'summary');
  });

  it('shows only what failed, or is of one action', async () => {
    const failed = linesOf(await home.run(['trace', 'show', 'session.ndjson', '--failed']));
    assert.deepEqual(
      failed.map(({ kind, action }) => [kind, action]),
      [
        ['request', 'command/get'],
        ['reply', 'command/get'],
        ['summary', undefined],
      ],
    );
    const ofNoun = linesOf(await home.run(['trace', 'show', 'session.ndjson', '--action', 'device']));
    assert.deepEqual(
      ofNoun.map(({ kind, requestId }) => [kind, requestId]),
      [
        ['request', 'mine'],
        ['reply', 'mine'],
        ['summary', undefined],
      ],
    );
  });

  it('shows silence', async () => {
    const update = { action: 'command/update', requestId: 1, deviceId: 'd1', commandId: 5, command: {} };
    const name = file('silent.ndjson', traceText([sent(update)], 1500));
    const run = await home.run(['trace', 'show', name, '--output', 'text', '--failed']);
    assert.match(run.stdout, /! no reply to command\/update #1 within 1\.5 s/);
  });

  it('reads stdin, and says where nothing fits', async () => {
    const stdin = readFileSync(join(home.work, 'session.ndjson'), 'utf8');
    const run = await home.run(['trace', 'show', '-', '--action', 'network'], { stdin });
    assert.equal(run.code, 0);
    assert.match(run.stderr, /nothing of network is in the trace/);
  });

  it('makes what the server said safe, and ends well when its reader has enough', async () => {
    const hostile = { action: 'device/get', requestId: 1, status: 'error', code: 400, error: '\u001b]0;owned\u0007' };
    const request = sent({ action: 'device/get', requestId: 1 });
    const name = file('hostile.ndjson', traceText([request, received(hostile)]));
    const run = await home.run(['trace', 'show', name, '--output', 'text']);
    assert.ok(!run.stdout.includes('\u001b'));
    const long = file('long.ndjson', traceText(Array.from({ length: 20_000 }, () => request)));
    const child = home.start(['trace', 'show', long]);
    child.stdout?.once('data', () => child.stdout?.destroy());
    const { code, stderr } = await ended(child);
    assert.deepEqual([code, stderr], [0, '']);
  });
});

describe('trace replay', () => {
  it('agrees with a server that does the same', async () => {
    const run = await home.run(['trace', 'replay', 'session.ndjson', '--embedded', '--output', 'text']);
    assert.equal(run.code, 0, run.stdout);
    assert.match(run.stdout, /^line \d+ +agrees +command\/subscribe\n/);
    assert.match(run.stdout, /agrees +push command\/insert/);
    assert.match(run.stdout, /\n5 agree\n$/);
  });

  it('ends with 9 where a reply differs, and says where', async () => {
    const name = await record('network.ndjson', [
      { action: 'network/insert', network: { name: 'one', description: 'd' } },
    ]);
    const run = await home.run(['trace', 'replay', name]);
    assert.equal(run.code, 9);
    const [finding, summary] = linesOf(run);
    assert.equal(finding?.['outcome'], 'differs');
    assert.deepEqual((finding['differences'] as { at: string }[]).map(({ at }) => at).sort(), [
      'code',
      'error',
      'network',
      'status',
    ]);
    assert.deepEqual(summary, { kind: 'summary', agrees: 0, differs: 1, missing: 0, unexpected: 0, skipped: 0 });
    assert.match(run.stderr, /1 of 1 differ from the recording/);
  });

  it('uses the ids of inserted messages in later requests', async () => {
    const name = file(
      'update.ndjson',
      traceText([
        sent({ action: 'authenticate', requestId: 1, token: '***' }),
        received({ action: 'authenticate', requestId: 1, status: 'success' }),
        sent({ action: 'command/insert', requestId: 2, deviceId: 'd1', command: { command: 'blink' } }),
        received({
          action: 'command/insert',
          requestId: 2,
          status: 'success',
          command: { id: 7, timestamp: '2026-11-22T22:13:45.123', lastUpdated: '2026-11-22T22:13:45.123', userId: 1 },
        }),
        sent({ action: 'command/update', requestId: 3, deviceId: 'd1', commandId: 7, command: { status: 'done' } }),
        received({ action: 'command/update', requestId: 3, status: 'success' }),
      ]),
    );
    const run = await home.run(['trace', 'replay', name, '--trace-file', 'again.ndjson']);
    assert.equal(run.code, 0, run.stdout);
    const diff = await home.run(['trace', 'diff', name, 'again.ndjson', '--output', 'text']);
    assert.deepEqual([diff.code, diff.stdout], [0, '3 agree\n']);
  });

  it('refuses --envelope, which is about one request, before anything is sent', async () => {
    await using idle = await fakeServer();
    const run = await home.run(['trace', 'replay', 'session.ndjson', '--url', idle.url, '--envelope']);
    assert.equal(run.code, 2);
    assert.equal(idle.peers.length, 0);
  });

  it('prints the frames with --dry-run, and sends nothing', async () => {
    await using idle = await fakeServer();
    const run = await home.run(['trace', 'replay', 'session.ndjson', '--dry-run', '--url', idle.url]);
    assert.equal(run.code, 0, run.stderr);
    assert.deepEqual(
      linesOf(run).map(({ action }) => action),
      requests.map(({ action }) => action),
    );
    assert.equal(idle.peers.length, 0);
  });

  it('changes users only with --allow-admin', async () => {
    const count = await record('users.ndjson', [{ action: 'user/update', userId: 1, user: { data: { a: 1 } } }]);
    const refused = await home.run(['trace', 'replay', count]);
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /changes users or configuration: user\/update; nothing was sent/);
    assert.equal((await home.run(['trace', 'replay', count, '--allow-admin'])).code, 0);
  });

  it('ends with 4 where the token is refused, with 5 where no server answers', async () => {
    const token = file('token.txt', 'wrong');
    assert.equal((await home.run(['trace', 'replay', 'session.ndjson', '--token-file', token])).code, 4);
    assert.equal(
      (await home.run(['trace', 'replay', 'session.ndjson', '--url', 'ws://127.0.0.1:1', '--token-file', token])).code,
      5,
    );
  });

  it('ends with 130 on Ctrl-C', async () => {
    await using server = await fakeServer({ 'device/get': () => undefined });
    const name = file(
      'slow.ndjson',
      traceText([
        sent({ action: 'device/get', requestId: 2 }),
        received({ action: 'device/get', requestId: 2, status: 'success' }),
      ]),
    );
    const child = home.start(['trace', 'replay', name, '--url', server.url]);
    void server.received('device/get').then(() => child.kill('SIGINT'));
    assert.equal((await ended(child)).code, 130);
  });
});

describe('a signal while a recording is read', () => {
  it('ends trace show, which prints what it has read', async () => {
    const child = home.start(['trace', 'show', '-']);
    const end = ended(child);
    const shown = new Promise((resolve) => child.stdout?.once('data', resolve));
    child.stdin?.on('error', () => undefined);
    child.stdin?.write(`${traceText([sent({ action: 'device/get', requestId: 2 })])}\n`);
    child.stdin?.write(`${traceText([received({ action: 'device/get', requestId: 2, status: 'success' })])}\n`);
    await shown;
    child.kill('SIGINT');
    const run = await end;
    assert.equal(run.code, 130, run.stderr);
  });
});

describe('trace diff', () => {
  it('ends with 0 for two runs of the same, with 9 where they differ', async () => {
    const same = await record('same.ndjson', requests, '--embedded');
    const run = await home.run(['trace', 'diff', 'session.ndjson', same, '--output', 'text']);
    assert.deepEqual([run.code, run.stdout], [0, '6 agree\n']);
    const other = await record('other.ndjson', [...requests.slice(0, 3), { action: 'device/count' }], '--embedded');
    const differing = await home.run(['trace', 'diff', 'session.ndjson', other]);
    assert.equal(differing.code, 9);
    assert.deepEqual(
      linesOf(differing).map(({ outcome, action }) => [outcome, action]),
      [
        ['missing', 'device/get'],
        ['unexpected', 'device/count'],
        [undefined, undefined],
      ],
    );
  });
});

describe('a trace file that is cut off', () => {
  it('ends every command with 2, and nothing is sent', async () => {
    const name = file('cut.ndjson', traceText([sent({ action: 'server/info', requestId: 1 })]).slice(0, -30));
    await using idle = await fakeServer();
    for (const args of [
      ['show', name],
      ['replay', name, '--url', idle.url],
      ['diff', 'session.ndjson', name],
    ]) {
      const run = await home.run(['trace', ...args]);
      assert.equal(run.code, 2, args.join(' '));
      assert.match(run.stderr, /unreadable trace file 'cut\.ndjson': its last line, 3, is cut off/);
    }
    assert.equal(idle.peers.length, 0);
  });
});

describe('the recording', () => {
  it('goes on where a watch connects again, each connection by its number', async () => {
    let isLost = false;
    await using server = await fakeServer({
      'command/subscribe': (_request, peer) => {
        const subscriptionId = isLost ? 2 : 1;
        setImmediate(() =>
          isLost ? peer.send({ action: 'command/insert', subscriptionId, command: { id: 1 } }) : peer.drop(),
        );
        isLost ||= subscriptionId === 2;
        setImmediate(() => (isLost = true));
        return { subscriptionId };
      },
    });
    const watch = [
      'command',
      'watch',
      '--device',
      'd1',
      '--count',
      '1',
      '--url',
      server.url,
      '--trace-file',
      'watch.ndjson',
    ];
    const run = await home.run(watch, { env: { DEVICEHIVE_TOKEN: 'token' } });
    assert.equal(run.code, 0, run.stderr);
    const records = linesOf(await home.run(['trace', 'show', 'watch.ndjson']));
    const opened = records.filter(({ kind }) => kind === 'opened').map(({ connection }) => connection);
    assert.deepEqual(opened, [1, 2]);
  });
});
