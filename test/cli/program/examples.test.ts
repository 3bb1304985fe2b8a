import assert from 'node:assert/strict';
import { chdir } from 'node:process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { actionFor, nouns, single } from '../../../src/cli/flags/commandWords.ts';
import { verbsOf } from '../../../src/cli/commands/index.ts';
import { buildProgram, examplesOf } from '../../../src/cli/program/program.ts';
import { checkWords, commandsIn } from '../../helpers/shellLines.ts';
import { FakeIo } from '../fakeIo.ts';

const folder = mkdtempSync(join(tmpdir(), 'devicehive-test-'));

/** Files that examples name. */
before(() => {
  for (const name of ['password', 'refresh-token']) writeFileSync(join(folder, `${name}.txt`), 's3cret');
  chdir(folder);
});
after(() => {
  chdir(tmpdir());
  rmSync(folder, { recursive: true });
});

/** Returns the examples at the end of a help text, without the prompt. */
async function examplesIn(words: readonly string[]): Promise<string[]> {
  const io = new FakeIo();
  const argv = [...words, '--help'];
  await assert.rejects(buildProgram(argv, io).parseAsync(argv, { from: 'user' }), { exitCode: 0 });
  const [, examples = ''] = io.stdout.split(/^Examples:$/m);
  return [...examples.matchAll(/^ {2}\$ (.*)$/gm)].map(([, line = '']) => line);
}

function wordsIn(line: string): string[] {
  const [words = []] = commandsIn(line).filter(([program]) => program === 'devicehive');
  return words.slice(1);
}

const leaves = [
  ...Object.keys(nouns).flatMap((noun) => verbsOf(noun).map(({ verb }) => [noun, verb] as const)),
  ...Object.keys(single).map((word) => [word, undefined] as const),
];

describe('the examples in help', () => {
  for (const words of [[], ...Object.keys(nouns).map((noun) => [noun])]) {
    it(`are there and can be parsed: devicehive ${words.join(' ')}`, async () => {
      const examples = await examplesIn(words);
      assert.notDeepEqual(examples, []);
      for (const example of examples) checkWords(wordsIn(example));
    });
  }

  for (const [noun, verb] of leaves) {
    const words = [noun, verb].filter((word) => word !== undefined);

    it(`are there and can be parsed: devicehive ${words.join(' ')}`, async () => {
      const examples = await examplesIn(words);
      assert.notDeepEqual(examples, []);
      for (const example of examples) {
        checkWords(wordsIn(example));
        assert.deepEqual(wordsIn(example).slice(0, words.length), words, example);
      }
    });

    const action = actionFor(noun, verb);
    if (action === undefined) continue;
    it(`make valid requests: devicehive ${words.join(' ')}`, async () => {
      for (const example of examplesOf(noun, verb)) {
        const argv = [...wordsIn(example), '--dry-run', '--json'];
        const io = new FakeIo();
        await buildProgram(argv, io).parseAsync(argv, { from: 'user' });
        const [first = ''] = io.stdout.split('\n');
        assert.equal((JSON.parse(first) as Record<string, unknown>)['action'], action, example);
      }
    });

    it(`show no secret: devicehive ${words.join(' ')}`, () => {
      for (const example of examplesOf(noun, verb))
        assert.doesNotMatch(example, /--(password|token|refresh-token) |s3cret|dhadmin_#911/);
    });
  }
});
