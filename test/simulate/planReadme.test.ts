import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { documentProblems } from '../../src/protocol/validation.ts';
import { generators, parsePlan, trialsOf, tried, type CheckCase } from '../../src/simulate/plan/index.ts';
import { planOf } from './plans.ts';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

describe('the README', () => {
  it('has every generator, with its spelling in flags and in plans, and its meaning', () => {
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

  it('shows a plan, and cases that hold for it', async () => {
    const blocks = [...readme.matchAll(/^```yaml\n(.*?)^```/gms)].map(([, block = '']) => block);
    const [plan = '', cases = ''] = ['fleet.yaml', 'cases.yaml'].map((name) =>
      blocks.find((block) => block.startsWith(`# ${name}`)),
    );
    const { content } = await parsePlan(cases, 'README.md');
    assert.deepEqual(documentProblems('script', content), []);
    const trials = trialsOf(
      planOf((await parsePlan(plan, 'README.md')).content),
      (content as { cases: CheckCase[] }).cases,
    );
    assert.ok(typeof trials !== 'string' && trials.length === 2);
    for (const trial of trials) {
      const { problems } = await tried(planOf((await parsePlan(plan, 'README.md')).content), trial);
      assert.deepEqual(problems, []);
    }
  });
});
