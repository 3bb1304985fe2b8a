import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { generators, parsePlan } from '../../src/simulate/plan/index.ts';
import { planOf } from './plans.ts';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

describe('the README', () => {
  it('has every generator, with its spelling in flags, in plans, and what it gives', () => {
    const cells = readme.split('\n').map((line) => line.split('|').map((cell) => cell.trim()));
    const rows = cells.filter(([, , plan = '']) => /^`\{"[a-z]+":.*\}`$/.test(plan)).map((row) => row.slice(1, 4));
    assert.deepEqual(
      rows,
      [...generators.values()].map(({ name, example, planExample, summary }) => [
        `\`${example}\``,
        `\`${JSON.stringify({ [name]: planExample })}\``,
        summary,
      ]),
    );
  });

  it('shows plans that are plans', async () => {
    const plans = [...readme.matchAll(/^```yaml\n(.*?)^```/gms)].map(([, block = '']) => block);
    assert.ok(plans.length > 0);
    for (const plan of plans) planOf((await parsePlan(plan, 'README.md')).content);
  });
});
