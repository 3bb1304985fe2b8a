import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseLenientJson, writeJson } from '../../../src/server/reading/json.ts';

function roundTrip(text: string): string {
  return writeJson(parseLenientJson(text));
}

describe('JSON of clients', () => {
  const kept = [
    '[1.0]',
    '[-0]',
    '[1e3]',
    '[1E+3]',
    '[12345678901234567890]',
    '[0.0000001]',
    '[1.50,"x"]',
    '{"a":1.10}',
  ];
  for (const text of kept) {
    it(`keeps the spelling of ${text}`, () => {
      assert.equal(roundTrip(text), text);
    });
  }

  const lenient: readonly (readonly [string, string])[] = [
    ['{a:1}', '{"a":1}'],
    ["{'a':'b \"c\"'}", '{"a":"b \\"c\\""}'],
    ['{"a"=1;"b"=>2}', '{"a":1,"b":2}'],
    ['{a:b}', '{"a":"b"}'],
    ['{"a":NaN,"b":TRUE,"c":nUll}', '{"a":"NaN","b":true,"c":null}'],
    ['/* x */{"a":1}// end', '{"a":1}'],
    ['# x\n{"a":1}', '{"a":1}'],
    ['\ufeff{"a":1}', '{"a":1}'],
    ['{"a":"b\tc"}', '{"a":"b\\tc"}'],
    ['{"a":007}', '{"a":"007"}'],
    ['[1,]', '[1,null]'],
    ['{"a":1,"a":2}', '{"a":2}'],
    ["{'a':'\\u00e9\\''}", '{"a":"é\'"}'],
    ['{__proto__:1}', '{"__proto__":1}'],
  ];
  for (const [text, strict] of lenient) {
    it(`reads ${JSON.stringify(text)}`, () => {
      assert.equal(roundTrip(text), strict);
    });
  }

  for (const text of [
    '{"a":1,}',
    '{"a":1} x',
    '{"a":1}{',
    '{"a":',
    '{"a" 1}',
    '{"a":"b',
    '',
    '{"a":"\\x"}',
    '/* {}',
    '{a:b/c}',
  ]) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      assert.throws(() => parseLenientJson(text), SyntaxError);
    });
  }

  it('reads texts of any length with escapes, half surrogates included', () => {
    for (const times of [1, 16_383, 16_384, 16_385, 40_000]) {
      const [text, read] = [String.raw`\n\u00e9\ud800x\'`.repeat(times), "\n\u00e9\ud800x'".repeat(times)];
      assert.equal(parseLenientJson(`'${text}'`), read);
    }
  });

  it('skips comments between all other signs', () => {
    const text = "/**/{#\n'a'/*x*/=>//y\n[1/**//**/,2],b:/* */null/**/}# end";
    assert.deepEqual(parseLenientJson(text), { a: [1, 2], b: null });
  });

  it('escapes line and paragraph separators on the way out', () => {
    assert.equal(writeJson({ 'a\u2028': 'b\u2029' }), '{"a\\u2028":"b\\u2029"}');
  });
});
