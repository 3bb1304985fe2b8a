import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { Home } from '../../helpers/cli.ts';
import { keys, Terminal } from '../../helpers/terminal.ts';

const home = new Home();
after(() => home[Symbol.dispose]());

const get = ['command', 'get', '--device', 'd1', '--id', '42', '--embedded', '--quiet'];

const color = /\u001b\[(?:3[0-7]|9[0-7]|1|2|38;[\d;]+)m/;

async function shown(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Terminal> {
  const terminal = Terminal.start(home, args, { env });
  assert.equal(await terminal.ended(), 0, terminal.text);
  return terminal;
}

describe('a result on a terminal', () => {
  it('is readable, complete and coloured', async () => {
    using terminal = await shown(get);
    assert.match(terminal.raw, color);
    const lines = terminal.text.trimEnd().split('\n');
    assert.match(lines[0] ?? '', /^action +command\/get$/);
    assert.match(terminal.text, /^status +success$/m);
    for (const name of 'id command timestamp lastUpdated userId deviceId networkId deviceTypeId'.split(' ')) {
      assert.match(terminal.text, new RegExp(`^ +${name} +\\S`, 'm'));
    }
    assert.match(terminal.text, /^ +result +\S/m);
    assert.throws(() => JSON.parse(terminal.text) as unknown);
  });

  it('names the server that answered, outside of the result', async () => {
    using terminal = await shown(get.filter((word) => word !== '--quiet'));
    assert.match(terminal.text, /ws:\/\/127\.0\.0\.1:\d+\/dh\/websocket.*embedded/);
  });

  it('is one compact JSON object with --json', async () => {
    using terminal = await shown([...get, '--json']);
    const reply = JSON.parse(terminal.text) as { status: unknown };
    assert.equal(reply.status, 'success');
    assert.equal(terminal.text.trimEnd().split('\n').length, 1);
  });
});

describe('colour', () => {
  const plain: readonly (readonly [string, readonly string[], NodeJS.ProcessEnv])[] = [
    ['--no-color', ['--no-color'], {}],
    ['--color never', ['--color', 'never'], {}],
    ['NO_COLOR', [], { NO_COLOR: '1' }],
    ['FORCE_COLOR=0', [], { FORCE_COLOR: '0' }],
    ['TERM=dumb', [], { TERM: 'dumb' }],
    ['--no-color over FORCE_COLOR', ['--no-color'], { FORCE_COLOR: '1' }],
  ];

  for (const [what, flags, env] of plain) {
    it(`is off on a terminal with ${what}`, async () => {
      using terminal = await shown([...get, ...flags], env);
      assert.doesNotMatch(terminal.raw, color);
      assert.match(terminal.text, /^status +success$/m);
    });
  }

  it('is on with --color always, whatever NO_COLOR says', async () => {
    using terminal = await shown([...get, '--color', 'always'], { NO_COLOR: '1' });
    assert.match(terminal.raw, color);
  });

  it('is off in a pipe, even where the format is text', async () => {
    const { stdout } = await home.run([...get, '--output', 'text']);
    assert.match(stdout, /^status +success$/m);
    assert.doesNotMatch(stdout, color);
  });

  it('is on in a pipe with FORCE_COLOR', async () => {
    const { stdout } = await home.run([...get, '--output', 'text'], { env: { FORCE_COLOR: '1' } });
    assert.match(stdout, color);
  });

  it('never gets into JSON', async () => {
    const { stdout } = await home.run(get, { env: { FORCE_COLOR: '1' } });
    assert.doesNotMatch(stdout, color);
  });

  for (const [what, flags, env] of plain.filter(([what]) => !what.includes('FORCE_COLOR'))) {
    it(`is off in prompts with ${what}`, async () => {
      using terminal = Terminal.start(home, ['command', 'get', '--id', '42', '--embedded', ...flags], { env });
      await terminal.waitFor(/\(--device\)/);
      terminal.type('d1', keys.enter);
      assert.equal(await terminal.ended(), 0, terminal.text);
      assert.doesNotMatch(terminal.raw, color);
    });
  }
});
