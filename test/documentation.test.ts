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

const files = [
  'README.md',
  ...readdirSync(new URL('../src/cli/commands/help/topics', import.meta.url))
    .filter((file) => file.endsWith('.md'))
    .map((file) => `src/cli/commands/help/topics/${file}`),
];
const documents = files.map((file) => ({ file, text: readFileSync(new URL(`../${file}`, import.meta.url), 'utf8') }));
const everything = documents.map(({ text }) => text).join('\n');

/** Returns the text of a topic of help. */
function topic(name: string): string {
  return documents.find(({ file }) => file.endsWith(`/${name}.md`))?.text ?? assert.fail(`there is no topic ${name}`);
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

describe('the exit codes in their topic', () => {
  const table = rows(topic('exit-codes')).flatMap(([codes = '', name = '', when = '']) =>
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

describe('the commands in their topic', () => {
  const table = rows(topic('concepts')).map(([noun = '', verbs = '']) => ({
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

/** Returns every command line of ours in the shell blocks of README and topics, split into words as a shell does. */
function commandLines(): string[][] {
  return shellBlocks(everything)
    .flatMap((block) => block.split('\n'))
    .flatMap(commandsIn)
    .filter((words) => words[0] === 'devicehive')
    .map((words) => words.slice(1));
}

describe('every command line in README and topics', () => {
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

describe('the README', () => {
  const text = documents[0]?.text ?? '';

  it('is a first page: at most 300 lines and 2,500 words', () => {
    assert.ok(text.split('\n').length <= 300);
    assert.ok(text.split(/\s+/).length <= 2500);
  });

  it('names every topic in full or in the list of help', () => {
    const linked = new Set([...text.matchAll(/topics\/([a-z-]+)\.md/g)].map(([, name = '']) => name));
    const missing = documents
      .slice(1)
      .map(({ file }) => file.replace(/.*\/|\.md$/g, ''))
      .filter((name) => !linked.has(name));
    assert.deepEqual(missing, ['common-options']);
  });
});

describe('links in README and topics', () => {
  for (const { file, text } of documents) {
    it(`lead to files and headings: ${file}`, () => {
      for (const [, target = '', anchor] of text.matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)/g)) {
        const path = new URL(target === '' ? `../${file}` : target, new URL(`../${file}`, import.meta.url));
        assert.ok(existsSync(path), target);
        if (anchor !== undefined) assert.ok(anchorsOf(readFileSync(path, 'utf8')).includes(anchor), anchor);
      }
    });
  }
});

function anchorsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
}

describe('the environment variables in their topic', () => {
  const known = variables.map(({ name }) => name);

  it('are those that the program reads', () => {
    const named = rows(topic('configuration')).flatMap(([names = '']) => quoted(names));
    assert.deepEqual(named.sort(), known.filter((name) => !name.startsWith('XDG_')).sort());
  });

  it('are all that the sources name, besides those that programs of ours are given', () => {
    const given = [
      ...['DEVICEHIVE_DEVICE', 'DEVICEHIVE_COMMAND', 'DEVICEHIVE_COMMAND_ID'],
      ...['DEVICEHIVE_NOTIFICATION', 'DEVICEHIVE_NOTIFICATION_ID'],
    ];
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
    for (const name of given) assert.ok(everything.includes(`\`${name}\``), name);
  });
});
