import { anything, choice, type WeightedValue } from './argumentTypes.ts';
import type { Generator } from './generator.ts';

/** The generator of one value. */
export const constant: Generator = {
  name: 'constant',
  summary: 'Always the same value, taken as it is: nothing inside it counts as a generator.',
  arguments: [{ name: 'value', type: anything, isRequired: true, description: 'The value.' }],
  example: 'constant(5)',
  planExample: 5,
  named: (value) => ({ value }),
  compile(given) {
    const { value } = given['value'] as { readonly value: unknown };
    return () => value;
  },
};

/** The generator of one of several values. */
export const enumeration: Generator = {
  name: 'enum',
  summary: 'One of several values; a weight says how often it comes compared with the others, 1 unless given.',
  arguments: [{ name: 'values', type: choice, isRequired: true, description: 'The values, or values and weights.' }],
  rest: 'values',
  example: 'enum(a:3,b:1)',
  planExample: { a: 3, b: 1 },
  named: (value) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? { values: Object.entries(value).map(([name, weight]) => ({ value: name, weight: weight as unknown })) }
      : undefined,
  compile(given, scope) {
    const choices = given['values'] as readonly WeightedValue[];
    let total = 0;
    const limits = choices.map(({ weight }) => (total += weight));
    if (total === 0) return scope.problem('has no value that can come');
    return ({ random }) => {
      const at = random.unit() * total;
      return choices[limits.findIndex((limit) => at < limit)]?.value;
    };
  },
};
