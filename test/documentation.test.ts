import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { nouns, single } from '../src/cli/flags/commandWords.ts';
import { allWords, verbsOf } from '../src/cli/commands/index.ts';
import { variables } from '../src/cli/commands/commands/environment.ts';
import { exits } from '../src/cli/commands/commands/exits.ts';
import { exitCodes } from '../src/cli/printing/exitCodes.ts';
import { reference } from '../src/build/reference.ts';
import { actionNames } from '../src/protocol/schema.ts';
import { checkWords, commandsIn, shellBlocks } from './helpers/shellLines.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

/** Returns the text below a heading, up to the next one of the same rank. */
function section(title: string): string {
  const [, ...rest] = readme.split(new RegExp(`^## ${title}\n`, 'm'));
  assert.ok(rest[0] !== undefined, `README has a section ${title}`);
  return rest[0].split(/^## /m)[0] ?? '';
}

/** Returns the cells of a table's rows, without its head. */
function rows(text: string): string[][] {
  const lines = text.split('\n').filter((line) => line.startsWith('|'));
  return lines.slice(2).map((line) =>
    line
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

function quoted(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, word = '']) => word);
}

describe('the exit codes in the README', () => {
  const table = rows(section('Exit codes')).flatMap(([codes = '', name = '', when = '']) =>
    codes.split(/, ?/).map((code) => ({ code: Number(code), name, when })),
  );

  it('are those of the program, in its words', () => {
    assert.deepEqual(table, exits);
  });

  it('are those that failures end with', () => {
    const names = new Map(table.map(({ code, name }) => [code, name]));
    for (const [kind, code] of Object.entries(exitCodes))
      assert.equal(names.get(code), kind === 'interrupted' ? 'signal' : kind);
  });
});

describe('the commands in the README', () => {
  const table = rows(section('Commands')).map(([noun = '', verbs = '']) => ({
    nouns: quoted(noun).map((words) => words.split(' ')[0] ?? ''),
    verbs: quoted(verbs),
    cell: verbs,
  }));

  it('are all nouns and all commands without a verb', () => {
    assert.deepEqual(table.flatMap((row) => row.nouns).sort(), [...Object.keys(nouns), ...Object.keys(single)].sort());
  });

  for (const row of table) {
    for (const noun of row.nouns.filter((name) => Object.hasOwn(nouns, name))) {
      it(`have exactly the verbs of ${noun}`, () => {
        assert.deepEqual(
          [...row.verbs].sort(),
          verbsOf(noun)
            .map(({ verb }) => verb)
            .sort(),
        );
        assert.doesNotMatch(row.cell, /…/, 'the row is complete');
      });
    }
  }
});

/** Returns every command line of ours in the README's shell blocks, split into words as a shell does. */
function commandLines(): string[][] {
  return shellBlocks(readme)
    .flatMap((block) => block.split('\n'))
    .flatMap(commandsIn)
    .filter((words) => words[0] === 'devicehive')
    .map((words) => words.slice(1));
}

describe('every command line in the README', () => {
  const lines = commandLines();

  it('is found by this test', () => {
    assert.ok(lines.length >= 20, `${lines.length} lines`);
    const words = new Set(lines.map(([noun]) => noun));
    for (const word of ['command', 'server', 'device', 'notification', 'token', 'request'])
      assert.ok(words.has(word), word);
  });

  for (const argv of lines) {
    it(`can be parsed: devicehive ${argv.join(' ')}`, () => {
      checkWords(argv);
    });
  }
});

describe('the reference', () => {
  it('is what npm run generate makes of the commands and schemas', async () => {
    const file = readFileSync(new URL('../REFERENCE.md', import.meta.url), 'utf8');
    assert.ok(file === (await reference()), 'REFERENCE.md is out of date: run npm run generate');
  });

  it('has a part for every command and every action', () => {
    const file = readFileSync(new URL('../REFERENCE.md', import.meta.url), 'utf8');
    for (const words of allWords()) {
      const title = ['### devicehive', ...words.filter((word) => word !== undefined)].join(' ');
      assert.ok(file.includes(`\n${title}\n`), title);
    }
    for (const action of actionNames())
      assert.ok(file.includes(`Action \`${action}\``) || file.includes(`### ${action}\n`), action);
  });
});

describe('the files in the README', () => {
  for (const [, file = ''] of readme.matchAll(/\]\((?!https?:|#)([^)]+)\)/g)) {
    it(`exist: ${file}`, () => {
      assert.ok(existsSync(new URL(`../${file}`, import.meta.url)));
    });
  }

  it('are reached by links within it that lead to headings', () => {
    const anchors = [...readme.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
      title
        .toLowerCase()
        .replace(/[^\w\- ]/g, '')
        .replaceAll(' ', '-'),
    );
    for (const [, anchor = ''] of readme.matchAll(/\]\(#([^)]+)\)/g)) assert.ok(anchors.includes(anchor), anchor);
  });
});

describe('the environment variables in the README', () => {
  const known = variables.map(({ name }) => name);

  it('are those that the program reads', () => {
    const [table = ''] = section('Configuration').split('`devicehive.config.json`, in');
    const named = rows(table).flatMap(([names = '']) => quoted(names));
    assert.deepEqual(named.sort(), known.filter((name) => !name.startsWith('XDG_')).sort());
  });

  it('are all that the sources name, besides those that programs of ours are given', () => {
    const given = ['DEVICEHIVE_DEVICE', 'DEVICEHIVE_COMMAND', 'DEVICEHIVE_COMMAND_ID'];
    const build = ['DEVICEHIVE_VERSION'];
    const betweenProcesses = ['DEVICEHIVE_WORKER'];
    const sources = readdirSync(new URL('../src', import.meta.url), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => readFileSync(new URL(`../src/${file}`, import.meta.url), 'utf8'));
    const named = sources.flatMap((text) => [...text.matchAll(/\bDEVICEHIVE_[A-Z_]*[A-Z]\b/g)].map(([name]) => name));
    assert.deepEqual(
      [...new Set(named)].filter((name) => ![...known, ...given, ...build, ...betweenProcesses].includes(name)),
      [],
    );
    for (const name of given) assert.ok(readme.includes(`\`${name}\``), name);
  });
});
