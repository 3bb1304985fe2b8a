import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { agree, type Bindings } from './agreement.ts';

const none: Bindings = new Map();
const inAnyOrder = { isOrdered: false };

describe('agreement with a recording', () => {
  it('binds an id where it first appears, and holds later ones against it', () => {
    const bound = agree({ id: '${id:1}' }, { id: 5 }, none, inAnyOrder);
    assert.ok(bound);
    assert.equal(bound.get('id:1'), 5);
    assert.equal(agree('Command ${id:1}', 'Command 6', bound, inAnyOrder), undefined);
    assert.notEqual(agree('Command ${id:1}', 'Command 5', bound, inAnyOrder), undefined);
  });

  it('tells null from absent', () => {
    assert.equal(agree({ a: null }, {}, none, inAnyOrder), undefined);
    assert.equal(agree({}, { a: null }, none, inAnyOrder), undefined);
  });

  it('finds the order in which a list agrees', () => {
    const expected = ['${any}', { id: '${id:1}', name: 'b' }];
    const actual = [{ id: 2, name: 'b' }, { id: 1 }];
    assert.equal(agree(expected, actual, none, inAnyOrder)?.get('id:1'), 2);
    assert.equal(agree(expected, actual, none, { isOrdered: true }), undefined);
  });

  it('wants times without a zone and with three fraction digits', () => {
    assert.notEqual(agree('${timestamp}', '2026-11-22T22:13:45.123', none, inAnyOrder), undefined);
    assert.equal(agree('${timestamp}', '2026-11-22T22:13:45.123Z', none, inAnyOrder), undefined);
  });
});
