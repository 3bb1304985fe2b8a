import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { ended, errorOf, Home, type Ended, type RunOptions } from '../../helpers/cli.ts';
import { fakeServer, refusing, silent, type FakeServer } from '../../helpers/fakeServer.ts';
import { serverForAll } from '../../helpers/runningServer.ts';

const home = new Home();
serverForAll(home);

/** One line of the output. */
interface Outcome {
  readonly line: number;
  readonly outcome: string;
  readonly reply?: Readonly<Record<string, unknown>>;
  readonly error?: {
    readonly kind: string;
    readonly code?: number;
    readonly message: string;
    readonly problems?: readonly { readonly at: string; readonly message: string }[];
  };
}

function outcomes({ stdout }: Ended): Outcome[] {
  assert.ok(stdout === '' || stdout.endsWith('\n'));
  return stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Outcome);
}

function named(run: Ended): string[] {
  return outcomes(run).map(({ line, outcome }) => `${line} ${outcome}`);
}

function lines(...frames: readonly unknown[]): string {
  return frames.map((frame) => `${typeof frame === 'string' ? frame : JSON.stringify(frame)}\n`).join('');
}

function update(commandId: unknown, extra: object = {}): object {
  return { action: 'command/update', deviceId: 'd1', commandId, command: { status: 'done' }, ...extra };
}

const insert = { action: 'command/insert', deviceId: 'd1', command: { command: 'reboot' } };

/** Sends lines from stdin to a scripted server. */
function toFake(
  fake: FakeServer,
  stdin: string,
  flags: readonly string[] = [],
  options: RunOptions = {},
): Promise<Ended> {
  return home.run(['batch', '-', '--url', fake.url, ...flags], {
    stdin,
    ...options,
    env: { DEVICEHIVE_TOKEN: 'a-token', ...options.env },
  });
}

describe('batch', () => {
  it('sends each line and prints an outcome for each, with the reply', async () => {
    const run = await home.run(['batch', '-'], {
      stdin: lines(update(42), '', '   ', { action: 'server/info' }, insert),
    });
    assert.equal(run.code, 0, run.stderr);
    assert.equal(run.stderr, '');
    assert.deepEqual(named(run), ['1 ok', '4 ok', '5 ok']);
    const [first, , third] = outcomes(run);
    assert.equal(first?.reply?.['status'], 'success');
    assert.equal(typeof (third?.reply?.['command'] as { id: unknown }).id, 'number');
  });

  it('reads a file, with a byte order mark, CRLF, and a last line without an end', async () => {
    const file = join(home.work, 'lines.ndjson');
    writeFileSync(file, `\uFEFF${JSON.stringify(update(42))}\r\n\r\n${JSON.stringify(update(42))}`);
    const run = await home.run(['batch', file]);
    assert.equal(run.code, 0, run.stderr);
    assert.deepEqual(named(run), ['1 ok', '3 ok']);
  });

  it('reads a named pipe', { skip: process.platform === 'win32' }, async () => {
    const pipe = join(home.work, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const end = ended(home.start(['batch', pipe]));
    await writeFile(pipe, lines(update(42), update(42)));
    const run = await end;
    assert.equal(run.code, 0, run.stderr);
    assert.equal(run.stderr, '');
    assert.deepEqual(named(run), ['1 ok', '2 ok']);
  });

  it('of nothing succeeds without connecting', async () => {
    for (const stdin of ['', '\n \n']) {
      const run = await home.run(['batch', '-', '--url', 'ws://127.0.0.1:9'], { stdin });
      assert.deepEqual([run.code, run.stdout, run.stderr], [0, '', '']);
    }
  });

  it('makes every bad line an outcome that lists all its problems, and sends the others', async () => {
    const stdin = lines(
      'not json',
      '[1]',
      { deviceId: 'd1' },
      { action: 7 },
      update('x', { command: {} }),
      update(42, { commandID: 3 }),
      update(42, { command: { stauts: 'done', status: 'x' } }),
      update(42),
    );
    const run = await home.run(['batch', '-'], { stdin });
    assert.equal(run.code, 10);
    const told = outcomes(run);
    assert.deepEqual(
      named(run).slice(0, 7),
      [1, 2, 3, 4, 5, 6, 7].map((line) => `${line} invalid`),
    );
    assert.equal(told[7]?.outcome, 'ok');
    assert.match(told[0]?.error?.message ?? '', /JSON/);
    assert.deepEqual(
      told[4]?.error?.problems?.map(({ at }) => at),
      ['commandId', 'command'],
    );
    assert.match(told[5]?.error?.message ?? '', /did you mean commandId/);
    assert.match(told[6]?.error?.message ?? '', /command\.stauts .*did you mean status/);
    assert.match(run.stderr, /7 of 8 lines are not ok: 7 invalid/);
  });

  it('reports a line that is not UTF-8 or too long', async () => {
    const file = join(home.work, 'odd.ndjson');
    const good = Buffer.from(`${JSON.stringify(update(42))}\n`);
    writeFileSync(
      file,
      Buffer.concat([good, Buffer.from([123, 255, 10]), good, Buffer.alloc(17 << 20, 120), Buffer.from('\n'), good]),
    );
    const run = await home.run(['batch', file]);
    assert.equal(run.code, 10);
    assert.deepEqual(named(run), ['1 ok', '2 invalid', '3 ok', '4 invalid', '5 ok']);
  });

  it('refuses a payload over 900 KiB unless it is allowed', async () => {
    await using fake = await fakeServer();
    const big = { ...insert, command: { command: 'x', parameters: { text: 'x'.repeat(950_000) } } };
    const run = await toFake(fake, lines(big, update(42)));
    assert.deepEqual(named(run), ['1 invalid', '2 ok']);
    assert.equal((await toFake(fake, lines(big), ['--allow-large'])).code, 0);
  });

  it('passes on unknown fields with --allow-unknown, and unknown actions', async () => {
    await using fake = await fakeServer();
    const run = await toFake(fake, lines(update(1, { odd: 1 }), { action: 'plugin/do', x: 1 }), ['--allow-unknown']);
    assert.equal(run.code, 0, run.stderr);
    assert.equal(fake.sent('command/update')[0]?.['odd'], 1);
    assert.equal(fake.sent('plugin/do')[0]?.['x'], 1);
  });

  it('gives lines without an action the one of --action', async () => {
    await using fake = await fakeServer();
    const { action: _action, ...fields } = update(5) as Record<string, unknown>;
    const run = await toFake(fake, lines(fields, { action: 'server/info' }), ['--action', 'command/update']);
    assert.equal(run.code, 0, run.stderr);
    assert.equal(fake.sent('command/update')[0]?.['commandId'], 5);
    assert.equal(fake.sent('server/info').length, 1);
    const wrong = await toFake(fake, '', ['--action', 'comand/update']);
    assert.equal(wrong.code, 2);
    assert.match(wrong.stderr, /did you mean command\/update/);
  });

  it('returns a requestId, whatever it is and however often', async () => {
    await using fake = await fakeServer();
    const ids = ['a', 'a', 'a', 7, 7, 0, '', null, { x: [1] }, false];
    const run = await toFake(fake, lines(...ids.map((requestId) => update(1, { requestId }))));
    assert.equal(run.code, 0, run.stderr);
    assert.deepEqual(
      outcomes(run).map(({ reply }) => reply?.['requestId']),
      ids,
    );
    const wire = fake.sent('command/update').map(({ requestId }) => requestId);
    assert.equal(new Set(wire).size, ids.length);
  });

  it('sends a requestId as it is, and no other request has it', async () => {
    await using fake = await fakeServer();
    const ids = [1, 2, 1.5, '1', '', null, { a: { b: 1 } }, [1], false, 12];
    const run = await toFake(fake, lines(...ids.map((requestId) => update(1, { requestId })), update(1)));
    assert.equal(run.code, 0, run.stderr);
    const [authenticate, ...rest] = fake.requests.map(({ requestId }) => requestId);
    assert.deepEqual(rest.slice(0, ids.length), ids);
    for (const own of [authenticate, rest.at(-1)]) assert.ok(!ids.includes(own as number), String(own));
  });

  it('sends a line whose requestId is a number that the batch has given to another one, with another number', async () => {
    const held: (() => void)[] = [];
    await using fake = await fakeServer({
      'command/update': ({ requestId }, peer) => {
        held.push(() => peer.send({ action: 'command/update', requestId, status: 'success' }));
        if (held.length === 3) for (const release of held) release();
        return undefined;
      },
    });
    const run = await toFake(fake, lines(update(1), update(2, { requestId: 2 }), update(3, { requestId: 3 })));
    assert.equal(run.code, 0, run.stderr);
    assert.deepEqual(
      outcomes(run).map(({ reply }) => reply?.['requestId']),
      [2, 2, 3],
    );
    assert.equal(new Set(fake.sent('command/update').map(({ requestId }) => requestId)).size, 3);
  });

  it('refuses a requestId that is nested too deeply, and sends the other lines', async () => {
    await using fake = await fakeServer();
    const deep = `{"action":"server/info","requestId":${'['.repeat(20_000)}${']'.repeat(20_000)}}\n`;
    const run = await toFake(fake, deep + lines(update(1)));
    assert.equal(run.code, 10);
    assert.deepEqual(named(run), ['1 invalid', '2 ok']);
    assert.match(outcomes(run)[0]?.error?.message ?? '', /^is nested deeper than 500 levels; nothing was sent/);
  });

  it('keeps the order of the lines, or with --unordered the order of the replies', async () => {
    const held: (() => void)[] = [];
    await using fake = await fakeServer({
      'command/update': ({ requestId, commandId }, peer) => {
        const reply = () => peer.send({ action: 'command/update', requestId, status: 'success' });
        if (commandId === 1) held.push(reply);
        else reply();
        if (commandId === 3) held.forEach((release) => release());
        return undefined;
      },
    });
    const stdin = lines(update(1), update(2), update(3));
    assert.deepEqual(named(await toFake(fake, stdin)), ['1 ok', '2 ok', '3 ok']);
    held.length = 0;
    assert.deepEqual(named(await toFake(fake, stdin, ['--unordered'])), ['2 ok', '3 ok', '1 ok']);
  });

  it('authenticates once, and has no more on the way than --concurrency', async () => {
    let pending = 0;
    let most = 0;
    await using fake = await fakeServer({
      'command/update': ({ requestId }, peer) => {
        most = Math.max(most, ++pending);
        setImmediate(() => {
          pending--;
          peer.send({ action: 'command/update', requestId, status: 'success' });
        });
        return undefined;
      },
    });
    const run = await toFake(fake, lines(...Array.from({ length: 50 }, () => update(1))), ['--concurrency', '3']);
    assert.equal(run.code, 0, run.stderr);
    assert.equal(most, 3);
    assert.equal(fake.sent('authenticate').length, 1);
    assert.equal(fake.peers.length, 1);
  });

  it('reports refusals, 401 and 403 included, with code and reply', async () => {
    for (const code of [401, 403, 404, 500]) {
      await using fake = await fakeServer({ 'command/update': refusing(code, 'No') });
      const run = await toFake(fake, lines(update(1, { requestId: 'mine' })));
      assert.equal(run.code, 10);
      const [told] = outcomes(run);
      assert.equal(told?.outcome, 'refused');
      assert.equal(told.error?.code, code);
      assert.deepEqual(told.reply, { action: 'command/update', requestId: 'mine', status: 'error', code, error: 'No' });
    }
  });

  it('calls diagnosed silence a refusal, asking once for each device', async () => {
    await using fake = await fakeServer({ 'command/update': silent, 'command/list': () => ({ commands: [] }) });
    const run = await toFake(fake, lines(update(1), update(2), update(3, { deviceId: 'd2' })));
    assert.equal(run.code, 10);
    assert.deepEqual(named(run), ['1 refused', '2 refused', '3 refused']);
    assert.equal(fake.sent('command/list').length, 2);
  });

  it('reports requests that met silence until their timeout', async () => {
    await using fake = await fakeServer({ 'command/insert': silent });
    const run = await toFake(fake, lines(insert, update(1)), ['--timeout', '3s', '--no-probe', '--retry', '2']);
    assert.deepEqual(named(run), ['1 timeout', '2 ok']);
    assert.equal(fake.sent('command/insert').length, 1);
  });

  const reads = Array.from({ length: 30 }, (_, index) => ({ action: 'device/get', deviceId: `d${index}` }));
  const oneByOne = ['--concurrency', '1', '--timeout', '500ms'];

  it('skips what is left when the server answers nothing any more', async () => {
    await using fake = await fakeServer({ 'device/get': silent, 'server/info': silent });
    const run = await toFake(fake, lines(...reads), oneByOne);
    assert.equal(run.code, 10);
    const [first, ...others] = outcomes(run);
    assert.equal(first?.outcome, 'timeout');
    assert.deepEqual([...new Set(others.map(({ outcome }) => outcome))], ['skipped']);
    assert.match(String(others[0]?.error?.message), /server\/info neither; this line was not sent/);
    assert.deepEqual([others.length, fake.sent('device/get').length], [29, 1]);
  });

  it('goes on after a request that is not answered, as long as others are', async () => {
    await using fake = await fakeServer({ 'device/get': ({ deviceId }) => (deviceId === 'd0' ? undefined : {}) });
    const run = await toFake(fake, lines(...reads.slice(0, 3)), oneByOne);
    assert.deepEqual(named(run), ['1 timeout', '2 ok', '3 ok']);
    assert.equal(fake.sent('server/info').length, 1);
  });

  it('reports sent lines as lost and the rest as skipped when the connection is gone', async () => {
    await using fake = await fakeServer({
      'command/insert': (_request, peer) => {
        peer.drop();
        return undefined;
      },
    });
    const run = await toFake(fake, lines(update(1), insert, update(2), 'odd'), ['--concurrency', '1']);
    assert.equal(run.code, 10);
    assert.deepEqual(named(run), ['1 ok', '2 lost', '3 skipped', '4 invalid']);
  });

  it('with --retry repeats on a new connection what may be repeated, never an insert', async () => {
    let drops = 0;
    await using fake = await fakeServer({
      'command/update': ({ commandId }, peer) => {
        if (commandId !== 2 || drops++ > 0) return {};
        peer.drop();
        return undefined;
      },
      'command/insert': silent,
    });
    const run = await toFake(fake, lines(update(1), insert, update(2), update(3)), ['--retry', '3']);
    assert.equal(run.code, 10);
    assert.deepEqual(named(run), ['1 ok', '2 lost', '3 ok', '4 ok']);
    assert.equal(fake.sent('command/insert').length, 1);
  });

  it('that cannot connect, or has no token, ends with that and prints nothing', async () => {
    const refused = await home.run(['batch', '-', '--url', 'ws://127.0.0.1:9', '--json'], {
      stdin: lines(update(1)),
      env: { DEVICEHIVE_TOKEN: 'x' },
    });
    assert.deepEqual([refused.code, refused.stdout, errorOf(refused)['kind']], [5, '', 'connect']);
    await using fake = await fakeServer();
    const anonymous = await home.run(['batch', '-', '--url', fake.url], { stdin: lines(update(1)) });
    assert.deepEqual([anonymous.code, anonymous.stdout], [4, '']);
    const info = await home.run(['batch', '-', '--url', fake.url], { stdin: lines({ action: 'server/info' }) });
    assert.equal(info.code, 0, info.stderr);
  });

  it('on Ctrl-C reports every line: sent ones as lost, others as skipped', async () => {
    await using fake = await fakeServer({ 'command/insert': silent });
    const file = join(home.work, 'stopped.ndjson');
    writeFileSync(file, lines(update(1), insert, insert, ...Array.from({ length: 2000 }, () => update(2))));
    const child = home.start(['batch', file, '--url', fake.url, '--concurrency', '2', '--json'], {
      env: { DEVICEHIVE_TOKEN: 'a-token' },
    });
    const end = ended(child);
    await fake.received('command/insert', 2);
    child.kill('SIGINT');
    const run = await end;
    assert.equal(run.code, 130);
    assert.deepEqual(named(run).slice(0, 5), ['1 ok', '2 lost', '3 lost', '4 skipped', '5 skipped']);
    assert.equal(outcomes(run).length, 2003);
    assert.equal(errorOf(run)['kind'], 'interrupted');
  });

  it('on Ctrl-C does not wait for the end of stdin', async () => {
    await using fake = await fakeServer();
    const child = home.start(['batch', '-', '--url', fake.url], { env: { DEVICEHIVE_TOKEN: 'a-token' } });
    const end = ended(child);
    child.stdin?.write(lines(update(1)));
    await once(child.stdout ?? assert.fail(), 'data');
    child.kill('SIGTERM');
    const run = await end;
    assert.equal(run.code, 143);
    assert.deepEqual(named(run), ['1 ok']);
  });

  it('sends each line as soon as it comes', async () => {
    await using fake = await fakeServer();
    const child = home.start(['batch', '-', '--url', fake.url], { env: { DEVICEHIVE_TOKEN: 'a-token' } });
    const end = ended(child);
    for (const id of [1, 2, 3]) {
      child.stdin?.write(lines(update(id)));
      await once(child.stdout ?? assert.fail(), 'data');
    }
    child.stdin?.end();
    assert.deepEqual(named(await end), ['1 ok', '2 ok', '3 ok']);
  });

  it('stops when nobody reads its outcomes, which is not a failure', async () => {
    const file = join(home.work, 'many.ndjson');
    writeFileSync(file, lines(update(42)).repeat(20_000));
    const child = home.start(['batch', file]);
    const end = ended(child);
    await once(child.stdout ?? assert.fail(), 'data');
    child.stdout?.destroy();
    const { code, stderr } = await end;
    assert.equal(code, 0, stderr);
  });

  it('keeps reading the socket, and stops reading lines, while stdout is not read', async () => {
    await using fake = await fakeServer();
    const file = join(home.work, 'slow.ndjson');
    const count = 20_000;
    writeFileSync(file, lines(update(42)).repeat(count));
    const child = home.start(['batch', file, '--url', fake.url], { env: { DEVICEHIVE_TOKEN: 'a-token' } });
    child.stdout?.pause();
    await fake.received('command/update', 1000);
    const end = ended(child);
    child.stdout?.resume();
    const run = await end;
    assert.equal(run.code, 0, run.stderr);
    assert.equal(outcomes(run).length, count);
  });

  it('with --dry-run checks every line and sends nothing', async () => {
    const dry = ['batch', '-', '--dry-run', '--url', 'ws://127.0.0.1:9'];
    const good = await home.run(dry, { stdin: lines(update(1), insert) });
    assert.equal(good.code, 0, good.stderr);
    assert.deepEqual(named(good), ['1 skipped', '2 skipped']);
    const bad = await home.run(dry, { stdin: lines(update(1), update(0)) });
    assert.equal(bad.code, 10);
    assert.deepEqual(named(bad), ['1 skipped', '2 invalid']);
  });

  it('sends everything with --rate too', async () => {
    await using fake = await fakeServer();
    const run = await toFake(fake, lines(...Array.from({ length: 20 }, () => update(1))), ['--rate', '500/s']);
    assert.equal(run.code, 0, run.stderr);
    assert.equal(fake.sent('command/update').length, 20);
  });

  it('refuses flags that make no sense', async () => {
    for (const flags of [
      ['--concurrency', '0'],
      ['--rate', 'fast'],
      ['--rate', '0'],
      ['--format', 'xml'],
      ['--resume', home.folder],
    ]) {
      const run = await home.run(['batch', '-', ...flags]);
      assert.equal(run.code, 2, flags.join(' '));
      assert.equal(run.stdout, '');
    }
    assert.equal((await home.run(['batch', join(home.work, 'missing')])).code, 2);
    assert.equal((await home.run(['batch', home.work])).code, 2);
    assert.equal((await home.run(['batch'])).code, 2);
  });
});
