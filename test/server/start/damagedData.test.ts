import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { corrupted, tryDataFile, wholeFile } from '../../fuzz/dataFile.ts';

let whole: Buffer;
before(async () => {
  whole = await wholeFile();
});

describe('a data file with changed bytes', () => {
  it('is used where they do not show, or refused and left alone', async () => {
    assert.equal(await tryDataFile(whole), 'used');
    const outcomes = new Set<string>();
    for (let seed = 1; seed <= 12; seed++) outcomes.add(await tryDataFile(corrupted(whole, seed)));
    assert.ok(outcomes.has('refused'));
  });

  for (const [text, what] of [
    ['Gerät 7 ✓', 'a name'],
    ['dhadmin', 'a login'],
    ['jwt.secret', 'the name of a property'],
  ] as const) {
    it(`is refused where a text is not UTF-8: ${what}`, async () => {
      const at = whole.lastIndexOf(text);
      assert.ok(at > 0);
      const bytes = Buffer.from(whole);
      bytes[at + 1] = 0xff;
      assert.equal(await tryDataFile(bytes), 'refused');
    });
  }
});
