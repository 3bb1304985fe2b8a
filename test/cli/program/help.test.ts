import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, describe, it } from 'node:test';
import { actionFor, nouns, single } from '../../../src/cli/flags/commandWords.ts';
import { verbsOf } from '../../../src/cli/commands/index.ts';
import { buildProgram } from '../../../src/cli/program/program.ts';
import { commandFlags } from '../../../src/cli/request/requestCommand.ts';
import { schemaOf, type ActionName } from '../../../src/protocol/schema.ts';
import { topics } from '../../../src/cli/commands/help/help.ts';
import { Home } from '../../helpers/cli.ts';
import { FakeIo } from '../fakeIo.ts';

const home = new Home();
after(() => home[Symbol.dispose]());

/** Returns help as the built program prints it: on stdout, with exit code 0 and nothing else. */
async function help(...words: string[]): Promise<string> {
  const { code, stdout, stderr } = await home.run(words);
  assert.equal(code, 0, stderr);
  assert.equal(stderr, '');
  assert.match(stdout, /^Usage: devicehive/);
  return stdout;
}

/** Returns help from the same code in this process, which is faster for all commands. */
async function helpHere(...words: string[]): Promise<string> {
  const io = new FakeIo();
  const argv = [...words, '--help'];
  await assert.rejects(buildProgram(argv, io).parseAsync(argv, { from: 'user' }), { exitCode: 0 });
  return io.stdout;
}

function line(text: string, start: string): string {
  const found = text.split('\n').find((candidate) => candidate.trim().startsWith(`${start} `));
  assert.ok(found !== undefined, `${start} is listed in\n${text}`);
  return found;
}

/** The words of all commands that send an action. */
const leaves = [
  ...Object.keys(nouns).flatMap((noun) => verbsOf(noun).map(({ verb }) => [noun, verb])),
  ...Object.keys(single).map((word) => [word]),
];

describe('help of the program', () => {
  it('comes with help, and the topics behind it', async () => {
    const text = await help('help');
    assert.ok(text.startsWith(await help('--help')));
    const list = text.slice(text.indexOf('\nTopics: devicehive help TOPIC\n'));
    for (const { name, summary } of topics)
      assert.ok(line(list, name === 'configuration' ? `topic ${name}` : name).endsWith(summary), name);
  });

  for (const words of [['--help'], ['-h']]) {
    it(`comes with ${words.join(' ')}`, async () => {
      const text = await help(...words);
      for (const [name, summary] of Object.entries({ ...nouns, ...single }))
        assert.ok(line(text, name).endsWith(summary));
      assert.match(text, /-V, --version/);
      assert.match(text, /^Examples:\n {2}\$ devicehive /m);
      assert.match(text, /^Exit codes: devicehive help exit-codes$/m);
    });
  }

  it('stays within 100 columns', async () => {
    const long = (await help('--help')).split('\n').filter((text) => text.length > 100);
    assert.deepEqual(long, []);
  });
});

describe('help of a noun', () => {
  it('comes from the built program', async () => {
    const text = await help('command', '--help');
    assert.ok(line(text, 'update').endsWith('Update a command on behalf of its device'));
    assert.equal(await help('help', 'command'), text);
    assert.equal(await help('command', '-h'), text);
  });

  for (const noun of Object.keys(nouns)) {
    it(`lists every verb with its title: ${noun}`, async () => {
      const text = await helpHere(noun);
      for (const { verb, action } of verbsOf(noun)) {
        const title = action === undefined ? /\S.*/ : schemaOf(action).title;
        assert.ok(title !== undefined);
        const said = line(text, verb).trim().slice(verb.length).trim();
        if (typeof title === 'string') assert.equal(said, title);
        else assert.match(said, title);
      }
    });
  }
});

describe('help of a command', () => {
  it('shows its flags, what is required, examples, and the way to the common options and to a topic', async () => {
    const text = await help('command', 'update', '--help');
    assert.match(line(text, '--device <text>'), /\(required\)/);
    assert.match(line(text, '--id <integer>'), /\(required\)/);
    assert.doesNotMatch(line(text, '--status <text>'), /required/);
    assert.match(line(text, '--result <json>'), /JSON, @file or -/);
    assert.match(text, /^Common options \(devicehive help common-options\): --url .* …$/m);
    assert.match(text, /^More: devicehive help /m);
    assert.match(text, /^Examples:\n {2}\$ devicehive command update --device d1 --id 42 --status done$/m);
  });

  it('is the same after help as with --help and -h', async () => {
    const text = await help('command', 'update', '--help');
    assert.equal(await help('help', 'command', 'update'), text);
    assert.equal(await help('command', 'update', '-h'), text);
    for (const early of ['-h command update', 'command --help update', '--embedded -h command update --id 3'])
      assert.equal(await help(...early.split(' ')), text);
  });

  it('comes even where values are missing or wrong', async () => {
    assert.equal(await help('command', 'update', '--id', 'x', '--help'), await help('command', 'update', '--help'));
  });

  it('shows a secret as a file in its examples', async () => {
    const text = await help('token', 'get', '--help');
    assert.match(text, /--password-file <file>/);
    assert.match(text, /\$ devicehive token get --login dhadmin --password-file password.txt/);
    assert.doesNotMatch(text, /dhadmin_#911/);
  });

  for (const words of leaves) {
    it(`is complete: ${words.join(' ')}`, async () => {
      const text = await helpHere(...words);
      assert.match(text, new RegExp(`^Usage: devicehive ${words.join(' ')} `));
      assert.match(text, /^ +-h, --help /m);
      const action = actionFor(words[0] ?? '', words[1]);
      if (action !== undefined) checkAction(text, action);
    });
  }
});

function checkAction(text: string, action: ActionName): void {
  const schema = schemaOf(action);
  assert.ok(text.includes(schema.title ?? '?'), 'the title');
  for (const flag of commandFlags(action)) {
    const at = text.indexOf(` --${flag.name} `);
    assert.ok(at > 0, `--${flag.name}`);
    const description = text.slice(at + 3).split(/\n +-/)[0] ?? '';
    assert.equal(/\(required[;)]/.test(description.replace(/\n +/g, ' ')), flag.required, `--${flag.name}: required`);
  }
  if (commandFlags(action).length > 0) assert.match(text, /^Examples:\n {2}\$ devicehive /m);
}

describe('help at 80 by 24', () => {
  it('begins with a use and own flags, and has examples and no shared flag but in one line', async () => {
    const text = await help('command', 'update', '--help');
    assert.ok(text.split('\n').length <= 30, text);
    assert.doesNotMatch(text, /^ +--url /m);
  });

  it('lists save before list, and delete last and in no example', async () => {
    const verbs = verbsOf('device').map(({ verb }) => verb);
    assert.deepEqual(verbs, ['save', 'list', 'get', 'count', 'delete']);
    for (const noun of Object.keys(nouns)) assert.doesNotMatch(await helpHere(noun), /\$ devicehive \S+ delete/, noun);
  });
});

describe('the version', () => {
  const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };

  for (const flag of ['--version', '-V']) {
    it(`is that of package.json with ${flag}`, async () => {
      const ended = await home.run([flag]);
      assert.deepEqual(ended, { code: 0, signal: null, stdout: `${version}\n`, stderr: '' });
    });
  }
});

describe('-h', () => {
  it('is help everywhere and never a host', async () => {
    for (const words of [
      ['server', 'start'],
      ['command', 'list'],
      ['server', 'status'],
    ]) {
      assert.equal(await help(...words, '-h', '127.0.0.1'), await help(...words, '--help'));
    }
  });
});
