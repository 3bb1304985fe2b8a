import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { RunningServer } from '../../../src/server/index.ts';
import { embeddedServer } from '../../helpers/embeddedServer.ts';
import { Home } from '../../helpers/cli.ts';
import { Terminal } from '../../helpers/terminal.ts';

const home = new Home();
let server: RunningServer;
before(async () => {
  server = await embeddedServer();
});
after(async () => {
  home[Symbol.dispose]();
  await server.close();
});

/** Seven- and eight-bit control sequences, a title, a bell, and a mark that reverses the line. */
const hostile = '\u001b[31mred\u009b2J\u001b]0;title\u0007\u202e';
const escaped = '\\u001b[31mred\\u009b2J\\u001b]0;title\\u0007\\u202e';

function env(): NodeJS.ProcessEnv {
  return { DEVICEHIVE_URL: server.url, DEVICEHIVE_TOKEN: server.accessToken };
}

/** True if no control characters of the text reached the terminal, except line ends. */
function isHarmless(raw: string): boolean {
  return !raw.includes('\u001b[31mred') && !/[\u009b\u202e\u0007]/.test(raw) && !raw.includes('\u001b]');
}

describe('text of a server with control characters', () => {
  before(async () => {
    const args = [
      'command',
      'insert',
      '--device',
      'd1',
      '--command',
      hostile,
      '--parameters',
      JSON.stringify({ [hostile]: 1 }),
    ];
    const ended = await home.run(args, { env: env() });
    assert.equal(ended.code, 0, ended.stderr);
  });

  const list = [
    'command',
    'list',
    '--device',
    'd1',
    '--sort-field',
    'timestamp',
    '--sort-order',
    'DESC',
    '--take',
    '1',
  ];
  const ways: readonly (readonly string[])[] = [
    [],
    ['--json'],
    ['--output', 'ndjson'],
    ['--output', 'yaml'],
    ['--query', 'commands[0].command'],
    ['--envelope', '--json'],
    ['--verbose'],
  ];

  for (const flags of ways) {
    it(`is escaped on a terminal: ${['command list', ...flags].join(' ')}`, async () => {
      using terminal = Terminal.start(home, [...list, ...flags], { env: env() });
      assert.equal(await terminal.ended(), 0, terminal.text);
      assert.ok(terminal.text.includes('u001b[31mred') || /\\(e|x1b)\[31mred/.test(terminal.text), terminal.text);
      assert.ok(isHarmless(terminal.raw), JSON.stringify(terminal.raw));
    });
  }

  it('is shown with its code points', async () => {
    using terminal = Terminal.start(home, [...list, '--query', 'commands[0].command', '--quiet'], { env: env() });
    assert.equal(await terminal.ended(), 0, terminal.text);
    assert.equal(terminal.text.trim(), escaped);
  });

  it('comes as it is in a pipe', async () => {
    const { code, stdout } = await home.run([...list, '--query', 'commands[0].command'], { env: env() });
    assert.equal(code, 0);
    assert.equal(stdout, `${hostile}\n`);
  });

  it('is escaped in an error message', async () => {
    using terminal = Terminal.start(home, ['device', 'get', '--device', hostile], { env: env() });
    assert.equal(await terminal.ended(), 6, terminal.text);
    assert.ok(isHarmless(terminal.raw), JSON.stringify(terminal.raw));
  });
});
