import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cutText, safeLine, safeText } from '../../../src/cli/terminal/safeText.ts';

describe('text made safe for a terminal', () => {
  const dangerous: readonly (readonly [string, string, string])[] = [
    ['an escape sequence', '\u001b[31mred', '\\u001b[31mred'],
    ['a title', '\u001b]0;title\u0007', '\\u001b]0;title\\u0007'],
    ['NUL', 'a\u0000b', 'a\\u0000b'],
    ['backspace', 'a\bb', 'a\\u0008b'],
    ['carriage return, which hides what came before', 'good\rbad', 'good\\u000dbad'],
    ['DEL', '\u007f', '\\u007f'],
    ['the eight bit control sequence introducer', '\u009b31m', '\\u009b31m'],
    ['marks that turn the direction', '\u202eabc\u2066', '\\u202eabc\\u2066'],
    ['the mark of Arabic letters', 'a\u061cb', 'a\\u061cb'],
    ['a line separator', 'a\u2028b', 'a\\u2028b'],
    ['a byte order mark inside', 'a\ufeffb', 'a\\ufeffb'],
  ];
  for (const [what, text, safe] of dangerous) {
    it(`escapes ${what}`, () => {
      assert.equal(safeText(text), safe);
    });
  }

  for (const text of ['', 'plain', 'tab\tand\nline end', 'ünïcode', '日本語', '😀', 'e\u0301', '\\u001b as written']) {
    it(`leaves alone ${JSON.stringify(text)}`, () => {
      assert.equal(safeText(text), text);
    });
  }

  it('escapes every C0 and C1 control character but tab and line end', () => {
    const controls = Array.from({ length: 0xa0 }, (_, code) => code).filter((code) => code < 0x20 || code > 0x7e);
    const kept = controls.filter((code) => safeText(String.fromCharCode(code)).length === 1);
    assert.deepEqual(kept, [9, 10]);
  });
});

describe('a line', () => {
  it('stays one line', () => {
    assert.equal(safeLine('a\nb\tc\r\n'), 'a\\nb\\tc\\u000d\\n');
  });
});

describe('a quoted value', () => {
  it('is cut where it is long', () => {
    assert.equal(cutText('x'.repeat(61)), `${'x'.repeat(60)}…`);
    assert.equal(cutText('x'.repeat(60)), 'x'.repeat(60));
    assert.equal(cutText('abcdef', 3), 'abc…');
  });

  it('is safe, and on one line', () => {
    assert.equal(cutText('\u001b\n'), '\\u001b\\n');
  });
});
