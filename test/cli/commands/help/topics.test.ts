import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { after, describe, it } from 'node:test';
import { topics } from '../../../../src/cli/commands/help/help.ts';
import { rendered } from '../../../../src/cli/commands/help/rendering.ts';
import { commonFlagNames } from '../../../../src/cli/flags/commonFlags.ts';
import { Home } from '../../../helpers/cli.ts';
import { Terminal } from '../../../helpers/terminal.ts';
import { FakeIo } from '../../fakeIo.ts';

const home = new Home();
after(() => home[Symbol.dispose]());

const folder = new URL('../../../../src/cli/commands/help/topics/', import.meta.url);

describe('a topic of help', () => {
  it('is printed as Markdown in a pipe', async () => {
    const { code, stdout } = await home.run(['help', 'exit-codes']);
    assert.equal(code, 0);
    assert.equal(stdout, readFileSync(new URL('exit-codes.md', folder), 'utf8'));
  });

  it('fits a terminal of 80 columns, without marks of Markdown', async () => {
    using terminal = Terminal.start(home, ['help', 'ci']);
    assert.equal(await terminal.ended(), 0);
    assert.match(terminal.text, /^A server around any command$/m);
    assert.doesNotMatch(terminal.text, /^#|```|\]\(/m);
  });

  it('that has the name of a noun is asked for by one word more, which the help of the noun says', async () => {
    const noun = await home.run(['help', 'configuration']);
    assert.match(noun.stdout, /^Usage: devicehive configuration[^]*devicehive help topic configuration$/m);
    const { code, stdout } = await home.run(['help', 'topic', 'configuration']);
    assert.equal(code, 0);
    assert.equal(stdout, readFileSync(new URL('configuration.md', folder), 'utf8'));
  });

  it('that is none ends with 2, and is told the nearest', async () => {
    const { code, stderr } = await home.run(['help', 'simulatoin']);
    assert.equal(code, 2);
    assert.match(stderr, /unknown command or topic 'simulatoin' \(Did you mean simulation\?\)\nHelp: devicehive help/);
  });

  for (const { name, text } of topics) {
    it(`${name} is wrapped at words but for code, in 40 columns and in 80`, async () => {
      for (const columns of [40, 80]) {
        const lines = (await rendered(text, columns, new FakeIo())).split('\n');
        const words = new Set(text.split(/[\s()[\]]+/));
        const wide = lines.filter((line) => line.length > columns && !line.startsWith('    '));
        // A command to copy, or a word that is longer than the line
        const cut = wide.filter(
          (line) => !/devicehive|DEVICEHIVE|npm |`|[^ ]{25}/.test(line) && ![...words].includes(line.trim()),
        );
        assert.deepEqual(cut, []);
      }
    });

    it(`${name} has links that lead to files and topics`, () => {
      for (const [, file = ''] of text.matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g))
        assert.ok(existsSync(new URL(file, folder)), file);
      for (const [, other = ''] of text.matchAll(/`devicehive help (?:topic )?([a-z-]+)`/g))
        assert.ok(
          topics.some((topic) => topic.name === other),
          other,
        );
    });
  }

  it('common-options names every shared flag', () => {
    const { text = '' } = topics.find(({ name }) => name === 'common-options') ?? {};
    const missing = commonFlagNames().filter(
      (name) => !new RegExp(`--(no-)?${name}[ \`]`).test(text) && name.length > 1,
    );
    assert.deepEqual(missing, []);
  });
});
