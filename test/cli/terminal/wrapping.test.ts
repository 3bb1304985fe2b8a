import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fittingWords, wrapped } from '../../../src/cli/terminal/wrapping.ts';

const hint =
  'Log in with: devicehive auth login --url ws://127.0.0.1:8080/dh/websocket --login dhadmin; or give a token';

describe('wrapped text', () => {
  it('ends its lines between words and goes on indented', () => {
    assert.equal(wrapped('one two three four five six', 20), 'one two three four\n  five six');
    assert.equal(wrapped('  at one two three four five', 20), '  at one two three\n    four five');
    assert.equal(
      wrapped('ok       one two three four five', 24, 9),
      'ok       one\n         two three four\n         five',
    );
  });

  it('keeps what fits, and lines that are there', () => {
    assert.equal(wrapped('one two\n\n  three', 20), 'one two\n\n  three');
  });

  for (const columns of [80, 40])
    it(`breaks no word and no command at ${columns} columns`, () => {
      const lines = wrapped(hint, columns).split('\n');
      assert.ok(
        lines.some((line) =>
          line.includes('devicehive auth login --url ws://127.0.0.1:8080/dh/websocket --login dhadmin;'),
        ),
      );
      assert.equal(lines.map((line) => line.trim()).join(' '), hint);
    });

  it('takes quoted values and what ends a clause for what they are', () => {
    const text = `Such as: devicehive command insert --device d1 --parameters '{"a": 1, "b": 2}', or ask somebody else first.`;
    const lines = wrapped(text, 60).split('\n');
    assert.equal(lines[1]?.trim(), `devicehive command insert --device d1 --parameters '{"a": 1, "b": 2}',`);
    assert.equal(lines.length, 3);
  });
});

describe('fitting words', () => {
  it('are whole, with a mark where some are left out', () => {
    assert.equal(fittingWords('one two three', 13), 'one two three');
    assert.equal(fittingWords('one two three', 12), 'one two …');
    assert.equal(fittingWords('one two three', 9), 'one two …');
    assert.equal(fittingWords('extraordinary', 8), 'extraor…');
    assert.equal(fittingWords('  extraordinary', 10), '  extraor…');
  });
});
