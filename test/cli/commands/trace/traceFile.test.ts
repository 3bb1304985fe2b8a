import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { traceEntries } from '../../../../src/cli/commands/trace/traceFile.ts';
import { failureOf } from '../../../helpers/failures.ts';
import { sent, traceText } from '../../../helpers/traces.ts';
import { listOf } from './recording.ts';

const folder = mkdtempSync(join(tmpdir(), 'devicehive-test-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const whole = traceText([sent({ action: 'server/info', requestId: 1 })]);

function file(text: string): string {
  const name = join(folder, 'trace.ndjson');
  writeFileSync(name, text);
  return name;
}

function entriesOf(name: string) {
  return traceEntries(name, new AbortController().signal);
}

describe('a trace file', () => {
  it('is read line by line, blank lines left out', async () => {
    const entries = await listOf(entriesOf(file(`\n${whole}\n`)));
    assert.deepEqual(
      entries.map(({ kind, line, connection }) => [kind, line, connection]),
      [
        ['opened', 2, 1],
        ['sent', 3, 1],
        ['closed', 4, 1],
      ],
    );
    assert.deepEqual(JSON.parse(entries[1]?.text ?? ''), { action: 'server/info', requestId: 1 });
  });

  it('has times to the microsecond, and needs no number for its only connection', async () => {
    const line = { at: '2026-11-22T22:13:45.123456Z', kind: 'opened', url: 'ws://h/' };
    const [entry] = await listOf(entriesOf(file(JSON.stringify(line))));
    assert.equal(entry?.atMs, Date.UTC(2026, 10, 22, 22, 13, 45, 123) + 0.456);
    assert.equal(entry.connection, 1);
  });

  const broken: readonly (readonly [what: string, text: string, message: RegExp])[] = [
    ['empty', '', /unreadable trace file '.*': it is empty/],
    ['something else', 'hello\n', /line 1 is no entry of a trace: hello/],
    ['other JSON', '{"action":"server/info"}\n', /line 1 is no entry of a trace/],
    ['cut off within a line', whole.slice(0, -30), /its last line, 3, is cut off/],
    ['broken in the middle', `${whole}{"at":\n${whole}`, /line 4 is no entry of a trace: \{"at":/],
    ['a file of other bytes', `${whole}\u0000`, /line 4 is no entry of a trace: \\u0000/],
    ['without the frame of what was sent', whole.replace('"text"', '"other"'), /line 2 is no entry/],
    ['without times', whole.replaceAll('2026-', 'x'), /line 1 is no entry/],
  ];
  for (const [what, text, message] of broken) {
    it(`is refused where it is ${what}`, async () => {
      await failureOf(listOf(entriesOf(file(text))), 'usage', message);
    });
  }

  it('is refused where it is not UTF-8', async () => {
    const name = file(whole);
    writeFileSync(name, Buffer.concat([Buffer.from(whole), Buffer.from([0xff, 0xfe])]));
    await failureOf(listOf(entriesOf(name)), 'usage', /line 4 is not UTF-8/);
  });

  it('is refused where it is not a trace', async () => {
    mkdirSync(join(folder, 'folder'));
    await failureOf(listOf(entriesOf(join(folder, 'folder'))), 'usage', /it is a folder/);
    await failureOf(listOf(entriesOf(join(folder, 'missing'))), 'usage', /there is no such file/);
  });
});
