import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { agree, bindableIn, differences, filled, unboundIn } from '../../../src/protocol/recordings/agreement.ts';
import { Bindings } from '../../../src/protocol/recordings/bindings.ts';
import { jwtWith } from '../../helpers/fakeServer.ts';

const inAnyOrder = { isOrdered: false };
const inOrder = { isOrdered: true };

/** True if they agree with no earlier bindings. */
function agrees(pattern: unknown, actual: unknown, options = inAnyOrder): boolean {
  return agree(pattern, actual, new Bindings(), options);
}

describe('agreement with a recording', () => {
  it('binds an id where it first appears, and holds later ones against it', () => {
    const bindings = new Bindings();
    assert.ok(agree({ id: '${id:1}' }, { id: 5 }, bindings, inAnyOrder));
    assert.equal(bindings.get('id:1'), 5);
    assert.ok(!agree('Command ${id:1}', 'Command 6', bindings, inAnyOrder));
    assert.ok(agree('Command ${id:1}', 'Command 5', bindings, inAnyOrder));
    assert.ok(agree(['${idText:1}'], ['5'], bindings, inAnyOrder));
    assert.deepEqual(filled({ commandId: '${id:1}', text: '${id:1}!' }, bindings), { commandId: 5, text: '5!' });
  });

  it('binds an id that is written as a text', () => {
    const bindings = new Bindings();
    assert.ok(agree('${idText:1}', '5', bindings, inOrder));
    assert.equal(bindings.get('id:1'), 5);
    for (const text of ['05', 'five', '', '5.0', 5]) assert.ok(!agrees('${idText:1}', text), String(text));
  });

  it('takes any id within a text for one that is not known yet, and binds none', () => {
    const bindings = new Bindings();
    assert.ok(agree('Command ${id:1} (a+b) not found', 'Command 6 (a+b) not found', bindings, inOrder));
    assert.ok(!agree('Command ${id:1} not found', 'Command x not found', bindings, inOrder));
    assert.ok(!agree('Command ${id:1} not found', 6, bindings, inOrder));
    assert.ok(!bindings.has('id:1'));
  });

  it('distinguishes null from absent', () => {
    assert.ok(!agrees({ a: null }, {}));
    assert.ok(!agrees({}, { a: null }));
    assert.ok(!agrees({ a: 1 }, { b: 1 }));
  });

  it('ignores inherited properties', () => {
    assert.ok(!agrees({ toString: '${any}' }, { other: 1 }));
  });

  it('finds the order in which a list agrees', () => {
    const pattern = ['${any}', { id: '${id:1}', name: 'b' }];
    const actual = [{ id: 2, name: 'b' }, { id: 1 }];
    const bindings = new Bindings();
    assert.ok(agree(pattern, actual, bindings, inAnyOrder));
    assert.equal(bindings.get('id:1'), 2);
    assert.ok(!agrees(pattern, actual, inOrder));
  });

  it('goes back over choices that lead nowhere', () => {
    const pattern = [
      { id: '${id:1}', kind: '${any}' },
      { id: '${id:2}', kind: 'a' },
      { id: '${id:2}', kind: 'b' },
    ];
    const actual = [
      { id: 7, kind: 'a' },
      { id: 8, kind: 'c' },
      { id: 7, kind: 'b' },
    ];
    const bindings = new Bindings();
    assert.ok(agree(pattern, actual, bindings, inAnyOrder));
    assert.deepEqual([bindings.get('id:1'), bindings.get('id:2')], [8, 7]);
  });

  it('gives up on long lists that are similar but differ, and binds nothing', () => {
    const items = Array.from({ length: 60 }, (_, index) => index);
    const pattern = items.map((index) => ({ id: `\${id:${index}}`, last: index === 59 ? 1 : '${any}' }));
    const bindings = new Bindings();
    assert.ok(
      !agree(
        pattern,
        items.map((id) => ({ id, last: 0 })),
        bindings,
        inAnyOrder,
      ),
    );
    assert.ok(!bindings.has('id:0'));
  });

  it('binds nothing where a part of an object differs', () => {
    const bindings = new Bindings();
    assert.ok(!agree({ id: '${id:1}', name: 'a' }, { id: 1, name: 'b' }, bindings, inOrder));
    assert.ok(!bindings.has('id:1'));
  });

  it('requires times without a zone and with three fraction digits', () => {
    assert.ok(agrees('${timestamp}', '2026-11-22T22:13:45.123'));
    assert.ok(!agrees('${timestamp}', '2026-11-22T22:13:45.123Z'));
  });

  it('accepts any value of a shape', () => {
    const pattern = { count: '${integer}', name: '${text}', isBlocked: '${boolean}', data: '${any}' };
    const fitting = { count: 3, name: '', isBlocked: false, data: null };
    assert.ok(agrees(pattern, fitting));
    for (const wrong of [{ count: 1.5 }, { count: '3' }, { name: null }, { isBlocked: 'false' }]) {
      assert.ok(!agrees(pattern, { ...fitting, ...wrong }), JSON.stringify(wrong));
    }
  });

  it('holds every item of a list against one pattern', () => {
    const pattern = { '${each}': { id: '${integer}' } };
    assert.ok(agrees(pattern, []));
    assert.ok(agrees(pattern, [{ id: 1 }, { id: 2 }]));
    assert.ok(!agrees(pattern, [{ id: 1 }, { id: 'x' }]));
    assert.ok(!agrees(pattern, { id: 1 }));
  });

  it('looks into tokens, and binds them', () => {
    const pattern = { token: '${token:1}', claims: { u: 1, e: '${expiry}' } };
    const bindings = new Bindings();
    const token = jwtWith({ u: 1, e: 1_800_000_000_000 });
    assert.ok(agree(pattern, token, bindings, inOrder));
    assert.equal(filled('${token:1}', bindings), token);
    assert.ok(!agrees(pattern, jwtWith({ u: 2, e: 1 })));
    assert.ok(!agrees(pattern, 'no token'));
    assert.ok(agrees({ token: 'mine', claims: [] }, { token: 'mine', claims: [] }), 'anybody may have such fields');
  });
});

describe('the placeholders of a recording', () => {
  it('are listed by name where they are not bound', () => {
    const bindings = new Bindings([['id:1', 5]]);
    assert.deepEqual(unboundIn({ a: '${id:1}', b: ['${id:2}', 'x${idText:3}'] }, bindings), ['id:2', 'id:3']);
    assert.throws(() => filled('${id:2}', bindings), /\$\{id:2\} is used before it is bound/);
  });

  it('are listed by name where agreement would bind them, without shapes', () => {
    const pattern = { id: '${id:1}', at: '${time:2}', seen: '${timestamp}', any: ['${any}', '${text}'] };
    assert.deepEqual(bindableIn(pattern, new Bindings()), ['id:1', 'time:2']);
  });
});

describe('differences from a recording', () => {
  const told = (pattern: unknown, actual: unknown, options = inAnyOrder) =>
    differences(pattern, actual, new Bindings([['id:1', 5]]), options);

  it('are empty where both agree', () => {
    assert.deepEqual(told({ id: '${id:1}' }, { id: 5 }), []);
  });

  it('are located, with the expected value', () => {
    assert.deepEqual(told({ command: { id: '${id:1}', status: 'done' } }, { command: { id: 6, status: 'done' } }), [
      { at: 'command.id', expected: 5, actual: 6 },
    ]);
    assert.deepEqual(told({ a: 1, b: '${timestamp}' }, { b: 'now', c: null }), [
      { at: 'a', expected: 1, actual: undefined },
      { at: 'b', expected: '${timestamp}', actual: 'now' },
      { at: 'c', expected: undefined, actual: null },
    ]);
  });

  it('are reported for each item of lists of equal length, and for other lists as a whole', () => {
    assert.deepEqual(told([{ a: 1 }, { a: 2 }], [{ a: 1 }, { a: 3 }]), [{ at: '1.a', expected: 2, actual: 3 }]);
    assert.deepEqual(told({ list: [1] }, { list: [] }), [{ at: 'list', expected: [1], actual: [] }]);
    assert.deepEqual(told({ '${each}': { a: 1 } }, [{ a: 1 }, { a: 3 }]), [{ at: '1.a', expected: 1, actual: 3 }]);
  });
});
