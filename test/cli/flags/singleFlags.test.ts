import assert from 'node:assert/strict';
import type { Command } from 'commander';
import { describe, it } from 'node:test';
import { nouns, single } from '../../../src/cli/flags/commandWords.ts';
import { verbsOf } from '../../../src/cli/commands/index.ts';
import { buildProgram } from '../../../src/cli/program/program.ts';
import { Failure } from '../../../src/errors.ts';
import { FakeIo } from '../fakeIo.ts';

const every = [
  ...Object.keys(nouns).flatMap((noun) => verbsOf(noun).map(({ verb }) => [noun, verb])),
  ...Object.keys(single).map((word) => [word]),
];

/** The flags that may be given several times; all others take one value. */
const collecting = new Set([
  ...['--name', '--network', '--device-type', '--networks', '--device-types', '--action', '--actions'],
  ...['--notify', '--on', '--report', '--allow-host', '--allow-origin', '--header'],
]);

/** A watch has a subscription for each device. */
const watches = /^(command|notification) (watch|subscribe)$/;

function leafOf(words: readonly string[]): Command {
  const [first] = buildProgram(words, new FakeIo()).commands;
  return words.length === 1 ? (first as Command) : (first?.commands[0] as Command);
}

describe('a flag that takes one value', () => {
  for (const words of every)
    it(`is refused when it is given twice: ${words.join(' ')}`, async () => {
      for (const { long, required, argChoices = ['1'], variadic } of leafOf(words).options) {
        if (!required || variadic || long === undefined || collecting.has(long)) continue;
        if (long === '--device' && watches.test(words.join(' '))) continue;
        const value = argChoices[0] ?? '';
        const argv = [...words, long, value, `${long}=${value}`];
        const refusal = (error: unknown) => error instanceof Failure && error.message.endsWith('is given twice');
        await assert.rejects(
          async () => buildProgram(argv, new FakeIo()).parseAsync(argv, { from: 'user' }),
          refusal,
          long,
        );
      }
    });
});
