import assert from 'node:assert/strict';
import type { Command } from 'commander';
import { buildProgram } from '../../src/cli/program/program.ts';
import { FakeIo } from '../cli/fakeIo.ts';

/** Returns the code blocks of a Markdown text that are marked as shell. */
export function shellBlocks(markdown: string): string[] {
  return [...markdown.matchAll(/^```sh\n(.*?)^```/gms)].map(([, block = '']) => block);
}

/** Returns the simple commands of a shell line, those in substitutions first; without quotes and redirections. */
export function commandsIn(line: string): string[][] {
  const inner = [...line.matchAll(/\$\((devicehive [^()]*)\)/g)].flatMap(([, text = '']) => commandsIn(text));
  const outer = line.replace(/\$\([^()]*\)/g, 'substituted');
  const commands: string[][] = [[]];
  for (const [token] of outer.matchAll(/'[^']*'|#.*|&&|\|\||[|;&]|(?:[^\s'"|;&]|"[^"]*")+/g)) {
    if (token.startsWith('#')) break;
    if (/^(&&|[|;&]+)$/.test(token)) commands.push([]);
    else commands.at(-1)?.push(token.replace(/^'(.*)'$/, '$1').replace(/^"(.*)"$/, '$1'));
  }
  return [...inner, ...commands.map(withoutRest)];
}

/** Drops words before `devicehive`, and redirections. */
function withoutRest(words: readonly string[]): string[] {
  const start = words.indexOf('devicehive');
  const end = words.findIndex((word) => /^\d?[<>]/.test(word));
  return start === -1 ? [] : words.slice(start, end === -1 ? undefined : end);
}

/** Returns the command that these words call, found as the program finds it. */
function leafOf(argv: readonly string[]): { readonly leaf: Command; readonly rest: readonly string[] } {
  let leaf = buildProgram(argv, new FakeIo());
  let rest = argv;
  for (;;) {
    const next = leaf.commands.find((command) => command.name() === rest[0]);
    if (next === undefined) return { leaf, rest };
    leaf = next;
    rest = rest.slice(1);
  }
}

/** Checks that the words after `devicehive` call a command with arguments and flags that exist. */
export function checkWords(argv: readonly string[]): void {
  const { leaf, rest } = leafOf(argv);
  assert.equal(leaf.commands.length, 0, 'a whole command');
  const { operands, unknown } = leaf.exitOverride().parseOptions([...rest]);
  assert.deepEqual(unknown, []);
  const wanted = leaf.registeredArguments;
  const least = wanted.filter(({ required }) => required).length;
  const told = `operands ${operands.join(' ')}`;
  assert.ok(operands.length >= least, told);
  assert.ok(wanted.at(-1)?.variadic === true || operands.length <= wanted.length, told);
}
