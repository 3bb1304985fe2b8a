import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { tableLines, type TableRow } from '../../../src/cli/printing/table.ts';

/** Returns a table without colour; each character is one column wide. */
function table(rows: readonly TableRow[], width: number): string[] | undefined {
  const both = (text: string) => ({ plain: text, shown: text });
  return tableLines(rows, {
    width,
    measure: (text) => text.length,
    cell: (_name, value) => both(typeof value === 'string' ? value : JSON.stringify(value)),
    heading: both,
    fields: (fields, indent) =>
      Object.entries(fields).map(([name, value]) => `${indent}${name}=${JSON.stringify(value)}`),
    remark: (text) => text,
  });
}

const commands: readonly TableRow[] = [
  { id: 42, command: 'blink', at: '2026-11-24T10:21:26.793', deviceId: 'd1', parameters: null },
  {
    id: 1944132907,
    command: 'go',
    at: '2026-11-24T10:21:27.796',
    deviceId: 'd1',
    parameters: { times: 3, long: 'words' },
  },
];

describe('a table', () => {
  it('aligns what fits', () => {
    assert.deepEqual(
      table(
        [
          { id: 1, name: 'Lamp' },
          { id: 22, name: '', more: true },
        ],
        40,
      ),
      ['id  name  more', '1   Lamp', '22        true'],
    );
  });

  it('shows values that every row shares once, where it is too wide', () => {
    assert.deepEqual(table(commands, 78), [
      'in every row',
      '  deviceId="d1"',
      'id          command  at                       parameters',
      '42          blink    2026-11-24T10:21:26.793  null',
      '1944132907  go       2026-11-24T10:21:27.796  {"times":3,"long":"words"}',
    ]);
  });

  it('moves objects under their rows, then the longest values', () => {
    assert.deepEqual(table(commands, 50), [
      'in every row',
      '  deviceId="d1"',
      'id          command  at',
      '42          blink    2026-11-24T10:21:26.793',
      '    parameters=null',
      '1944132907  go       2026-11-24T10:21:27.796',
      '    parameters={"times":3,"long":"words"}',
    ]);
    assert.equal(table(commands, 30)?.[2], 'id          command');
  });

  it('is not used where only one column would remain', () => {
    assert.equal(table(commands, 15), undefined);
    assert.equal(table([{ id: 'x'.repeat(30), name: 'y' }], 20), undefined);
  });

  it('holds every value at every width, and no row is wider', () => {
    for (let width = 1; width <= 140; width++) {
      const lines = table(commands, width) ?? [];
      const text = lines.join('\n');
      if (text === '') continue;
      for (const value of ['42', '1944132907', 'blink', 'go', 'd1', '26.793', '27.796', 'null', 'times'])
        assert.ok(text.includes(value), `${value} at ${width}`);
      for (const line of lines.filter((line) => /^\S/.test(line)))
        assert.ok(line.length <= width, `${line} at ${width}`);
    }
  });
});
