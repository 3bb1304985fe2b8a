import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { jmespathOf } from '../../../src/cli/printing/jmespath.ts';
import { prettyText } from '../../../src/cli/printing/pretty.ts';
import { columns } from '../../../src/cli/commands/results/columns.ts';
import { maxDepth } from '../../../src/protocol/depth.ts';
import { Failure } from '../../../src/errors.ts';
import { FakeIo } from '../fakeIo.ts';

const many = 250_000;
const numbers = Array.from({ length: many }, (_, index) => index);

/** Objects, or lists, in each other. */
function nested(levels: number, around: (inside: unknown) => unknown): unknown {
  let value: unknown = 1;
  for (let level = 0; level < levels; level++) value = around(value);
  return value;
}

describe('a result of any size', () => {
  const results: Readonly<Record<string, unknown>> = {
    'many fields': Object.fromEntries(numbers.map((number) => [`field${number}`, number])),
    'many items': numbers.map((id) => ({ id })),
    'as many fields as items': numbers.slice(0, 20_000).map((number) => ({ [`field${number}`]: number })),
    'objects as deep as they are read': nested(maxDepth, (inside) => ({ inside })),
    'lists as deep as they are read': nested(maxDepth, (inside) => [inside]),
  };
  for (const [what, value] of Object.entries(results))
    it(`is shown as text: ${what}`, async () => {
      const io = Object.assign(new FakeIo(), { stdoutIsTerminal: true });
      assert.ok((await prettyText(value, { io, values: {} })).length > 1000);
    });

  it('is lined up in columns', () => {
    assert.equal(columns(numbers.map((number) => [String(number), 'x'])).length, many);
  });
});

describe('a query of any size', () => {
  it('finds extremes in long lists', async () => {
    const search = await jmespathOf('[max(@), min(@), max_by([].{id: @}, &id).id]', '--query', '');
    assert.deepEqual(search(numbers), [many - 1, 0, many - 1]);
  });

  for (const text of [
    `${'('.repeat(100_000)}a${')'.repeat(100_000)}`,
    `${'!'.repeat(100_000)}a`,
    `a${'.a'.repeat(100_000)}`,
  ])
    it(`is refused where it is nested too deep: ${text.slice(0, 5)}…`, async () => {
      await assert.rejects(
        jmespathOf(text, '--query', ''),
        (error) =>
          error instanceof Failure && error.kind === 'usage' && error.message.endsWith(': it is nested too deep'),
      );
    });
});
