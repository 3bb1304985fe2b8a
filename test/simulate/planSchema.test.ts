import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { generators } from '../../src/simulate/plan/index.ts';
import { notifying, planOf, problemsOf } from './plans.ts';

interface Part {
  readonly title?: string;
  readonly description?: string;
  readonly examples?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Part>>;
  readonly items?: Part;
  readonly additionalProperties?: Part | boolean;
  readonly required?: readonly string[];
}

const schema = JSON.parse(readFileSync(new URL('../../schemas/plan.json', import.meta.url), 'utf8')) as Part & {
  readonly $defs: Readonly<Record<string, Part>>;
};

const described = schema.$defs['generator']?.properties ?? {};

describe('the schema of plans', () => {
  it('has all generators, and no other', () => {
    assert.deepEqual(Object.keys(described).sort(), [...generators.keys()].sort());
  });

  for (const { name, summary, arguments: list } of generators.values()) {
    const part = described[name];

    it(`says of ${name} what the program does`, () => {
      assert.ok(part !== undefined);
      assert.equal(part.description, summary);
      const properties = Object.entries(part.properties ?? {});
      if (properties.length === 0) return;
      assert.deepEqual(
        properties.map(([argument, { description }]) => [argument, description]),
        list.map((argument) => [argument.name, argument.description]),
      );
      assert.deepEqual(
        part.required ?? [],
        list.filter(({ isRequired }) => isRequired === true).map((argument) => argument.name),
      );
    });

    it(`has examples of ${name} that work`, () => {
      assert.ok(part?.examples !== undefined && part.examples.length > 0);
      for (const example of part.examples) {
        const payload = { value: { [name]: example } };
        const content =
          name === 'parameter'
            ? { fleets: [{ id: 'a', commands: { b: [{ result: payload }] } }] }
            : notifying(payload, {}, { state: { mode: 1 } });
        assert.deepEqual(problemsOf(content), []);
      }
    });
  }

  it('has an example that is a plan', () => {
    for (const example of schema.examples ?? []) planOf(example);
  });

  it('describes every field for editors, most of them with an example', () => {
    const fields = Object.entries({ ...schema.$defs, '': schema }).flatMap(([place, part]) =>
      Object.entries(part.properties ?? {}).map(([name, field]) => ({ at: `${place}.${name}`, field })),
    );
    assert.ok(fields.length > 50);
    for (const { at, field } of fields) {
      const text = field.description ?? schema.$defs[at.split('.')[1] ?? '']?.description ?? '';
      assert.match(text, /^[A-Z{].*\.$/, at);
    }
  });
});
