import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatTimestamp, parseTimestamp } from '../../src/protocol/timestamps.ts';

function read(text: string): string | undefined {
  const timeMs = parseTimestamp(text);
  return timeMs === undefined ? undefined : formatTimestamp(timeMs);
}

describe('timestamps', () => {
  const accepted: readonly (readonly [string, string])[] = [
    ['2024-03-05', '2024-03-05T00:00:00.000'],
    ['2024-03-05T10:15', '2024-03-05T10:15:00.000'],
    ['2024-03-05T10:15.5Z', '2024-03-05T10:15:00.500'],
    ['  2024-03-05T10:15:30 ', '2024-03-05T10:15:30.000'],
    ['-1', '1969-12-31T23:59:59.999'],
    ['2024-03-05T10:15:30', '2024-03-05T10:15:30.000'],
    ['2024-03-05T10:15:30.1', '2024-03-05T10:15:30.100'],
    ['2024-03-05T10:15:30.123456789', '2024-03-05T10:15:30.123'],
    ['2024-03-05T10:15:30.123Z', '2024-03-05T10:15:30.123'],
    ['2024-03-05T10:15:30+02', '2024-03-05T08:15:30.000'],
    ['2024-03-05T10:15:30-0130', '2024-03-05T11:45:30.000'],
    ['2024-03-05T10:15:30+01:30', '2024-03-05T08:45:30.000'],
    ['2024-02-31', '2024-03-02T00:00:00.000'],
    ['2024-13-01', '2025-01-01T00:00:00.000'],
    ['0', '1970-01-01T00:00:00.000'],
    ['1709633761123', '2024-03-05T10:16:01.123'],
    ['Tue, 3 Jun 2008 11:05:30 GMT', '2008-06-03T11:05:30.000'],
  ];
  for (const [text, time] of accepted) {
    it(`reads ${text}`, () => {
      assert.equal(read(text), time);
    });
  }

  const refused = [
    '2024-03-05T10',
    '2024-03-05 10:15:30',
    '2024-03-05t10:15:30',
    '2024-03-05T10:15:30z',
    '2024-03-05T10:15:30,5',
    '20240305T101530',
    '2024-3-5',
    '1.5',
    'junk',
    '99999999999999999999',
    '-',
    '+5',
    '2024-03-05T10:15:30.1234567890',
  ];
  for (const text of refused) {
    it(`refuses ${text}`, () => {
      assert.equal(parseTimestamp(text), undefined);
    });
  }
});
