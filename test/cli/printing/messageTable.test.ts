import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isMessages, messageLines } from '../../../src/cli/printing/messageTable.ts';
import type { TableRow } from '../../../src/cli/printing/table.ts';

/** Returns a table without colour; each character is one column wide. */
function table(rows: readonly TableRow[], width: number): string[] {
  const both = (text: string) => ({ plain: text, shown: text });
  return messageLines(rows, {
    width,
    measure: (text) => text.length,
    cell: () => both(''),
    heading: both,
    fields: () => [],
    remark: (text) => text,
  });
}

function command(id: number, more: TableRow = {}): TableRow {
  return {
    id,
    command: 'set-interval',
    timestamp: '2026-11-24T10:21:26.793',
    deviceId: 'd1',
    parameters: null,
    status: null,
    result: null,
    lifetime: null,
    ...more,
  };
}

const long = { seconds: 5, reason: 'because somebody has asked for it', tags: ['a', 'b'] };

describe('a table of commands', () => {
  it('has a line for each, and says what it leaves out', () => {
    const rows = [command(42), command(1944132907, { parameters: { a: 1 }, status: 'done', result: 'yes' })];
    assert.deepEqual(table(rows, 80), [
      'id          time          name          parameters  status  result',
      '42          10:21:26.793  set-interval',
      '1944132907  10:21:26.793  set-interval  {"a":1}     done    "yes"',
      'times are of 2026-11-24, UTC',
      'left out: deviceId; -o yaml shows everything',
    ]);
  });

  for (const width of [80, 60, 40])
    it(`is no wider than ${width} columns, whatever it holds`, () => {
      const rows = [
        command(1944132907, { parameters: long, status: 'in progress', result: long }),
        command(2, { deviceId: 'another device', timestamp: '2026-11-25T00:00:00.000', parameters: [long, 1] }),
        command(3, { parameters: 'a text that is far too long for any of these tables, whatever their width is' }),
      ];
      const lines = table(rows, width);
      for (const line of lines) assert.ok(line.length <= width || !line.includes(' '), line);
      assert.match(lines[1] ?? '', /^1944132907 +.*set-inte/);
      assert.match(lines.join(' '), /left out: /);
    });

  it('shows members of parameters whole, or not at all', () => {
    const [, line = '', ...rest] = table([command(1, { parameters: long })], 60);
    assert.match(line, /\{"seconds":5,…\}$/);
    assert.match(rest.join(' '), /parts of 1 value \(…\)/);
  });

  it('has room for its headings, however short the ids are', () => {
    const rows = [1, 12, 123, 1234, 12345, 123456, 1234567, 12345678, 123456789];
    for (const id of rows)
      for (const line of table([command(id, { command: 'blink', parameters: long, result: long })], 40))
        assert.ok(line.length <= 40, line);
  });

  it('shows the begin of a name that is too long, and does not give up all else for it', () => {
    const name = 'a-very-long-name-of-a-command';
    const rows = [command(1944132907, { command: name, status: 'done', result: { ok: true }, parameters: long })];
    for (const line of table(rows, 40)) assert.ok(line.length <= 40, line);
    assert.match(table(rows, 40)[1] ?? '', /^1944132907 +a-very-long-na.*…/);
    assert.match(table(rows, 80)[1] ?? '', /a-very-long-na.*… +\{.*…\} +done +\{"ok":true\}$/);
    assert.match(table(rows, 200)[1] ?? '', new RegExp(name));
  });

  it('names the device of each where there are several, and the day where there are several', () => {
    const rows = [command(1), command(2, { deviceId: 'd2', timestamp: '2026-11-25T00:00:00.000' })];
    assert.deepEqual(table(rows, 80).slice(0, 3), [
      'id  time                     device  name',
      '1   2026-11-24 10:21:26.793  d1      set-interval',
      '2   2026-11-25 00:00:00.000  d2      set-interval',
    ]);
  });

  it('is one of commands or of notifications only', () => {
    assert.equal(isMessages([command(1)]), true);
    assert.equal(isMessages([{ id: 1, notification: 'n', timestamp: '2026-11-24T10:21:26.793' }]), true);
    assert.equal(isMessages([command(1), { id: 'd1', name: 'd1' }]), false);
  });
});
