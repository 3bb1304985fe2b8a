import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { nouns, single, verbsOf } from '../src/cli/catalog.ts';
import { exitCodes } from '../src/cli/exitCodes.ts';
import { checkWords, commandsIn, shellBlocks } from './helpers/shellLines.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

/** The text below a heading, up to the next one of the same rank. */
function section(title: string): string {
  const [, ...rest] = readme.split(new RegExp(`^## ${title}\n`, 'm'));
  assert.ok(rest[0] !== undefined, `README has a section ${title}`);
  return rest[0].split(/^## /m)[0] ?? '';
}

/** The cells of a table's rows, without its head. */
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
  const table = rows(section('Exit codes')).flatMap(([codes = '', name = '']) =>
    codes.split(/, ?/).map((code) => [name, Number(code)] as const),
  );

  it('are those of the program', () => {
    const known = new Map<string, readonly number[]>([
      ...Object.entries(exitCodes).map(([kind, code]) => [kind, [code]] as const),
      ['ok', [0]],
      ['signal', [exitCodes.interrupted, 143]],
    ]);
    for (const [name, code] of table) assert.ok(known.get(name)?.includes(code), `${name} is ${code}`);
  });

  it('are told once each, in order', () => {
    const codes = table.map(([, code]) => code);
    assert.deepEqual(
      codes,
      [...new Set(codes)].sort((one, other) => one - other),
    );
  });

  it('are all that a request can end with', () => {
    assert.deepEqual(
      [0, 1, 2, 3, 4, 5, 6, 7, 130, 143].filter((code) => !table.some(([, listed]) => listed === code)),
      [],
    );
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

/** Every command line of ours in the README's shell blocks, as the words that a shell makes of it. */
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
  it('are all of ours that the contract names so far', () => {
    const named = new Set([...readme.matchAll(/\bDEVICEHIVE_[A-Z_]+/g)].map(([name]) => name));
    const wanted = [
      'URL',
      'TOKEN',
      'TOKEN_FILE',
      'REFRESH_TOKEN',
      'LOGIN',
      'PASSWORD_FILE',
      'CONTEXT',
      'CONFIG_DIR',
      'TIMEOUT',
      'OUTPUT',
      'NO_INPUT',
    ];
    assert.deepEqual(
      wanted.filter((name) => !named.has(`DEVICEHIVE_${name}`)),
      [],
    );
  });
});
