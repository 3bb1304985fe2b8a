import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Fields } from '../../../src/server/reading/fields.ts';
import { parseLenientJson } from '../../../src/server/reading/json.ts';
import { isObject } from '../../../src/server/reading/jsonValues.ts';
import { Refusal } from '../../../src/server/outcome.ts';

/** Returns the fields of an object whose `v` is this value. */
function fields(value: string): Fields {
  const object = parseLenientJson(`{"v":${value}}`);
  assert.ok(isObject(object));
  return new Fields(object);
}

function refusal(code: number, text?: string): (error: unknown) => boolean {
  return (error) =>
    error instanceof Refusal && error.answer.code === code && (text === undefined || error.answer.text === text);
}

const malformed = refusal(400, 'Malformed Json received.');

describe('fields of requests', () => {
  it('reads texts, and numbers and booleans as they are spelled', () => {
    const texts = ['"a"', '5', '1.0', '1e3', 'true', 'null'].map((value) => fields(value).text('v'));
    assert.deepEqual(texts, ['a', '5', '1.0', '1e3', 'true', undefined]);
    assert.throws(() => fields('{}').text('v'), malformed);
    assert.throws(() => fields('[1]').text('v'), malformed);
  });

  it('reads 64-bit integers: fractions cut, texts decimal, out-of-range values wrapped', () => {
    const values = [
      '12',
      '12.9',
      '-1.9',
      '1e3',
      '"12"',
      '"+12"',
      '18446744073709551621',
      '9223372036854775807',
      'null',
    ];
    const longs = values.map((value) => fields(value).long('v'));
    assert.deepEqual(longs, [12, 12, -1, 1000, 12, 12, 5, 9223372036854775807n, undefined]);
    for (const value of ['true', '{}', '[]', '""', '"abc"', '"1.5"', '"9223372036854775808"']) {
      assert.throws(() => fields(value).long('v'), malformed, value);
    }
  });

  it('reads 32-bit integers in the same way', () => {
    const integers = ['5', '5.5', '4294967297', '2147483648', '"7"'].map((value) => fields(value).integer('v'));
    assert.deepEqual(integers, [5, 5, 1, -2147483648, 7]);
    assert.throws(() => fields('"2147483648"').integer('v'), malformed);
  });

  it('takes only the text true for true', () => {
    const booleans = ['true', 'false', '"TRUE"', '"yes"', 'null'].map((value) => fields(value).boolean('v'));
    assert.deepEqual(booleans, [true, false, true, false, undefined]);
    for (const value of ['1', '{}', '[]']) assert.throws(() => fields(value).boolean('v'), malformed);
  });

  it('keeps free objects as text, and calls all others parameters', () => {
    assert.equal(fields('{"a":1.0,"b":[1e3]}').json('v')?.text, '{"a":1.0,"b":[1e3]}');
    assert.equal(fields('null').json('v'), undefined);
    for (const value of ['[1]', '"x"', '5', 'true']) {
      assert.throws(() => fields(value).json('v'), refusal(400, "'parameters' must be JSON Object!"));
    }
  });

  it('reads times as numbers too, and blanks as absent', () => {
    const times = ['1000', '-1000', '"1000"', '" -1000 "', '""', '" "', '"null"', 'null'].map((value) =>
      fields(value).timestamp('v'),
    );
    assert.deepEqual(times, [1000, -1000, 1000, -1000, undefined, undefined, undefined, undefined]);
    for (const value of ['1.5', '1.0', 'true', '{}', '"junk"'])
      assert.throws(() => fields(value).timestamp('v'), malformed);
  });

  it('fails with 500 on null in place of a list or a command', () => {
    assert.deepEqual(fields('["1",2.5]').castLongs('v'), [1, 2]);
    assert.throws(() => fields('null').castLongs('v'), refusal(500));
    assert.throws(() => fields('"x"').castTexts('v'), refusal(500));
    assert.throws(() => fields('null').castObject('v'), refusal(500));
    assert.throws(() => fields('[true,{}]').castTexts('v'), malformed);
  });

  it('reads a list of one as its element where the real server does', () => {
    assert.equal(fields('["a"]').castText('v'), 'a');
    assert.throws(() => fields('null').castText('v'), refusal(500, 'JsonNull'));
    assert.throws(() => fields('{}').castText('v'), refusal(500, 'JsonObject'));
    assert.throws(() => fields('["a","b"]').castText('v'), malformed);
  });

  it('refuses a number too long to be read in time', () => {
    assert.throws(() => fields('1'.repeat(100_000)).long('v'), malformed);
  });
});
