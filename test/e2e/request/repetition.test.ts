import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { ended, Home } from '../../helpers/cli.ts';
import { fakeServer, type FakeServer } from '../../helpers/fakeServer.ts';

const home = new Home();
after(() => home[Symbol.dispose]());

const env = { DEVICEHIVE_TOKEN: 'a-token' };
const insert = ['notification', 'insert', '--device', 'd1', '--notification', 't'];

function parametersAt(server: FakeServer): Record<string, unknown>[] {
  return server
    .sent('notification/insert')
    .map(({ notification }) => (notification as { parameters: Record<string, unknown> }).parameters);
}

describe('notification insert --count', () => {
  it('sends new values of the generators each time, and prints each reply', async () => {
    await using server = await fakeServer({ 'notification/insert': () => ({ notification: { id: 7 } }) });
    writeFileSync(join(home.work, 'w.csv'), 'place,level\nattic,1\ncellar,2\n');
    const template = {
      n: { counter: { from: 5, step: 2 } },
      id: { uuid: {} },
      level: { csv: { file: 'w.csv', column: 'level' } },
      plain: [1, 'two'],
      dice: '$randbit',
    };
    const words = [...insert, '--parameters', JSON.stringify(template), '--count', '3', '--every', '1ms'];
    const run = await home.run([...words, '--url', server.url], { env });
    assert.equal(run.code, 0, run.stderr);
    assert.equal(run.stdout.match(/"id":7/g)?.length, 3);
    const sent = parametersAt(server);
    assert.deepEqual(
      sent.map(({ n, level, plain }) => [n, level, plain]),
      [
        [5, 1, [1, 'two']],
        [7, 2, [1, 'two']],
        [9, 1, [1, 'two']],
      ],
    );
    assert.equal(new Set(sent.map(({ id }) => id)).size, 3);
    assert.ok(sent.every(({ dice }) => dice === 0 || dice === 1));
    assert.equal(server.handshakes.length, 1);
  });

  it('reaches the devices of a real server, and command insert as well', async () => {
    const list = ['--count', '4', '--embedded'];
    const run = await home.run([...insert, '--parameters', '{"v":{"walk":[18,26,0.3]}}', ...list, '-o', 'text']);
    assert.equal(run.code, 0, run.stderr);
    assert.equal(run.stdout.match(/^success {2}#\d+ {2}\d{4}-/gm)?.length, 4);
    const command = [
      'command',
      'insert',
      '--device',
      'd1',
      '--command',
      'x',
      '--parameters',
      '{"n":{"counter":[1,1]}}',
    ];
    const inserted = await home.run([...command, ...list, '--query', 'command.id']);
    assert.equal(inserted.stdout.trimEnd().split('\n').length, 4);
  });

  it('leaves parameters as they are without it, and those that hold no generator', async () => {
    await using server = await fakeServer();
    const words = [...insert, '--url', server.url, '--parameters', '{"id":{"uuid":{}}}'];
    assert.equal((await home.run(words, { env })).code, 0);
    assert.equal((await home.run([...insert, '--url', server.url, '--count', '2'], { env })).code, 0);
    assert.deepEqual(parametersAt(server), [{ id: { uuid: {} } }, undefined, undefined]);
  });

  it('goes on without an end until Ctrl-C, and says how many were sent', async () => {
    await using server = await fakeServer();
    const child = home.start([...insert, '--every', '5ms', '--url', server.url], { env });
    const end = ended(child);
    await server.received('notification/insert', 5);
    child.kill('SIGINT');
    const { code, stderr } = await end;
    assert.equal(code, 130);
    assert.match(stderr, /stopped after \d+$|; \d+ were inserted before$/m);
    assert.ok(child.exitCode !== null || (await once(child, 'exit')).length > 0);
  });

  it('ends with the first that is refused, and says how many came before', async () => {
    let count = 0;
    const refuse = () => (++count > 2 ? { status: 'error', code: 403, error: 'no more' } : {});
    await using server = await fakeServer({ 'notification/insert': refuse });
    const run = await home.run([...insert, '--count', '5', '--url', server.url], { env });
    assert.equal(run.code, 4, run.stderr);
    assert.match(run.stderr, /no more; 2 of 5 were inserted before/);
    assert.equal(server.sent('notification/insert').length, 3);
  });

  it('shows with --dry-run what would be sent, and sends nothing', async () => {
    const words = [...insert, '--parameters', '{"n":{"counter":[1,1]}}', '--dry-run'];
    const run = await home.run([...words, '--count', '2']);
    assert.equal(run.code, 0, run.stderr);
    const frames = run.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    assert.deepEqual(
      frames.map(({ requestId }) => requestId),
      [1, 2],
    );
    const endless = await home.run([...words, '--every', '1h']);
    assert.equal(endless.stdout.trimEnd().split('\n').length, 1);
  });

  for (const [flags, code, problem] of [
    [['--count', '0'], 2, /--count must be a whole number from 1/],
    [['--count', 'x'], 2, /--count must be a whole number/],
    [['--every', '10'], 2, /--every must be a duration/],
    [['--count', '2', '--request-id', '7'], 2, /--request-id is about one request/],
    [['--count', '2', '--envelope'], 2, /--envelope is about one request/],
    [['--count', '2', '--parameters', '{"v":{"walk":[1]}}'], 3, /--parameters\.v\.walk .*nothing was sent/],
    [['--count', '2', '--parameters', '{"v":{"csv":{"file":"none.csv"}}}'], 3, /none\.csv.*there is no such file/],
  ] as const) {
    it(`is refused before anything is sent: ${flags.join(' ')}`, async () => {
      await using server = await fakeServer();
      const run = await home.run([...insert, ...flags, '--url', server.url], { env });
      assert.equal(run.code, code, run.stderr);
      assert.match(run.stderr, problem);
      assert.deepEqual(server.requests, []);
    });
  }
});
