import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { documentProblems } from '../../src/protocol/validation.ts';
import { generators, parsePlan, trialsOf, tried, type CheckCase } from '../../src/simulate/plan/index.ts';
import { planOf } from './plans.ts';

const topics = new URL('../../src/cli/commands/help/topics/', import.meta.url);
const generatorTopic = readFileSync(new URL('generators.md', topics), 'utf8');
const simulationTopic = readFileSync(new URL('simulation.md', topics), 'utf8');

describe('the topics on simulation', () => {
  it('has every generator, with its spelling in flags and in plans, and its meaning', () => {
    const cells = generatorTopic.split('\n').map((line) => line.split('|').map((cell) => cell.trim()));
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
    const blocks = [...simulationTopic.matchAll(/^```yaml\n(.*?)^```/gms)].map(([, block = '']) => block);
    const [plan = '', cases = ''] = ['fleet.yaml', 'cases.yaml'].map((name) =>
      blocks.find((block) => block.startsWith(`# ${name}`)),
    );
    const { content } = await parsePlan(cases, 'simulation.md');
    assert.deepEqual(documentProblems('script', content), []);
    const trials = trialsOf(
      planOf((await parsePlan(plan, 'simulation.md')).content),
      (content as { cases: CheckCase[] }).cases,
    );
    assert.ok(typeof trials !== 'string' && trials.length === 2);
    for (const trial of trials) {
      const { problems } = await tried(planOf((await parsePlan(plan, 'simulation.md')).content), trial);
      assert.deepEqual(problems, []);
    }
  });
});
