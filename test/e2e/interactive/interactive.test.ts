import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import type { RunningServer } from '../../../src/server/index.ts';
import { embeddedServer } from '../../helpers/embeddedServer.ts';
import { fakeServer, refusing, silent } from '../../helpers/fakeServer.ts';
import { bin, Home } from '../../helpers/cli.ts';
import { keys, Terminal } from '../../helpers/terminal.ts';

const home = new Home();
let server: RunningServer;
before(async () => {
  server = await embeddedServer();
});
after(async () => {
  await server.close();
  home[Symbol.dispose]();
});

const menu = /What do you want to do\?/;

function env(): NodeJS.ProcessEnv {
  return { DEVICEHIVE_URL: server.url, DEVICEHIVE_TOKEN: server.accessToken };
}

/** Starts interactive mode with the server of this file. */
async function started(args: readonly string[] = []): Promise<Terminal> {
  const terminal = Terminal.start(home, args, { env: env() });
  await terminal.waitFor(menu);
  return terminal;
}

/** Types each line once the text before it is on the screen. */
async function typed(terminal: Terminal, ...steps: readonly (RegExp | string)[]): Promise<void> {
  for (const step of steps) {
    if (typeof step === 'string') terminal.type(step);
    else await terminal.waitFor(step);
  }
}

describe('interactive mode', () => {
  it('leads from a search to the frame, the reply and the command line that does the same', async () => {
    using terminal = await started();
    await typed(
      terminal,
      'comm',
      'and ',
      'upd',
      keys.enter,
      /\(--device\)/,
      'd1',
      keys.enter,
      /\(--id\)/,
      '42',
      keys.enter,
    );
    await typed(terminal, /\(--status\)/, 'all done', keys.enter, /Optional fields/, keys.enter);
    await terminal.waitFor(
      /frame: \{"action":"command\/update","deviceId":"d1","commandId":42,"command":\{"status":"all done"\}\}/,
    );
    await typed(terminal, /Send it\?/, keys.enter);
    await typed(
      terminal,
      /^status +success$/m,
      /same as: devicehive command update --device d1 --id 42 --status 'all done'\n/,
    );
    await typed(terminal, /What next\?/, 'Quit', keys.enter);
    assert.equal(await terminal.ended(), 0, terminal.text);
    const line =
      /same as: (.*)\n/.exec(terminal.text)?.[1]?.replace('devicehive', `'${process.execPath}' '${bin}'`) ?? '';
    const { stdout } = await promisify(execFile)('/bin/sh', ['-c', line], { env: home.env(env()) });
    assert.match(stdout, /"status":"success"/);
  });

  it('accepts text pasted in one piece, across several prompts too', async () => {
    using terminal = await started();
    terminal.type('command insert\rd1\rreboot now\r\r\r\r');
    await terminal.waitFor(/same as: devicehive command insert --device d1 --command 'reboot now'\n/);
    terminal.type(keys.ctrlC);
    assert.equal(await terminal.ended(), 130, terminal.text);
  });

  it('repeats, with the values of before or others', async () => {
    using terminal = await started();
    await typed(terminal, 'device get\r', /\(--device\)/, 'd1\r', /Send it\?/, '\r', /success/, /What next\?/);
    await typed(terminal, 'Repeat', keys.enter, /Send it\?/, 'y\r', /success/, /What next\?/);
    await typed(terminal, 'Change', keys.enter, /\(--device\) \(d1\)/, 'nobody\r', /Send it\?/, '\r');
    await typed(terminal, /answered (403|404)/, /same as: devicehive device get --device nobody/, /What next\?/);
    await typed(terminal, 'Quit', keys.enter);
    assert.equal(await terminal.ended(), 0, terminal.text);
  });

  it('shows choices by their labels, asks hidden for secrets, and lets none of them stand anywhere', async () => {
    using terminal = await started();
    await typed(
      terminal,
      'user insert\r',
      /\(--login\)/,
      'gardener\r',
      /\(--password\)/,
      's3cret-word\r',
      /\(--role\)/,
    );
    await typed(terminal, /administrator \(0\)/, /client \(1\)/, keys.down, keys.enter, /Optional fields/);
    await typed(terminal, ' ', keys.enter, /\(--status\)/, /locked out \(1\)/, keys.enter);
    await typed(terminal, /frame: .*"password":"\*\*\*","role":1,"status":0/, /Send it\?/, '\r', /success/);
    await terminal.waitFor(
      /same as: devicehive user insert --login gardener --password-file FILE --role 1 --status 0\n/,
    );
    assert.ok(!terminal.raw.includes('s3cret'), terminal.text);
  });

  it('checks JSON while it is typed', async () => {
    using terminal = await started();
    await typed(
      terminal,
      'notification insert\r',
      /\(--device\)/,
      'd1\r',
      /\(--notification\)/,
      'on\r',
      /Optional fields/,
    );
    await typed(terminal, ' \r', /\(--parameters\)/, '[1', /must be JSON/, ']', /must be a JSON object/);
    terminal.type(keys.backspace.repeat(3), '{"a":1}');
    await terminal.waitFor(/\{"a":1\}/);
    assert.doesNotMatch(await terminal.screen(), /must be/);
    await typed(terminal, keys.enter, /same as|Send it\?/, '\r', /success/);
  });

  it('goes on after a refusal, which it reports as the command does', async () => {
    using terminal = await started();
    await typed(terminal, 'network delete\r', /\(--id\)/, '4711\r', /Optional/, '\r', /Send it\?/, 'y\r');
    await typed(
      terminal,
      /devicehive network delete: .* answered 404/,
      /Check the ids/,
      /What next\?/,
      'Another\r',
      menu,
    );
  });

  it('sends nothing on an answer that is neither yes nor no', async () => {
    using terminal = await started();
    await typed(
      terminal,
      'device get\r',
      /\(--device\)/,
      'd1\r',
      /Send it\? \(Y\/n\)/,
      '{"late": 1}\r',
      /Answer y or n/,
    );
    await typed(terminal, '\u0015', 'NO\r', /Send it\? No\n/, /same as: devicehive device get/, /What next\?/);
    terminal.type(keys.ctrlC);
    assert.equal(await terminal.ended(), 130, terminal.text);
    assert.doesNotMatch(terminal.text, /success/);
  });

  it('declines, goes back and leaves', async () => {
    using terminal = await started();
    await typed(terminal, 'device get\r', /\(--device\)/, keys.escape, menu, 'device get\r', /\(--device\)/, 'd1\r');
    await typed(terminal, /Send it\?/, 'n\r', /same as: devicehive device get --device d1\n/, /What next\?/);
    await typed(terminal, 'Another\r', menu, 'quit\r');
    assert.equal(await terminal.ended(), 0, terminal.text);
    assert.doesNotMatch(terminal.text, /success/);
  });

  it('leaves with 0 on Ctrl-D', async () => {
    using terminal = await started();
    terminal.type(keys.ctrlD);
    assert.equal(await terminal.ended(), 0, terminal.text);
  });

  it('watches for a while, then goes on', async () => {
    using terminal = await started();
    await typed(terminal, 'command subscribe\r', /Optional/, '\r', /how long/, '1s\r', /"action":"command\/subscribe"/);
    await typed(terminal, /Watch\?/, '\r', /same as: devicehive command watch --for 1s/, /What next\?/);
  });

  it('takes shared flags, and puts them into the command line', async () => {
    using terminal = Terminal.start(home, ['--embedded', '--dry-run', '--timeout', '3s']);
    await typed(terminal, menu, 'server info\r', /Print it/, '\r', /"requestId":1/);
    await terminal.waitFor(/same as: devicehive server info --embedded --dry-run --timeout 3s/);
  });
});

describe('suggestions', () => {
  it('are the ids of the server, chosen with the arrow keys or completed with Tab', async () => {
    using terminal = await started();
    await typed(terminal, 'command update\r', /\(--device\)/, / d1\n/, keys.down, keys.enter, /\(--id\)/, /42 +blink/);
    await typed(
      terminal,
      'blin',
      keys.tab,
      keys.enter,
      /\(--status\)/,
      'x\r',
      /Optional/,
      '\r',
      /"deviceId":"d1","commandId":42/,
    );
  });

  it('give way to typed text, in one piece or key by key', async () => {
    using terminal = await started();
    await typed(terminal, 'device get\r', /\(--device\)/, / d1\n/, 'd\r', /frame: .*"deviceId":"d"\}/, /Send it\?/);
    await typed(terminal, 'n\r', /What next\?/, 'Another\r', menu, 'device get\r', /\(--device\)/, / d1\n/);
    await typed(terminal, 'e', '5', keys.enter, /frame: .*"deviceId":"e5"\}/);
  });

  it('are asked for without disturbing the prompt, with --verbose too', async () => {
    using terminal = await started(['--verbose']);
    await typed(terminal, 'device get\r', /\(--device\)/, /< .*device\/list/, / d1\n/);
    const screen = await terminal.screen();
    assert.equal(screen.match(/\(--device\)/g)?.length, 1, screen);
    assert.match(screen, /^> .*device\/list/m);
  });

  it('are not waited for', async () => {
    await using slow = await fakeServer({ 'device/list': silent });
    using terminal = Terminal.start(home, [], { env: { DEVICEHIVE_URL: slow.url, DEVICEHIVE_TOKEN: 'x' } });
    await typed(terminal, menu, 'device get\r', /\(--device\)/);
    await slow.received('device/list');
    await typed(terminal, 'd1\r', /Send it\?/, '\r', /success/);
  });

  it('are left out where the list is refused', async () => {
    await using strict = await fakeServer({ 'device/list': refusing(403, 'Access is denied') });
    const env = { DEVICEHIVE_URL: strict.url, DEVICEHIVE_TOKEN: 'x' };
    using terminal = Terminal.start(home, ['device', 'get'], { env });
    await strict.received('device/list');
    await typed(terminal, /\(--device\)/, 'd1\r');
    assert.equal(await terminal.ended(), 0, terminal.text);
    assert.doesNotMatch(terminal.text, /denied/);
  });

  it('are made safe, or left out where they cannot be typed', async () => {
    const devices = [
      { id: 'lamp', name: 'Lamp\u001b[31m\u202e' },
      { id: 'evil\u001b[2J', name: 'Evil' },
      { id: 7, name: null },
    ];
    await using hostile = await fakeServer({ 'device/list': () => ({ devices }) });
    const env = { DEVICEHIVE_URL: hostile.url, DEVICEHIVE_TOKEN: 'x' };
    using terminal = Terminal.start(home, ['device', 'get'], { env });
    await typed(terminal, /lamp +Lamp\\u001b\[31m\\u202e/, keys.up, keys.down, keys.down, keys.enter);
    assert.equal(await terminal.ended(), 0, terminal.text);
    assert.deepEqual(
      hostile.sent('device/get').map(({ deviceId }) => deviceId),
      ['lamp'],
    );
    assert.ok(!terminal.raw.includes('\u001b[2J') && !/[\u202e]|Evil/.test(terminal.raw), terminal.text);
  });
});

describe('the way to a server', () => {
  it('is offered where none is configured', async () => {
    using terminal = Terminal.start(home, []);
    await typed(terminal, /no DeviceHive server is configured/, /How do you want to go on\?/, keys.enter);
    await typed(terminal, menu, 'device count\r', /Optional/, '\r', /Send it\?/, '\r', /count +\d/);
    await terminal.waitFor(/same as: devicehive device count --embedded\n/);
  });

  it('leads over a URL and a login, whose tokens are kept', async () => {
    using fresh = new Home();
    using terminal = Terminal.start(fresh, []);
    await typed(
      terminal,
      /How do you want/,
      'A server by',
      keys.enter,
      /URL of the server/,
      'localhost\r',
      /must start with ws/,
    );
    await typed(
      terminal,
      keys.backspace.repeat(9),
      `${server.url}\r`,
      /no access token/,
      /How do you want/,
      keys.enter,
    );
    await typed(terminal, /\(--login\)/, 'dhadmin\r', /--password/, 'wrong\r', /devicehive auth login: .*401/);
    await typed(
      terminal,
      /How do you want/,
      keys.enter,
      /\(--login\)/,
      'dhadmin\r',
      /--password/,
      'dhadmin_#911\r',
      menu,
    );
    await typed(
      terminal,
      'auth status\r',
      /login +dhadmin/,
      /same as: devicehive auth status --context 127\.0\.0\.1\n/,
    );
    assert.ok(!terminal.raw.includes('#911'));
  });

  it('leads on from a server that cannot be reached', async () => {
    await using gone = await fakeServer();
    await gone.close();
    using terminal = Terminal.start(home, ['--url', gone.url, '--token', 'hidden-token']);
    await typed(
      terminal,
      /cannot be reached|ECONNREFUSED|refused/,
      /How do you want/,
      /Try again/,
      keys.down,
      keys.enter,
      menu,
    );
    await typed(terminal, 'server info\r', /Send it/, '\r', /success/, /same as: devicehive server info --embedded\n/);
  });
});

describe('a lost connection', () => {
  it('is reported at the menu, and restored', async () => {
    await using first = await fakeServer();
    const env = { DEVICEHIVE_URL: first.url, DEVICEHIVE_TOKEN: 'x' };
    using terminal = Terminal.start(home, [], { env });
    await terminal.waitFor(menu);
    await first.close();
    await typed(terminal, /connection to .* was lost/, /Connect again\?/, '\r', /devicehive: /, /Try again/);
    await using second = await fakeServer({}, { port: first.port });
    await typed(terminal, keys.enter, menu, 'server info\r', /Send it/, '\r', /success/);
    assert.equal(second.sent('server/info').length, 1);
  });

  it('is reported while it prompts for values, and restored before anything is sent', async () => {
    await using first = await fakeServer();
    const env = { DEVICEHIVE_URL: first.url, DEVICEHIVE_TOKEN: 'x' };
    using terminal = Terminal.start(home, [], { env });
    await typed(terminal, menu, 'command update\r', /\(--device\)/, 'd1\r', /\(--id\)/, '4');
    await first.close();
    await terminal.waitFor(/was lost/);
    await using second = await fakeServer({}, { port: first.port });
    await typed(
      terminal,
      '2\r',
      /\(--status\)/,
      'done\r',
      /Optional/,
      '\r',
      /Send it\?/,
      '\r',
      /Connect again\?/,
      '\r',
    );
    await terminal.waitFor(/success/);
    assert.deepEqual(
      second.sent('command/update').map(({ commandId }) => commandId),
      [42],
    );
  });
});

describe('Ctrl-C in interactive mode', () => {
  const places: readonly (readonly [string, readonly (RegExp | string)[]])[] = [
    ['at the menu', []],
    ['at a field', ['command update\r', /\(--device\)/, 'd']],
    ['at a choice', ['user list\r', /Optional/, keys.down, keys.down]],
    ['at a hidden field', ['token get\r', /\(--login\)/, 'x\r', /\(--password\)/, 'secret']],
    ['at the frame', ['device get\r', /\(--device\)/, 'd1\r', /Send it\?/]],
    [
      'while a reply is waited for',
      ['command get\r', /\(--device\)/, 'd1\r', /\(--id\)/, '42\r', /Send it/, '\r', /Yes/],
    ],
    ['while it watches', ['command watch\r', /Optional/, '\r', /how long/, '\r', /Watch\?/, '\r', /Yes/]],
  ];

  for (const [where, steps] of places) {
    it(`ends with 130 ${where}, and restores the terminal`, async () => {
      await using quiet = await fakeServer({ 'command/get': silent });
      const env = { DEVICEHIVE_URL: quiet.url, DEVICEHIVE_TOKEN: 'x' };
      using terminal = Terminal.script(home, 'trap : INT; "$@"; echo "code $?"; stty -a; read -r end', [], { env });
      await typed(terminal, menu, ...steps);
      if (where.startsWith('while'))
        await quiet.received(where.endsWith('watches') ? 'command/subscribe' : 'command/get');
      terminal.type(keys.ctrlC);
      await typed(terminal, /code 130/, / icanon/, / echo /, keys.enter);
      await terminal.ended();
      assert.ok(terminal.raw.lastIndexOf('\u001b[?25h') >= terminal.raw.lastIndexOf('\u001b[?25l'), 'the cursor shows');
      assert.doesNotMatch(terminal.text, / at .*\.[ct]?[jt]s:|bug/);
    });
  }
});

describe('a terminal that is resized', () => {
  it('shows a choice once, whatever its width', async () => {
    using terminal = Terminal.start(home, []);
    await terminal.waitFor(/navigate/);
    for (const cols of [46, 140, 60]) {
      terminal.resize(cols);
      await terminal.waitFor(/navigate/);
      const screen = await terminal.screen();
      for (const text of [/How do you want/g, /inside/g, /Quit/g, /navigate/g])
        assert.equal(screen.match(text)?.length, 1, screen);
      assert.match(screen, /no DeviceHive server is configured/);
    }
  });

  it('keeps what was typed in a field', async () => {
    using terminal = await started();
    await typed(terminal, 'device get\r', /\(--device\)/, / d1\n/, 'd', /\(--device\) d\n.* d1\n/);
    for (const cols of [30, 120]) {
      terminal.resize(cols);
      await terminal.waitFor(/ d1\n/);
      const screen = await terminal.screen();
      assert.equal(screen.match(/\(--device\)\s+d$/gm)?.length, 1, screen);
      assert.equal(screen.match(/ d1$/gm)?.length, 1, screen);
    }
    await typed(terminal, '1\r', /"deviceId":"d1"/);
  });
});

describe('a command line without a command', () => {
  for (const variable of ['CI', 'DEVICEHIVE_NO_INPUT']) {
    it(`is refused with ${variable}`, async () => {
      using terminal = Terminal.start(home, [], { env: { ...env(), [variable]: '1' } });
      assert.equal(await terminal.ended(), 2, terminal.text);
      assert.match(terminal.text, /no command given/);
    });
  }

  it('is refused with --no-input', async () => {
    using terminal = Terminal.start(home, ['--no-input'], { env: env() });
    assert.equal(await terminal.ended(), 2, terminal.text);
  });

  it('is refused where a person could not answer', async () => {
    using terminal = Terminal.script(home, '"$@" </dev/null', [], { env: env() });
    assert.equal(await terminal.ended(), 2, terminal.text);
    assert.match(terminal.text, /no command given/);
  });

  it('writes replies alone to stdout', async () => {
    using terminal = Terminal.script(
      home,
      '"$@" >out; echo "code $?"; cat out; read -r end',
      ['--query', 'device.id'],
      {
        env: env(),
      },
    );
    await typed(terminal, menu, 'device get\r', /\(--device\)/, 'd1\r', /Send it/, '\r', /What next/, 'Quit\r');
    await terminal.waitFor(/code 0\nd1\n$/);
  });
});
