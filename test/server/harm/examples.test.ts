import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { actionNames, schemaOf } from '../../../src/protocol/schema.ts';
import { world } from '../inMemory.ts';
import { harmsOf } from './harmsOf.ts';

/** The harm of sending every example of a schema while replies are due to two sessions. */
function harmBesideOthers(examples: readonly (readonly [action: string, payload: Record<string, unknown>])[]) {
  const inside = world({ strict: true });
  for (const [action, payload] of examples) {
    const others = [inside.holder(), inside.holder()];
    for (const other of others) other.ask('device/list');
    inside.holder().ask(action, payload);
    inside.clock.advance(2000);
  }
  return harmsOf(inside);
}

describe('the examples of the schemas', () => {
  it('do a strict server no harm beside others, but for command/get, which always may', () => {
    const examples = actionNames().flatMap((action) =>
      (schemaOf(action).examples ?? []).map((payload) => [action, payload as Record<string, unknown>] as const),
    );
    assert.ok(examples.length >= actionNames().length);
    const gets = examples.filter(([action]) => action === 'command/get').length;
    assert.deepEqual(harmBesideOthers(examples), [`joining command/get ${gets}`]);
  });

  it('would do it, were one of the two lists missing', () => {
    assert.deepEqual(harmBesideOthers([['notification/subscribe', { networkIds: [1] }]]), [
      'joining notification/subscribe 1',
    ]);
  });
});
