import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { own, setOwn } from '../../src/protocol/own.ts';

const inherited = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf'];

describe('a lookup by a name from outside', () => {
  it('finds what an object itself has, and nothing that it inherits', () => {
    assert.equal(own({ a: 1 }, 'a'), 1);
    assert.equal(own({ a: 1 }, 'b'), undefined);
    assert.equal(own(undefined, 'a'), undefined);
    for (const name of inherited) assert.equal(own({}, name), undefined, name);
  });

  it('finds values set under any name, and setting them changes no prototype', () => {
    for (const name of inherited) {
      const object: Record<string, unknown> = {};
      setOwn(object, name, 5);
      assert.equal(own(object, name), 5);
      assert.deepEqual(Object.keys(object), [name]);
      assert.equal(Object.getPrototypeOf(object), Object.prototype);
    }
  });
});
