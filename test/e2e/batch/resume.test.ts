import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { bin, ended, Home, type Ended } from '../../helpers/cli.ts';
import { fakeServer, refusing, silent, type FakeServer } from '../../helpers/fakeServer.ts';
import { eachOf } from '../../helpers/runningServer.ts';

const home = new Home();
after(() => home[Symbol.dispose]());

const env = { DEVICEHIVE_TOKEN: 'a-token' };
let count = 0;

/** Writes a file of requests. Returns its path, and that of a journal that does not exist yet. */
function inputOf(...frames: readonly object[]): { file: string; journal: string } {
  const name = join(home.work, String(++count));
  writeFileSync(`${name}.ndjson`, frames.map((frame) => `${JSON.stringify(frame)}\n`).join(''));
  return { file: `${name}.ndjson`, journal: `${name}.journal` };
}

function update(commandId: number): object {
  return { action: 'command/update', deviceId: 'd1', commandId, command: { status: 'done' } };
}

const insert = { action: 'command/insert', deviceId: 'd1', command: { command: 'reboot' } };

function flagsFor(fake: FakeServer, { file, journal }: { file: string; journal: string }): string[] {
  return ['batch', file, '--resume', journal, '--url', fake.url];
}

function named({ stdout }: Ended): string[] {
  return stdout
    .split('\n')
    .slice(0, -1)
    .map((text) => JSON.parse(text) as { line: number; outcome: string })
    .map(({ line, outcome }) => `${line} ${outcome}`);
}

describe('batch --resume', () => {
  it('repeats no acknowledged request, and prints its outcome again', async () => {
    await using fake = await fakeServer({ 'device/get': refusing(404, 'Not here') });
    const input = inputOf(update(1), insert, { action: 'device/get', deviceId: 'x' });
    const first = await home.run(flagsFor(fake, input), { env });
    assert.deepEqual(named(first), ['1 ok', '2 ok', '3 refused']);
    const sent = fake.requests.length;
    const second = await home.run(flagsFor(fake, input), { env });
    assert.equal(second.stdout, first.stdout);
    assert.equal(second.code, 10);
    assert.equal(fake.requests.length, sent);
  });

  it('keeps a journal that only its owner can read', async () => {
    await using fake = await fakeServer();
    const input = inputOf(update(1));
    await home.run(flagsFor(fake, input), { env });
    assert.equal(statSync(input.journal).mode & 0o777, 0o600);
  });

  it('after kill -9 goes on without repeating what was acknowledged, and never sends an insert twice', async () => {
    const total = 3000;
    const frames = Array.from({ length: total }, (_, index) => (index % 10 === 3 ? insert : update(index + 1)));
    const input = inputOf(...frames);
    await using fake = await fakeServer();
    const printed = new Set<number>();
    for (const after of [200, 1000, 2000]) {
      const child = home.start(flagsFor(fake, input), { env });
      const end = ended(child);
      await fake.received('command/update', after);
      child.kill('SIGKILL');
      for (const text of (await end).stdout.split('\n').slice(0, -1))
        printed.add((JSON.parse(text) as { line: number }).line);
    }
    const sentBefore = fake.requests.length;
    const last = await home.run(flagsFor(fake, input), { env });
    assert.equal(named(last).length, total);
    assert.deepEqual(
      named(last).filter((text) => !/ (ok|lost)$/.test(text)),
      [],
    );
    for (const text of named(last).filter((name) => name.endsWith(' lost')))
      assert.equal((Number.parseInt(text, 10) - 1) % 10, 3, text);
    assert.ok(fake.sent('command/insert').length <= total / 10);
    const repeated = fake.requests.slice(sentBefore).map(({ commandId }) => commandId as number);
    assert.deepEqual(
      repeated.filter((commandId) => printed.has(commandId)),
      [],
    );
  });

  it('calls an insert lost that was sent and not acknowledged', async () => {
    const input = inputOf(insert, update(1));
    {
      await using fake = await fakeServer({ 'command/insert': silent });
      const run = await home.run([...flagsFor(fake, input), '--timeout', '3s', '--no-probe'], { env });
      assert.deepEqual(named(run), ['1 timeout', '2 ok']);
    }
    await using fake = await fakeServer();
    const run = await home.run(flagsFor(fake, input), { env });
    assert.deepEqual(named(run), ['1 lost', '2 ok']);
    assert.equal(fake.requests.length, 0);
  });

  it('sends again what may be repeated and was not acknowledged', async () => {
    const input = inputOf(update(1), update(2));
    {
      await using fake = await fakeServer({ 'command/update': ({ commandId }) => (commandId === 1 ? undefined : {}) });
      const run = await home.run([...flagsFor(fake, input), '--timeout', '3s', '--no-probe'], { env });
      assert.deepEqual(named(run), ['1 timeout', '2 ok']);
    }
    for (const expected of [1, 0]) {
      await using fake = await fakeServer();
      const run = await home.run(flagsFor(fake, input), { env });
      assert.deepEqual(named(run), ['1 ok', '2 ok']);
      assert.equal(run.code, 0);
      assert.equal(fake.sent('command/update').length, expected);
    }
  });

  it('survives a journal that was cut off in the middle of a line, before its end and behind it', async () => {
    await using fake = await fakeServer();
    const input = inputOf(update(1), insert, update(2));
    await home.run(flagsFor(fake, input), { env });
    const whole = readFileSync(input.journal, 'utf8');
    const ends = [...whole.matchAll(/\n/g)].map(({ index }) => index);
    const lengths = ends.flatMap((end, line) => [Math.floor(((ends[line - 1] ?? 0) + end) / 2), end, end + 1]);
    await eachOf(lengths, 3, async (length) => {
      const { file, journal } = inputOf(update(1), insert, update(2));
      writeFileSync(journal, whole.slice(0, length));
      const run = await home.run(flagsFor(fake, { file, journal }), { env });
      assert.equal(named(run).length, 3, `${length} bytes: ${run.stderr}`);
      const again = await home.run(flagsFor(fake, { file, journal }), { env });
      assert.equal(again.stdout.split('\n').length, 4);
    });
  });

  it('refuses the journal of another input or of other flags, and files that are not journals', async () => {
    await using fake = await fakeServer();
    const input = inputOf(update(1));
    await home.run(flagsFor(fake, input), { env });
    const before = readFileSync(input.journal, 'utf8');
    appendFileSync(input.file, `${JSON.stringify(update(2))}\n`);
    const other = await home.run(flagsFor(fake, input), { env });
    assert.equal(other.code, 2);
    assert.match(other.stderr, /another input/);
    assert.equal(readFileSync(input.journal, 'utf8'), before);

    const flags = inputOf(update(1));
    await home.run(flagsFor(fake, flags), { env });
    const changed = await home.run([...flagsFor(fake, flags), '--action', 'device/get'], { env });
    assert.equal(changed.code, 2);

    for (const content of ['something else', 'something else\n', '{"journal":"devicehive batch 1"}\n']) {
      const none = inputOf(update(1));
      writeFileSync(none.journal, content);
      const run = await home.run(flagsFor(fake, none), { env });
      assert.equal(run.code, 2, content);
      assert.equal(readFileSync(none.journal, 'utf8'), content);
    }
  });

  it('keeps no mark of lines that were not sent because the journal could not be written', async () => {
    const total = 400;
    const frames = Array.from({ length: total }, (_, index) => ({ ...insert, deviceId: `d${index + 1}` }));
    const input = inputOf(...frames);
    await using fake = await fakeServer();
    const limited = ['-c', 'ulimit -f 12 && exec "$@"', 'sh', process.execPath, bin, ...flagsFor(fake, input)];
    const full = await ended(spawn('sh', limited, { env: home.env(env), cwd: home.work }));
    assert.equal(full.code, 2);
    assert.match(full.stderr, /cannot write/);
    assert.match(readFileSync(input.journal, 'utf8'), /\n$/);
    const run = await home.run(flagsFor(fake, input), { env });
    assert.equal(named(run).length, total);
    const arrived = fake.sent('command/insert').map(({ deviceId }) => deviceId as string);
    assert.deepEqual(
      arrived.sort(),
      frames.map(({ deviceId }) => deviceId).sort(),
      'each once, none lost without a trace',
    );
  });

  it('recognises stdin by its beginning', async () => {
    await using fake = await fakeServer();
    const journal = join(home.work, 'stdin.journal');
    const flags = ['batch', '-', '--resume', journal, '--url', fake.url];
    const stdin = `${JSON.stringify(update(1))}\n`;
    assert.equal((await home.run(flags, { env, stdin })).code, 0);
    assert.equal((await home.run(flags, { env, stdin })).code, 0);
    assert.equal(fake.sent('command/update').length, 1);
    assert.equal((await home.run(flags, { env, stdin: ` ${stdin}` })).code, 2);
  });
});

describe('a journal that is in use', () => {
  it('is left alone by a second batch, and free for a third when the first has ended', async () => {
    await using fake = await fakeServer({ 'device/get': silent });
    const input = inputOf({ action: 'device/get', deviceId: 'd1' }, insert);
    const first = home.start(flagsFor(fake, input), { env });
    const end = ended(first);
    await fake.received('command/insert');
    const second = await home.run(flagsFor(fake, input), { env });
    assert.equal(second.code, 2);
    assert.match(second.stderr, new RegExp(`in use by another batch, process ${first.pid}`));
    assert.equal(readFileSync(input.journal, 'utf8').match(/"journal"/g)?.length, 1, 'one run has begun');
    first.kill('SIGINT');
    await end;
    assert.equal(existsSync(`${input.journal}.lock`), false);
    const third = await home.run([...flagsFor(fake, input), '--timeout', '3s'], { env });
    assert.deepEqual(named(third), ['1 timeout', '2 ok']);
    assert.equal(fake.sent('command/insert').length, 1);
  });

  it('is taken over from a batch that was killed', async () => {
    await using fake = await fakeServer({ 'device/get': silent });
    const input = inputOf({ action: 'device/get', deviceId: 'd1' });
    const first = home.start(flagsFor(fake, input), { env });
    const end = ended(first);
    await fake.received('device/get');
    first.kill('SIGKILL');
    await end;
    const second = await home.run([...flagsFor(fake, input), '--timeout', '3s'], { env });
    assert.deepEqual(named(second), ['1 timeout']);
  });

  it('is left by many that start at once to exactly one', async () => {
    await using fake = await fakeServer({ 'device/get': silent });
    const input = inputOf({ action: 'device/get', deviceId: 'd1' });
    writeFileSync(`${input.journal}.lock`, `999999999 ${hostname()} 1`);
    const flags = [...flagsFor(fake, input), '--timeout', '3s', '--no-probe'];
    const runs = await Promise.all(Array.from({ length: 6 }, () => home.run(flags, { env })));
    assert.deepEqual(runs.map(({ code }) => code).sort(), [10, 2, 2, 2, 2, 2]);
    assert.equal(fake.sent('device/get').length, 1);
  });

  it('is not taken from another machine', async () => {
    await using fake = await fakeServer();
    const input = inputOf(update(1));
    writeFileSync(`${input.journal}.lock`, '1 elsewhere 1');
    const run = await home.run(flagsFor(fake, input), { env });
    assert.equal(run.code, 2);
    assert.match(run.stderr, /If none runs, remove .*\.journal\.lock/);
    assert.equal(fake.peers.length, 0);
  });
});
