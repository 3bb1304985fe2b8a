import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { durationMs } from '../../../src/cli/terminal/durations.ts';
import { Failure } from '../../../src/errors.ts';

function failureOf(text: string): Failure {
  try {
    durationMs(text, '--timeout');
  } catch (error) {
    if (error instanceof Failure) return error;
  }
  return assert.fail(`'${text}' is taken`);
}

describe('a duration', () => {
  const good: readonly (readonly [string, number])[] = [
    ['1ms', 1],
    ['500ms', 500],
    ['10s', 10_000],
    ['1.5s', 1500],
    ['2m', 120_000],
    ['1m30s', 90_000],
    ['1h', 3_600_000],
    ['1h2m3s4ms', 3_723_004],
    ['24d', 2_073_600_000],
  ];
  for (const [text, ms] of good) {
    it(`of ${text} is ${ms} ms`, () => {
      assert.equal(durationMs(text, '--timeout'), ms);
    });
  }

  for (const text of [
    '',
    's',
    'x',
    '-1s',
    '1 s',
    '1s ',
    '10sec',
    '1s!',
    '.5s',
    '1,5s',
    '1S',
    '1e3s',
    'soon',
    '10s\n',
  ]) {
    it(`is not '${text.replace('\n', '\\n')}'`, () => {
      const failure = failureOf(text);
      assert.equal(failure.kind, 'usage');
      assert.match(failure.message, /^--timeout must be a duration such as 10s, not '/);
      assert.ok(failure.hint);
    });
  }

  for (const text of ['10', '1.5', '0']) {
    it(`needs a unit: ${text}`, () => {
      assert.equal(failureOf(text).hint, `Add a unit: ${text}s or ${text}ms.`);
    });
  }

  for (const text of ['0s', '0ms', '0h0m', '25d', '9999999h', `${'9'.repeat(400)}s`]) {
    it(`is refused out of range: ${text.slice(0, 10)}`, () => {
      assert.match(failureOf(text).message, /must be more than 0 and at most 24d/);
    });
  }

  it('is quoted in a message without control characters', () => {
    assert.doesNotMatch(failureOf('\u001b[31m').message, /\u001b/);
  });
});
