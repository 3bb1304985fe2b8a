import assert from 'node:assert/strict';
import { compilePlan, placeText, tableOf, type JsonFields, type Plan } from '../../src/simulate/plan/index.ts';

/** CSV files that test plans may name. */
const files: Readonly<Record<string, string>> = {
  'weather.csv': 'time,temperature,note\n0,18.5,cold\n60,19,"so, so"\n120,,\n',
};

const surroundings = {
  table: (file: string) => {
    const content = files[file];
    return content === undefined ? 'cannot be read: there is no such file' : tableOf(content);
  },
  behaviour: () => undefined,
};

/** Returns a plan from the content of a file. Fails the test where it has problems. */
export function planOf(content: unknown): Plan {
  const compiled = compilePlan(content, surroundings);
  assert.ok(compiled.kind === 'plan', JSON.stringify(compiled));
  return compiled.plan;
}

/** Returns all problems of a plan, a sentence each. */
export function problemsOf(content: unknown): string[] {
  const compiled = compilePlan(content, surroundings);
  return compiled.kind === 'plan'
    ? []
    : compiled.problems.map(({ path, message }) => `${placeText(path)} ${message}`.trim());
}

/** Returns a plan of one fleet that sends one notification every second for a minute. */
export function notifying(parameters: JsonFields, rest: JsonFields = {}, fleet: JsonFields = {}): JsonFields {
  return {
    seed: 7,
    fleets: [{ id: 'd-{index}', count: 20, notifications: [{ name: 'value', every: '1s', parameters }], ...fleet }],
    load: { for: '1m' },
    ...rest,
  };
}
