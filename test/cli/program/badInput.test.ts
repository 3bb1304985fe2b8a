import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { errorOf, Home } from '../../helpers/cli.ts';

const home = new Home();
after(() => home[Symbol.dispose]());

const update = ['command', 'update', '--device', 'd1', '--id', '42', '--status', 'done'];
const without = (flag: string) => update.filter((word, index) => word !== flag && update[index - 1] !== flag);

/** Command lines that must be refused, with exit code and message. */
const refused: readonly {
  readonly what: string;
  readonly args: readonly string[];
  readonly code: number;
  readonly says: readonly RegExp[];
  readonly env?: NodeJS.ProcessEnv;
}[] = [
  { what: 'an unknown noun', args: ['comand'], code: 2, says: [/unknown command 'comand'/, /Did you mean command\?/] },
  {
    what: 'an unknown verb',
    args: ['command', 'updaet'],
    code: 2,
    says: [/unknown command 'updaet'/, /Did you mean update\?/],
  },
  ...(
    [
      ['command send', 'insert'],
      ['notification publish', 'insert'],
      ['device create', 'save'],
      ['device add', 'save'],
      ['network add', 'insert'],
      ['command show', 'get'],
      ['device rm', 'delete'],
      ['context rm', 'remove'],
      ['send', 'command insert'],
      ['device list --limit 3', '--take'],
      ['command watch --max 3', '--limit'],
      ['command insert --device d1 --command go --params {}', '--parameters'],
      ['doctor --host h', '--url'],
    ] as const
  ).map(([line, meant]) => ({
    what: `a word from elsewhere, '${line}'`,
    args: line.split(' '),
    code: 2,
    says: [new RegExp(`^devicehive.*unknown.*\\(Did you mean ${meant}\\?\\)\nHelp: devicehive`)],
  })),
  ...[
    'help nonsense',
    'help command updaet',
    'help command update stray',
    'help doctor stray',
    'nonsense -h',
    'command updaet --help',
  ].map((line) => ({
    what: `help on what is no command, '${line}'`,
    args: line.split(' '),
    code: 2,
    says: [/unknown command|is no part of a command's name/, /Help: devicehive/],
  })),
  {
    what: 'a flag given twice',
    args: [...update, '--id', '43'],
    code: 2,
    says: [/--id takes one value, and is given twice/],
  },
  {
    what: 'seconds since 1970',
    args: ['command', 'watch', '--device', 'd1', '--since', '1764560000'],
    code: 2,
    says: [/--since looks like seconds since 1970/, /date \+%s%3N/],
  },
  {
    what: 'an unknown flag',
    args: [...update, '--statsu', 'x'],
    code: 2,
    says: [/unknown option '--statsu'/, /Did you mean --status\?/],
  },
  {
    what: 'a stray word',
    args: [...update, 'stray'],
    code: 2,
    says: [/too many arguments/, /given by flags.*: devicehive command update --device /],
  },
  {
    what: 'a verb behind an unknown noun',
    args: ['comand', 'update'],
    code: 2,
    says: [/unknown command 'comand'/, /Help: devicehive --help/],
  },
  {
    what: 'a verb alone',
    args: ['watch'],
    code: 2,
    says: [/'watch' is a verb/, /command, notification\. Such as: devicehive command watch\./],
  },
  {
    what: 'a shared flag before the command',
    args: ['--url', 'ws://127.0.0.1:9', 'device', 'list'],
    code: 2,
    says: [/--url stands before the command/, /devicehive device list --url …/],
  },
  {
    what: 'a short shared flag before the command',
    args: ['-v', 'device', 'list'],
    code: 2,
    says: [/-v stands before the command/],
  },
  {
    what: 'a shared flag alone, without a terminal',
    args: ['--embedded'],
    code: 2,
    says: [/no command given/, /Such as: devicehive device list --embedded …/],
  },
  {
    what: 'flags of a program that exec runs, without --',
    args: ['exec', 'sh', '-c', 'true'],
    code: 2,
    says: [
      /^devicehive exec: unknown option '-c'/,
      /stand after --: devicehive exec -- npm test\. Help: devicehive exec --help/,
    ],
  },
  {
    what: 'a flag without its value',
    args: [...without('--status'), '--status'],
    code: 2,
    says: [/--status <text>/, /argument missing/],
  },
  { what: 'a noun alone', args: ['command'], code: 2, says: [/a verb is missing/] },
  { what: 'nothing at all', args: [], code: 2, says: [/no command given/, /Usage: devicehive/] },
  {
    what: 'an id that is no number',
    args: [...without('--id'), '--id', 'abc'],
    code: 3,
    says: [/--id must be an integer, not 'abc'/],
  },
  { what: 'an id of zero', args: [...without('--id'), '--id', '0'], code: 3, says: [/--id must be >= 1/] },
  {
    what: 'an id beyond 2^53',
    args: [...without('--id'), '--id', '9007199254740993'],
    code: 3,
    says: [/--id/, /2\^53/],
  },
  {
    what: 'an id in exponent notation',
    args: [...without('--id'), '--id', '1e3'],
    code: 3,
    says: [/--id must be an integer, not '1e3'/],
  },
  {
    what: 'an empty device',
    args: [...without('--device'), '--device', ''],
    code: 3,
    says: [/--device must not be empty/],
  },
  { what: 'JSON that does not parse', args: [...update, '--result', '{'], code: 3, says: [/--result must be JSON/] },
  {
    what: 'JSON that is no object',
    args: [...update, '--result', '[1]'],
    code: 3,
    says: [/--result must be a JSON object/],
  },
  {
    what: 'empty JSON',
    args: [...update, '--result', ''],
    code: 3,
    says: [/--result must be JSON; the text is empty/],
  },
  {
    what: 'JSON with a number that would change',
    args: [...update, '--result', '{"n":12345678901234567890}'],
    code: 3,
    says: [/--result holds the number 12345678901234567890/],
  },
  {
    what: 'a missing file',
    args: [...update, '--result', '@missing.json'],
    code: 3,
    says: [/--result cannot be read from 'missing.json': there is no such file/],
  },
  {
    what: 'a file without an end',
    args: [...update, '--result', '@/dev/zero'],
    code: 3,
    says: [/--result is too large: '\/dev\/zero' holds more than 256 MiB/],
  },
  {
    what: 'a folder for a file',
    args: [...update, '--result', '@.'],
    code: 3,
    says: [/--result cannot be read from '.': it is a folder/],
  },
  {
    what: 'a duration without a unit',
    args: [...update, '--timeout', '10'],
    code: 2,
    says: [/--timeout must be a duration such as 10s, not '10'/, /10s or 10ms/],
  },
  {
    what: 'a duration of nothing',
    args: [...update, '--timeout', '0s'],
    code: 2,
    says: [/--timeout must be more than 0/],
  },
  {
    what: 'a connect timeout that is no duration',
    args: [...update, '--connect-timeout', 'soon'],
    code: 2,
    says: [/--connect-timeout must be a duration/],
  },
  {
    what: 'a retry count that is none',
    args: [...update, '--retry', '-1'],
    code: 2,
    says: [/--retry must be a whole number/],
  },
  {
    what: 'an unknown output format',
    args: [...update, '--output', 'xml'],
    code: 2,
    says: [/'xml' is invalid/, /text, json, ndjson, yaml/],
  },
  {
    what: 'a query that is no JMESPath',
    args: [...update, '--query', 'a['],
    code: 2,
    says: [/--query 'a\[' is no JMESPath expression/],
  },
  {
    what: 'a query that calls an unknown function where no value may lead',
    args: [...update, '--query', 'a[?b].{c: len(d)}'],
    code: 2,
    says: [/is no JMESPath expression: Unknown function: len\(\)/],
  },
  {
    what: 'a query that gives a function too little',
    args: [...update, '--query', "a && starts_with('b')"],
    code: 2,
    says: [/is no JMESPath expression: .*starts_with\(\) takes 2 arguments but received 1/],
  },
  {
    what: 'JSON that names another action than request does',
    args: ['request', 'device/get', '--data', '{"action":"device/delete","deviceId":"d1"}'],
    code: 3,
    says: [/--data names the action "device\/delete", not 'device\/get'/],
  },
  {
    what: 'a URL of the web',
    args: [...update, '--url', 'http://127.0.0.1:1'],
    code: 2,
    says: [/--url must be a WebSocket URL/, /Write ws:\/\/127.0.0.1:1/],
  },
  {
    what: 'a URL without a scheme',
    args: [...update, '--url', '127.0.0.1:1'],
    code: 2,
    says: [/--url must start with ws:\/\/ or wss:\/\//],
  },
  { what: 'a URL that is none', args: [...update, '--url', 'ws://'], code: 2, says: [/--url is no URL/] },
  {
    what: 'a URL with a login',
    args: [...update, '--url', 'ws://a:secret@127.0.0.1:1'],
    code: 2,
    says: [/--url must not hold a login: 'ws:\/\/\*\*\*@127.0.0.1:1'/],
  },
  {
    what: 'two servers',
    args: [...update, '--url', 'ws://127.0.0.1:1', '--embedded'],
    code: 2,
    says: [/--url and --embedded name two servers/],
  },
  {
    what: 'no server at all',
    args: update,
    code: 2,
    says: [/no DeviceHive server is configured/, /--url/, /server start/, /--embedded/],
  },
  {
    what: 'a token file that is not there',
    args: [...update, '--url', 'ws://127.0.0.1:1', '--token-file', 'none'],
    code: 2,
    says: [/--token-file: cannot read 'none': there is no such file/],
  },
  {
    what: 'an empty token on stdin',
    args: [...update, '--url', 'ws://127.0.0.1:1', '--token', '-'],
    code: 2,
    says: [/the token on stdin is empty/],
  },
  {
    what: 'no token for an action that needs one',
    args: [...update, '--url', 'ws://127.0.0.1:1'],
    code: 4,
    says: [/no access token/, /--token-file/],
  },
  {
    what: 'a login without a password file',
    args: [...update, '--url', 'ws://127.0.0.1:1'],
    env: { DEVICEHIVE_LOGIN: 'me' },
    code: 2,
    says: [/DEVICEHIVE_PASSWORD_FILE/],
  },
  {
    what: 'a bad timeout in the environment',
    args: update,
    env: { DEVICEHIVE_TIMEOUT: 'x' },
    code: 2,
    says: [/DEVICEHIVE_TIMEOUT must be a duration/],
  },
  {
    what: 'a bad URL in the environment',
    args: update,
    env: { DEVICEHIVE_URL: 'nonsense' },
    code: 2,
    says: [/DEVICEHIVE_URL must start with ws/],
  },
  {
    what: 'a CA file that is not there',
    args: ['server', 'info', '--url', 'wss://127.0.0.1:1', '--ca', 'none.pem'],
    code: 2,
    says: [/--ca: cannot read 'none.pem'/],
  },
  {
    what: 'unknown fields of a known action',
    args: ['request', 'command/list', '--data', '{"deviceID":"d1","deviceId":"d1"}'],
    code: 3,
    says: [/deviceID is not a field of this action \(did you mean deviceId\?\)/],
  },
  {
    what: 'data that is no object',
    args: ['request', 'command/list', '--data', '[]'],
    code: 3,
    says: [/--data must be a JSON object/],
  },
  {
    what: 'data that does not parse',
    args: ['request', 'command/list', '--data', '{'],
    code: 3,
    says: [/--data must be JSON/],
  },
  {
    what: 'a payload over 900 KiB',
    args: [...update, '--result', '@big.json'],
    code: 3,
    says: [/takes \d+ bytes, more than 921600 \(900 KiB\)/, /--allow-large/],
  },
];

describe('bad input', () => {
  writeFileSync(join(home.work, 'big.json'), JSON.stringify({ text: 'x'.repeat(950_000) }));

  for (const { what, args, code, says, env = {} } of refused) {
    it(`${what} ends with ${code} and one clear message`, async () => {
      const ended = await home.run(args, { env });
      assert.equal(ended.code, code, ended.stderr);
      assert.equal(ended.stdout, '');
      for (const text of says) assert.match(ended.stderr, text);
      assert.doesNotMatch(ended.stderr, /^\s+at /m);
    });
  }

  it('reports all problems at once, by flag name; a missing value makes it a usage error', async () => {
    const ended = await home.run(['command', 'update', '--id', '0', '--result', '{']);
    assert.equal(ended.code, 2);
    assert.match(ended.stderr, /--device is required/);
    assert.match(ended.stderr, /--id must be >= 1/);
    assert.match(ended.stderr, /--result must be JSON/);
  });

  it('counts an update that changes nothing as a missing value', async () => {
    const ended = await home.run(['command', 'update', '--device', 'd1', '--id', '42']);
    assert.equal(ended.code, 2);
    assert.match(ended.stderr, /one of --status, --result is required/);
  });

  it('reports a failure as one line of JSON with --json', async () => {
    const ended = await home.run(['command', 'update', '--id', '0', '--json']);
    const error = errorOf(ended);
    assert.equal(ended.code, 2);
    assert.deepEqual(Object.keys(error).sort(), ['action', 'code', 'exit', 'hint', 'kind', 'message', 'problems']);
    assert.equal(error['kind'], 'usage');
    assert.equal(error['exit'], 2);
    assert.equal(error['code'], null);
    assert.equal(error['action'], 'command/update');
    assert.deepEqual(error['problems'], [
      { at: '--device', message: 'is required' },
      { at: 'one of --status, --result', message: 'is required' },
      { at: '--id', message: 'must be >= 1' },
    ]);
  });

  for (const { args, head } of [
    { args: ['exec', '--no-demo', 'true', '--timeout', 'x'], head: 'devicehive exec: ' },
    { args: ['doctor', '--retry', 'x', '--timeout', '0'], head: 'devicehive doctor: ' },
    { args: ['request', 'server/info', '--timeout', 'x'], head: 'devicehive request: ' },
    { args: ['command', 'list', 'stray', '--device', 'd1'], head: 'devicehive command list: ' },
    { args: ['user', '--password', 'hunter22'], head: 'devicehive user: ' },
    { args: ['--password', 'hunter22', 'user', 'insert'], head: 'devicehive: ' },
  ]) {
    it(`heads what is wrong with '${args.join(' ')}' with the command alone`, async () => {
      const { stderr } = await home.run(args);
      assert.ok(stderr.startsWith(head), stderr);
    });
  }

  it('refuses a project file that holds a token', async () => {
    const folder = join(home.work, 'project');
    mkdirSync(folder);
    writeFileSync(join(folder, 'devicehive.config.json'), '{"url":"ws://127.0.0.1:1","token":"x"}');
    const ended = await home.run(update, { cwd: folder });
    assert.equal(ended.code, 2);
    assert.match(ended.stderr, /must not hold 'token'/);
  });

  it('escapes control characters of bad values', async () => {
    const ended = await home.run([...without('--id'), '--id', '\u001b[31mred']);
    assert.equal(ended.code, 3);
    assert.match(ended.stderr, /\\u001b\[31mred/);
    assert.ok(!ended.stderr.includes('\u001b'));
  });

  it('escapes them in JSON too, where they stay what they are', async () => {
    const ended = await home.run([...update, '--query', '\u202e\u009b', '--json']);
    assert.doesNotMatch(ended.stderr, /[\u202e\u009b]/);
    assert.match(String(errorOf(ended)['message']), /\u202e/);
  });
});
