import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { Home } from '../../helpers/cli.ts';
import { jsonLines } from '../watch/watching.ts';

const home = new Home();
after(() => home[Symbol.dispose]());

/** Writes a file into the folder of the runs. */
function write(file: string, ...lines: readonly string[]): string {
  writeFileSync(join(home.work, file), `${lines.join('\n')}\n`);
  return file;
}

const objects = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;
const lists = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;
const depths = [3_000, 200_000];

describe('JSON of any depth', { concurrency: 2 }, () => {
  for (const levels of depths)
    it(`is refused as a line of a batch, whose other lines are sent: ${levels} levels`, async () => {
      const frame = { action: 'command/insert', deviceId: 'd1' };
      const line = (parameters: string) =>
        JSON.stringify(frame).replace(/}$/, `,"command":{"command":"x","parameters":${parameters}}}`);
      const file = write(`${levels}.ndjson`, line(objects(levels)), line('{"a":1}'), '{"action":"server/info"}');
      const { code, stdout, stderr } = await home.run(['batch', file, '--embedded', '-v']);
      assert.equal(code, 10, stderr);
      const [first, ...others] = jsonLines(stdout) as unknown as { outcome: string; error?: { message: string } }[];
      assert.equal(first?.outcome, 'invalid');
      assert.equal(first.error?.message, 'is nested deeper than 500 levels; nothing was sent');
      assert.deepEqual(
        others.map(({ outcome }) => outcome),
        ['ok', 'ok'],
      );
    });

  it('is text in the cell of a CSV, and a header names no field so deep', async () => {
    const row = `command/insert,d1,x,"${objects(3_000).replaceAll('"', '""')}"`;
    const file = write('deep.csv', 'action,deviceId,command.command,command.parameters', row);
    const { stdout } = await home.run(['batch', file, '--embedded']);
    assert.match(stdout, /command\.parameters must be a JSON object/);
    const header = write('header.csv', `action,${'a.'.repeat(3_000)}a`, 'server/info,1');
    const { code, stderr } = await home.run(['batch', header, '--embedded', '--allow-unknown']);
    assert.equal(code, 2);
    assert.match(stderr, /the CSV header names a field that lies 3001 levels deep/);
  });

  for (const levels of depths)
    for (const [what, deep] of [
      ['objects', objects(levels)],
      ['lists', lists(levels)],
    ] as const)
      it(`does not stop what reads a recording: ${levels} ${what}`, async () => {
        const entry = (kind: string, text: string) =>
          JSON.stringify({ at: '2026-01-01T00:00:00.000000Z', connection: 1, kind, url: 'ws://h/w', text });
        const sent = `{"action":"server/info","requestId":1,"x":${deep}}`;
        const received = `{"action":"server/info","requestId":1,"status":"success","info":${deep}}`;
        const file = write(`${what}${levels}.trace`, entry('sent', sent), entry('received', received));
        for (const words of [
          ['show', file],
          ['show', file, '--json'],
          ['diff', file, file],
          ['replay', file, '--embedded'],
        ]) {
          const { code, stderr } = await home.run(['trace', ...words]);
          assert.ok(code === 0 || code === 2, `${words.join(' ')} ended with ${String(code)}: ${stderr}`);
          assert.doesNotMatch(stderr, /this is a bug/);
        }
      });
});
