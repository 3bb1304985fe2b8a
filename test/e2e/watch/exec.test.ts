import assert from 'node:assert/strict';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { Frame, RequestFrame } from '../../../src/protocol/frames.ts';
import { Home } from '../../helpers/cli.ts';
import { fakeServer, refusing, type FakeServer } from '../../helpers/fakeServer.ts';
import { startServer } from '../../helpers/runningServer.ts';
import { startWatch, type WatchRun } from './watching.ts';

const home = new Home();
after(() => home[Symbol.dispose]());
writeFileSync(join(home.work, 'token.txt'), 'a-token', { mode: 0o600 });

/** A shell loop that waits until this holds, or until the watch that started it is gone. */
const until = (isSo: string) => `while ! { ${isSo}; } && kill -0 $PPID; do sleep 0.02; done`;

/** Writes a JavaScript program, in which `command` is the command from stdin. */
function program(name: string, code: string): string {
  const text = `import { readFileSync } from 'node:fs';\nconst command = JSON.parse(readFileSync(0, 'utf8'));\n${code}\n`;
  writeFileSync(join(home.work, `${name}.mjs`), text);
  const file = join(home.work, name);
  writeFileSync(file, `#!/bin/sh\nexec '${process.execPath}' '${file}.mjs' "$@"\n`);
  chmodSync(file, 0o755);
  return `./${name}`;
}

function push(id: number, more: Frame = {}): Frame {
  const timestamp = '2026-01-01T00:00:00.000';
  const command = { id, command: 'set', timestamp, lastUpdated: timestamp, deviceId: 'd1', status: null, ...more };
  return { action: 'command/insert', command, subscriptionId: 5 };
}

async function pushing(...pushes: readonly Frame[]): Promise<FakeServer> {
  return fakeServer({
    'command/subscribe': ({ action, requestId }, peer) => {
      peer.send({ action, requestId, status: 'success', subscriptionId: 5 });
      for (const one of pushes) peer.send(one);
      return undefined;
    },
  });
}

function words(server: FakeServer, exec: string, ...args: readonly string[]): string[] {
  return ['command', 'watch', '--token-file', 'token.txt', '--url', server.url, '--exec', exec, ...args];
}

function run(server: FakeServer, exec: string, ...args: readonly string[]) {
  return home.run(words(server, exec, ...args));
}

function start(server: FakeServer, exec: string, ...args: readonly string[]): Promise<WatchRun> {
  return startWatch(home, words(server, exec, ...args));
}

/** Returns the answers in these requests, without the envelope. */
function answers(requests: readonly RequestFrame[]): Frame[] {
  return requests.map(({ action: _action, requestId: _requestId, ...rest }) => rest);
}

/** Returns the answer to command 1 of d1 from a program that runs once. */
async function answerTo(exec: string, ...args: readonly string[]): Promise<unknown> {
  await using server = await pushing(push(1));
  const { code, stderr } = await run(server, exec, '--count', '1', ...args);
  assert.equal(code, 0, stderr);
  const [answer, ...more] = answers(server.sent('command/update'));
  assert.deepEqual([answer?.['deviceId'], answer?.['commandId'], more], ['d1', 1, []]);
  return answer?.['command'];
}

describe('the answer of a program', () => {
  it('is done with exit 0, and its JSON object is the result', async () => {
    assert.deepEqual(await answerTo(`echo '{"ok": true}'`), { status: 'done', result: { ok: true } });
  });

  it('has other output as text', async () => {
    assert.deepEqual(await answerTo('echo rebooted'), { status: 'done', result: { output: 'rebooted' } });
    assert.deepEqual(await answerTo('echo [1]'), { status: 'done', result: { output: '[1]' } });
    assert.deepEqual(await answerTo('printf "a\\nb\\n\\n"'), { status: 'done', result: { output: 'a\nb' } });
  });

  it('has numbers that JavaScript would change as text', async () => {
    const text = '{"id": 9007199254740993}';
    assert.deepEqual(await answerTo(`echo '${text}'`), { status: 'done', result: { output: text } });
  });

  it('has no result without output', async () => {
    assert.deepEqual(await answerTo('true'), { status: 'done' });
  });

  it('is failed with any other exit, which the result names', async () => {
    assert.deepEqual(await answerTo('exit 3'), { status: 'failed', result: { exitCode: 3 } });
    assert.deepEqual(await answerTo(`echo '{"why":"hot"}'; exit 1`), {
      status: 'failed',
      result: { why: 'hot', exitCode: 1 },
    });
    assert.deepEqual(await answerTo('echo no; exit 1'), { status: 'failed', result: { output: 'no', exitCode: 1 } });
  });

  it('is failed for a program that is not there, or that a signal ended', async () => {
    const absent = (await answerTo('no-such-program-here')) as { status: string; result: Frame };
    assert.deepEqual([absent.status, absent.result['exitCode']], ['failed', 127]);
    assert.match(String(absent.result['stderr']), /no-such-program-here/);
    assert.deepEqual(await answerTo('kill -9 $$'), { status: 'failed', result: { exitCode: 137, signal: 'SIGKILL' } });
  });

  it('is failed, and says why, for more output than a DeviceHive bears', async () => {
    const large = program('large', `process.stdout.write('x'.repeat(1_000_000));`);
    const { status, result } = (await answerTo(large)) as { status: string; result: Frame };
    assert.equal(status, 'failed');
    assert.match(String(result['error']), /takes \d+ bytes, more than 921600 \(900 KiB\)/);
    assert.equal(result['exitCode'], 0);
  });

  it('takes a program that does not read its stdin', async () => {
    await using server = await pushing(push(1, { parameters: { text: 'x'.repeat(500_000) } }));
    assert.equal((await run(server, 'true', '--count', '1')).code, 0);
    assert.deepEqual(answers(server.sent('command/update'))[0]?.['command'], { status: 'done' });
  });
});

describe('watch --exec', () => {
  it('passes the command as JSON on stdin, and its names in the environment', async () => {
    const names = 'DEVICEHIVE_DEVICE, DEVICEHIVE_COMMAND, DEVICEHIVE_COMMAND_ID';
    const tell = program(
      'tell',
      `const { ${names} } = process.env; console.log(JSON.stringify({ command, ${names} }));`,
    );
    assert.deepEqual(await answerTo(tell), {
      status: 'done',
      result: {
        command: push(1)['command'],
        DEVICEHIVE_DEVICE: 'd1',
        DEVICEHIVE_COMMAND: 'set',
        DEVICEHIVE_COMMAND_ID: '1',
      },
    });
  });

  it('still prints the commands on stdout, and passes stderr of the program on', async () => {
    await using server = await pushing(push(1));
    const { stdout, stderr } = await run(server, 'echo working >&2', '--count', '1');
    assert.equal(stdout, `${JSON.stringify(push(1))}\n`);
    assert.match(stderr, /^working$/m);
    assert.match(stderr, /^command 1 \(set\): done$/m);
  });

  it('runs one after the other, in order of arrival', async () => {
    const log = program(
      'log',
      `import('node:fs').then(({ appendFileSync }) => appendFileSync('order.txt', command.id + ' '));`,
    );
    const ids = [5, 3, 4, 1, 2];
    await using server = await pushing(...ids.map((id) => push(id)));
    assert.equal((await run(server, log, '--count', '5')).code, 0);
    assert.equal(readFileSync(join(home.work, 'order.txt'), 'utf8').trim(), ids.join(' '));
    assert.deepEqual(
      server.sent('command/update').map((frame) => frame['commandId']),
      ids,
    );
  });

  it('runs as many at once as --concurrency says', async () => {
    // each waits for the file that the other creates
    const meet = `touch met-$DEVICEHIVE_COMMAND_ID; ${until('[ -e met-1 ] && [ -e met-2 ]')}`;
    await using server = await pushing(push(1), push(2));
    assert.equal((await run(server, meet, '--count', '2', '--concurrency', '2')).code, 0);
    assert.equal(server.sent('command/update').length, 2);
  });

  it('answers a command once, however often it is pushed, and none that was answered before', async () => {
    const answered = push(2, { lastUpdated: '2026-01-01T00:00:01.000', status: 'done' });
    await using server = await pushing(push(1), push(1), answered, push(3));
    const { code, stderr } = await run(server, 'true', '--count', '3');
    assert.equal(code, 0);
    assert.deepEqual(
      server.sent('command/update').map((frame) => frame['commandId']),
      [1, 3],
    );
    assert.match(stderr, /command 2 has been answered before; it is not run again/);
  });

  for (const [when, count] of [
    ['while watching', '2'],
    ['after the watch', '1'],
  ] as const) {
    it(`reports over the next connection where this one is lost ${when}, once`, async () => {
      let lives = 0;
      await using server = await fakeServer({
        'command/subscribe': ({ action, requestId }, peer) => {
          peer.send({ action, requestId, status: 'success', subscriptionId: 5 });
          peer.send(push(1));
          if (++lives > 1) {
            peer.send(push(2));
            return undefined;
          }
          setImmediate(() => {
            peer.drop();
            writeFileSync(join(home.work, `go-${count}`), '');
          });
          return undefined;
        },
      });
      const { code, stderr } = await run(server, until(`[ -e go-${count} ]`), '--device', 'd1', '--count', count);
      assert.equal(code, 0, stderr);
      assert.deepEqual(answers(server.sent('command/update')), [
        ...[1, 2]
          .slice(0, Number(count))
          .map((commandId) => ({ deviceId: 'd1', commandId, command: { status: 'done' } })),
      ]);
    });
  }

  it('says which answer could not be given, and ends as that failed', async () => {
    await using server = await fakeServer({
      'command/subscribe': ({ action, requestId }, peer) => {
        peer.send({ action, requestId, status: 'success', subscriptionId: 5 });
        peer.send(push(1));
        return undefined;
      },
      'command/update': refusing(403, 'Access is denied'),
    });
    const { code, stderr } = await run(server, 'true', '--count', '1');
    assert.equal(code, 4);
    assert.match(stderr, /warning: command 1 \(set\): done, but that could not be reported/);
  });

  it('is a device for command insert --wait', async () => {
    await using server = await startServer(home);
    await using device = await startWatch(home, ['command', 'watch', '--device', 'd1', '--exec', 'cat']);
    const insert = ['command', 'insert', '--device', 'd1', '--command', 'reboot', '--wait=done'];
    const { code, stdout, stderr } = await home.run([...insert, '--query', 'command.result.command']);
    assert.deepEqual([code, stdout], [0, 'reboot\n'], stderr);
    assert.equal(device.ready.url, server.ready.url);
  });
});

describe('a command that no environment can hold', () => {
  for (const [what, command] of [
    ['a zero character', 'set\u0000'],
    ['a name of 200 kB', 'x'.repeat(200_000)],
  ] as const) {
    it(`${what} fails alone, and the next one is run`, async () => {
      await using server = await pushing(push(1, { command }), push(2));
      const { code, stderr } = await run(server, 'echo ran', '--count', '2');
      assert.equal(code, 0, stderr);
      const [first, second] = answers(server.sent('command/update'));
      assert.equal((first?.['command'] as Frame)['status'], 'failed');
      assert.match(JSON.stringify(first), /the program could not be run: its name or that of its device/);
      assert.deepEqual(second?.['command'], { status: 'done', result: { output: 'ran' } });
    });
  }
});

describe('a signal during --exec', () => {
  const trap = `trap 'echo stopped; exit 7' INT TERM HUP; echo up >&2; ${until('false')}`;

  for (const [signal, expected] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const) {
    it(`${signal} reaches the program, whose result is still reported, and ends with ${expected}`, async () => {
      await using server = await pushing(push(1), push(2));
      await using watch = await start(server, trap);
      await watch.said('stderr', /up/);
      watch.child.kill(signal);
      const { code, stderr } = await watch.end;
      assert.equal(code, expected, stderr);
      const [answer, ...more] = answers(server.sent('command/update'));
      const { stderr: said, ...result } = (answer?.['command'] as Frame)['result'] as Frame;
      assert.deepEqual([answer?.['commandId'], result, more], [1, { output: 'stopped', exitCode: 7 }, []]);
      // Some shells add a line about the sleep that the signal ended.
      assert.match(String(said), /^up$/m);
      assert.match(stderr, /left unanswered, because their turn had not come: 2/);
    });
  }

  it('a second one ends everything at once', async () => {
    await using server = await pushing(push(1));
    await using watch = await start(server, `trap 'echo caught >&2' INT; echo up >&2; ${until('false')}`);
    await watch.said('stderr', /up/);
    watch.child.kill('SIGINT');
    await watch.said('stderr', /caught/);
    watch.child.kill('SIGINT');
    assert.equal((await watch.end).signal, 'SIGINT');
  });
});
