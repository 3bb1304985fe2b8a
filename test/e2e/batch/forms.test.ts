import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { Home } from '../../helpers/cli.ts';
import { fakeServer } from '../../helpers/fakeServer.ts';

const home = new Home();
after(() => home[Symbol.dispose]());

/** Sends an input; returns the numbers and outcomes of its requests, and the statuses that the server got. */
async function sendAll(stdin: string, flags: readonly string[] = []) {
  await using server = await fakeServer();
  const words = ['batch', '-', '--url', server.url, '--action', 'command/update', ...flags];
  const run = await home.run(words, { stdin, env: { DEVICEHIVE_TOKEN: 'a-token' } });
  const lines = run.stdout.split('\n').slice(0, -1);
  const outcomes = lines.map(
    (line) => JSON.parse(line) as { line: number; outcome: string; error?: { message: string } },
  );
  const updates = server.sent('command/update').map(({ command }) => command as { status?: unknown; result?: unknown });
  return {
    code: run.code,
    stderr: run.stderr,
    named: outcomes.map(({ line, outcome }) => `${line} ${outcome}`),
    errors: outcomes.flatMap(({ error }) => (error === undefined ? [] : [error.message])),
    updates,
  };
}

function update(status: string): unknown {
  return { deviceId: 'd1', commandId: 42, command: { status } };
}

describe('batch of one JSON list', () => {
  const statuses = ['done', 'a,b', ']', '"[{', '\\', 'ü'];
  const list = statuses.map(update);

  for (const [how, text] of [
    ['on one line', JSON.stringify(list)],
    ['as editors lay it out', `\ufeff\n ${JSON.stringify(list, null, 2)}\r\n\n`],
    ['with an item a line', `[\n${list.map((item) => JSON.stringify(item)).join(',\n')}\n]`],
  ] as const) {
    it(`sends each item once: ${how}`, async () => {
      const { code, stderr, named, updates } = await sendAll(text);
      assert.equal(code, 0, stderr);
      assert.deepEqual(named, ['1 ok', '2 ok', '3 ok', '4 ok', '5 ok', '6 ok']);
      assert.deepEqual(
        updates.map(({ status }) => status),
        statuses,
      );
    });
  }

  it('tells items that are none, and goes on', async () => {
    const one = JSON.stringify(update('done'));
    const { code, named, errors } = await sendAll(`[${one}, 7, {"x" 1}, ${one},]`);
    assert.equal(code, 10);
    assert.deepEqual(named, ['1 ok', '2 invalid', '3 invalid', '4 ok', '5 invalid']);
    assert.match(errors.join('\n'), /must be a JSON object.*\n.*must be JSON/);
  });

  it('tells a list that is cut off, and what stands behind one', async () => {
    const one = JSON.stringify(update('done'));
    const cut = await sendAll(`[${one},\n{"deviceId":"d1"`);
    assert.deepEqual(cut.named, ['1 ok', '2 invalid']);
    assert.match(cut.errors[0] ?? '', /cut off/);
    const more = await sendAll(`[${one}]\n${one}\n`);
    assert.deepEqual(more.named, ['1 ok', '2 invalid']);
    assert.match(more.errors[0] ?? '', /behind the end of the list/);
  });

  it('may be empty', async () => {
    assert.deepEqual((await sendAll('[ ]\n')).named, []);
  });
});

describe('batch of CSV with semicolons', () => {
  it('is read as one with commas, which then belong to cells', async () => {
    const text = 'deviceId;commandId;command.status;command.result\r\nd1;42;"a;b, c";{"x":[1,2]}\r\nd1;43;done;\r\n';
    const { code, stderr, updates } = await sendAll(text, ['--format', 'csv']);
    assert.equal(code, 10, stderr);
    const quoted = text.replace('{"x":[1,2]}', '"{""x"":[1,2]}"');
    const good = await sendAll(quoted, ['--format', 'csv']);
    assert.equal(good.code, 0, good.stderr);
    assert.deepEqual(good.updates, [{ status: 'a;b, c', result: { x: [1, 2] } }, { status: 'done' }]);
    assert.deepEqual(updates.length, 1);
  });
});
