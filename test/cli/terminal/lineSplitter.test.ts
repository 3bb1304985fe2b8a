import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LineSplitter } from '../../../src/cli/terminal/lineSplitter.ts';

describe('the lines of a batch', () => {
  it('tell how many bytes were given as lines, not how many have come', () => {
    const lines = new LineSplitter(1000);
    lines.push(Buffer.from('{"a":1}\n{"b":22}\n{"c"'));
    const given = [lines.givenBytes];
    while (lines.next()) given.push(lines.givenBytes);
    lines.push(Buffer.from(':3}\n'));
    while (lines.next()) given.push(lines.givenBytes);
    lines.end();
    assert.equal(lines.next(), false);
    assert.deepEqual(given, [0, 8, 17, 25]);
    assert.equal(lines.givenBytes, 25);
  });
});
