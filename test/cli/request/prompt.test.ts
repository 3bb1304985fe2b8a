import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { Home } from '../../helpers/cli.ts';
import { fakeServer, silent } from '../../helpers/fakeServer.ts';
import { keys, Terminal } from '../../helpers/terminal.ts';

const home = new Home();
after(() => home[Symbol.dispose]());

const update = ['command', 'update', '--embedded'];

describe('prompts', () => {
  it('ask for missing values in the order of the schema, then send', async () => {
    using terminal = Terminal.start(home, update);
    await terminal.waitFor(/Device that the command was inserted for \(--device\)/);
    terminal.type('d1', keys.enter);
    await terminal.waitFor(/\(--id\)/);
    terminal.type('42', keys.enter);
    await terminal.waitFor(/\(--status\)/);
    terminal.type('done', keys.enter);
    assert.equal(await terminal.ended(), 0, terminal.text);
    assert.match(terminal.text, /^status +success$/m);
  });

  it('skip given values', async () => {
    using terminal = Terminal.start(home, [...update, '--id', '42', '--result', '{"ok":true}']);
    await terminal.waitFor(/\(--device\)/);
    terminal.type('d1', keys.enter);
    assert.equal(await terminal.ended(), 0, terminal.text);
    assert.doesNotMatch(terminal.text, /\(--id\)|\(--status\)|\(--result\)/);
  });

  it('complain about a wrong integer and ask again', async () => {
    using terminal = Terminal.start(home, [...update, '--device', 'd1', '--status', 'done']);
    await terminal.waitFor(/\(--id\)/);
    terminal.type('forty', keys.enter);
    await terminal.waitFor(/must be an integer, not 'forty'/);
    terminal.type(keys.backspace.repeat('forty'.length), '42', keys.enter);
    assert.equal(await terminal.ended(), 0, terminal.text);
    assert.match(terminal.text, /^status +success$/m);
  });

  it('complain about a number out of range and ask again', async () => {
    using terminal = Terminal.start(home, [...update, '--device', 'd1', '--status', 'done']);
    await terminal.waitFor(/\(--id\)/);
    terminal.type('0', keys.enter);
    await terminal.waitFor(/must be >= 1/);
    terminal.type(keys.backspace, '42', keys.enter);
    assert.equal(await terminal.ended(), 0, terminal.text);
  });

  it('do not take an empty device', async () => {
    await using server = await fakeServer({ 'device/list': () => ({ devices: [] }) });
    const words = ['command', 'update', '--url', server.url, '--token', 'x', '--id', '42', '--status', 'done'];
    using terminal = Terminal.start(home, words);
    await terminal.waitFor(/\(--device\)/);
    terminal.type(keys.enter);
    await terminal.waitFor(/must not be empty/);
    terminal.type('d1', keys.enter);
    assert.equal(await terminal.ended(), 0, terminal.text);
  });

  it('never show a password', async () => {
    using terminal = Terminal.start(home, ['token', 'get', '--login', 'dhadmin', '--embedded', '--verbose']);
    await terminal.waitFor(/\(--password\)/);
    terminal.type('dhadmin_#911', keys.enter);
    assert.equal(await terminal.ended(), 0, terminal.text);
    assert.match(terminal.text, /^accessToken +eyJ/m);
    assert.ok(!terminal.raw.includes('dhadmin_#911'), terminal.text);
    assert.ok(!terminal.raw.includes('_#'), terminal.text);
  });
});

describe('Ctrl-C at a prompt', () => {
  it('ends with 130, sends nothing and restores the terminal', async () => {
    await using server = await fakeServer({ 'device/list': silent });
    const args = ['command', 'update', '--url', server.url, '--token', 'x'];
    using terminal = Terminal.script(home, '"$@"; echo "code $?"; stty -a; read -r end', args);
    await terminal.waitFor(/\(--device\)/);
    await server.received('device/list');
    terminal.type('d', keys.ctrlC);
    await terminal.waitFor(/stopped at a prompt; nothing was sent/);
    await terminal.waitFor(/code 130/);
    await terminal.waitFor(/ icanon/);
    await terminal.waitFor(/ echo /);
    terminal.type(keys.enter);
    await terminal.ended();
    assert.ok(terminal.raw.lastIndexOf('\u001b[?25h') >= terminal.raw.lastIndexOf('\u001b[?25l'), 'the cursor shows');
    assert.deepEqual(server.sent('command/update'), []);
  });

  it('ends with 130 at a hidden one too', async () => {
    using terminal = Terminal.script(home, '"$@"; echo "code $?"; stty -a; read -r end', [
      'token',
      'get',
      '--login',
      'x',
      '--embedded',
    ]);
    await terminal.waitFor(/\(--password\)/);
    terminal.type('secret', keys.ctrlC);
    await terminal.waitFor(/code 130/);
    await terminal.waitFor(/ echo /);
    terminal.type(keys.enter);
    await terminal.ended();
    assert.ok(!terminal.raw.includes('secret'), terminal.text);
  });
});

describe('missing values without prompts', () => {
  const cases: readonly {
    readonly why: string;
    readonly flags?: readonly string[];
    readonly env?: NodeJS.ProcessEnv;
  }[] = [
    { why: '--no-input', flags: ['--no-input'] },
    { why: 'CI=1', env: { CI: '1' } },
    { why: 'CI=true', env: { CI: 'true' } },
    { why: 'DEVICEHIVE_NO_INPUT=1', env: { DEVICEHIVE_NO_INPUT: '1' } },
  ];

  for (const { why, flags = [], env = {} } of cases) {
    it(`end with 2 and the names of the flags: ${why}`, async () => {
      using terminal = Terminal.start(home, [...update, ...flags], { env });
      assert.equal(await terminal.ended(), 2, terminal.text);
      for (const flag of ['--device is required', '--id is required', 'one of --status, --result is required']) {
        assert.ok(terminal.text.includes(flag), terminal.text);
      }
    });
  }

  for (const redirection of ['</dev/null', '2>errors.txt']) {
    it(`end with 2 where a person could not answer: ${redirection}`, async () => {
      using terminal = Terminal.script(home, `"$@" ${redirection}`, update);
      assert.equal(await terminal.ended(), 2, terminal.text);
      assert.doesNotMatch(terminal.text, /\? /);
    });
  }

  it('are asked for when only the result goes elsewhere', async () => {
    using terminal = Terminal.script(home, '"$@" >result.json && cat result.json', [
      ...update,
      '--id',
      '42',
      '--status',
      'x',
    ]);
    await terminal.waitFor(/\(--device\)/);
    terminal.type('d1', keys.enter);
    await terminal.waitFor(/^\{"action":"command\/update","requestId":\d+,"status":"success"\}$/m);
    assert.equal(await terminal.ended(), 0, terminal.text);
  });
});
