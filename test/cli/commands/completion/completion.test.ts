import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { nouns, single } from '../../../../src/cli/flags/commandWords.ts';
import { allWords, verbsOf } from '../../../../src/cli/commands/index.ts';
import { complete } from '../../../../src/cli/commands/completion/complete.ts';
import { actionNames } from '../../../../src/protocol/schema.ts';
import type { RunningServer } from '../../../../src/server/index.ts';
import { embeddedServer } from '../../../helpers/embeddedServer.ts';
import { fakeServer, jwtWith, refusing, silent, type Answer } from '../../../helpers/fakeServer.ts';
import { deadUrl } from '../../../helpers/badServer.ts';
import { commandTree } from '../../../../src/cli/program/program.ts';
import { FakeIo } from '../../fakeIo.ts';

const folder = mkdtempSync(join(tmpdir(), 'devicehive-test-'));
const config = join(folder, 'config');
let server: RunningServer;

before(async () => {
  mkdirSync(config);
  const contexts = { lab: { url: 'ws://192.0.2.7:8080' }, live: { url: 'wss://hive.example.com' } };
  writeFileSync(join(config, 'contexts.json'), JSON.stringify({ contexts }));
  writeFileSync(join(folder, 'password.txt'), 'dhadmin_#911');
  server = await embeddedServer();
  // compiled beforehand: a completion gives up after a second, which compiling takes on a busy machine
  await import('../../../../src/client/index.ts');
  await import('../../../../src/client/lists/index.ts');
});
after(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

interface Completed {
  readonly values: readonly string[];
  readonly meanings: readonly string[];
  readonly directive: number;
}

/** Returns the completions of a line; its words are split at blanks, and the last one is under the cursor. */
async function completed(line: string, env: Readonly<Record<string, string>> = {}): Promise<Completed> {
  const io = new FakeIo({ env: { DEVICEHIVE_CONFIG_DIR: config, XDG_RUNTIME_DIR: folder, ...env } });
  const text = await complete(line.split(' '), commandTree(io), io);
  assert.equal(io.stderr + io.stdout + io.warnings.join(''), '');
  const lines = text.trimEnd().split('\n');
  const rows = lines.slice(0, -1).map((row) => row.split('\t'));
  return {
    values: rows.map(([value = '']) => value),
    meanings: rows.map(([, meaning = '']) => meaning),
    directive: Number(lines.at(-1)?.slice(1)),
  };
}

async function valuesOf(line: string, env: Readonly<Record<string, string>> = {}): Promise<readonly string[]> {
  return (await completed(line, env)).values;
}

/** The environment that names a server and a token. */
function at(url: string, token: string): Readonly<Record<string, string>> {
  return { DEVICEHIVE_URL: url, DEVICEHIVE_TOKEN: token };
}

describe('completion of words', () => {
  it('knows all nouns and all commands without a verb', async () => {
    assert.deepEqual(await valuesOf(''), [...Object.keys(nouns), ...Object.keys(single)]);
  });

  for (const noun of Object.keys(nouns)) {
    it(`knows all verbs of ${noun}`, async () => {
      assert.deepEqual(
        await valuesOf(`${noun} `),
        verbsOf(noun).map(({ verb }) => verb),
      );
    });
  }

  it('says what they mean', async () => {
    const { values, meanings } = await completed('command up');
    assert.deepEqual([values, meanings], [['update'], ['Update a command on behalf of its device']]);
  });

  it('goes on behind help, and behind flags with values', async () => {
    assert.deepEqual(await valuesOf('help command up'), ['update']);
    assert.deepEqual(await valuesOf('--url ws://127.0.0.1:1 command up'), ['update']);
    assert.deepEqual(await valuesOf('--quiet command up'), ['update']);
  });

  it('knows nothing of words that call nothing', async () => {
    for (const line of ['nothing ', 'command nothing ', 'command nothing --'])
      assert.deepEqual(await valuesOf(line), [], line);
  });
});

describe('completion of flags', () => {
  it('offers those of the command first, where nothing else can stand', async () => {
    assert.deepEqual(await valuesOf('command update '), ['--device', '--id', '--status', '--result']);
  });

  it('offers all behind a dash, the common ones too', async () => {
    const values = await valuesOf('command update --');
    for (const flag of ['--device', '--url', '--json', '--dry-run', '--help']) assert.ok(values.includes(flag), flag);
  });

  it('offers none twice, except repeatable ones', async () => {
    const once = await valuesOf('command update --device d1 --json --');
    assert.ok(!once.includes('--device') && !once.includes('--json') && once.includes('--id'));
    assert.ok((await valuesOf('notification watch --name a --')).includes('--name'));
    assert.ok(!(await valuesOf('device list --output json --')).includes('--output'));
  });

  it('offers none behind --', async () => {
    assert.deepEqual(await valuesOf('exec -- --'), []);
  });

  for (const [noun, verb] of allWords()) {
    it(`has flags for every command: ${noun} ${verb ?? ''}`, async () => {
      const words = [noun, ...(verb === undefined ? [] : [verb])].join(' ');
      assert.ok((await valuesOf(`${words} --he`)).includes('--help'));
    });
  }
});

describe('completion of values', () => {
  const cases: readonly (readonly [line: string, values: readonly string[]])[] = [
    ['device list --output ', ['text', 'json', 'ndjson', 'yaml', 'csv']],
    ['device list --output=', ['text', 'json', 'ndjson', 'yaml', 'csv']],
    ['device list --output=y', ['yaml']],
    ['device list -o j', ['json']],
    ['device list --output = j', ['json']],
    ['device list --sort-order ', ['ASC', 'DESC']],
    ['user insert --role ', ['0', '1']],
    ['user insert --intro-reviewed ', ['true', 'false']],
    ['token create --action ManageD', ['ManageDeviceType']],
    ['device list --context ', ['lab', 'live']],
    ['--context li', ['live']],
    ['context use l', ['lab', 'live']],
    ['context show ', ['lab', 'live']],
    ['context add ', []],
    ['schema show pla', ['plan']],
    ['request command/ins', ['command/insert']],
    ['batch updates.csv --action command/up', ['command/update']],
    ['completion ', ['bash', 'zsh', 'fish', 'powershell']],
    ['device list --name ', []],
    ['device list --timeout ', []],
  ];

  for (const [line, values] of cases) {
    it(`knows what fits: ${line}`, async () => {
      assert.deepEqual(await valuesOf(line), values);
    });
  }

  it('knows every action', async () => {
    assert.deepEqual([...(await valuesOf('request '))].sort(), [...actionNames()].sort());
  });

  for (const line of [
    'batch ',
    'device list --ca ',
    'device list --token-file=x',
    'exec -- ',
    'simulate plan ',
    'report diff before.json ',
    'token get --password-file ',
  ])
    it(`leaves files to the shell: ${line}`, async () => {
      assert.deepEqual(await completed(line), { values: [], meanings: [], directive: 0 });
    });

  it('offers files that JSON may come from, and stays in a folder', async () => {
    assert.deepEqual(await valuesOf('command update --result @fakeI'), ['@fakeIo.ts']);
    const { values, directive } = await completed('command update --result @../hel');
    assert.deepEqual(values, ['@../helpers/']);
    assert.equal(directive & 2, 2);
    assert.deepEqual(await valuesOf('command update --result @no/such/'), []);
  });
});

describe('completion of ids on the server', () => {
  const devices: Answer = () => ({ devices: [{ id: 'lamp-1', name: 'Lamp' }] });
  const list = 'device get --device ';

  it('offers devices, networks, types and users by their ids', async () => {
    const env = at(server.url, server.accessToken);
    assert.deepEqual((await valuesOf(list, env)).includes('d1'), true);
    assert.deepEqual(await valuesOf('device save --network ', env), ['1']);
    assert.deepEqual((await valuesOf('command watch --device-type ', env)).includes('1'), true);
    assert.deepEqual(await valuesOf('user get --id ', env), ['1']);
    assert.deepEqual((await completed('user get --id ', env)).meanings, ['dhadmin']);
  });

  it('offers commands of the device that the line names', async () => {
    const env = at(server.url, server.accessToken);
    assert.deepEqual(await valuesOf('command get --device d1 --id ', env), ['42']);
    assert.deepEqual(await valuesOf('command get --id 4 --device d1 --id=4', env), ['42']);
    assert.deepEqual(await valuesOf('command get --id ', env), []);
  });

  it('asks the server that the line names', async () => {
    await using other = await fakeServer({ 'device/list': devices });
    const env = at(server.url, server.accessToken);
    assert.deepEqual(await valuesOf(`device get --url ${other.url} --token t --device `, env), ['lamp-1']);
    assert.ok((await valuesOf('device get --embedded --device d', env)).includes('d1'));
  });

  it('authenticates and asks once', async () => {
    await using fake = await fakeServer({ 'device/list': devices });
    assert.deepEqual(await valuesOf(list, at(fake.url, jwtWith({ u: 1, e: Date.now() + 60_000 }))), ['lamp-1']);
    assert.deepEqual(
      fake.requests.map(({ action }) => action),
      ['authenticate', 'device/list'],
    );
  });

  it('offers nothing that a shell would not take as it is', async () => {
    const ids = ['$(reboot)', 'a b', "it's", '`x`', 'x;y', '*', '\u001b[31m', 'good-1', '', 7];
    await using fake = await fakeServer({ 'device/list': () => ({ devices: ids.map((id) => ({ id, name: 'n' })) }) });
    assert.deepEqual(await valuesOf(list, at(fake.url, 'token')), ['good-1', '7']);
  });

  it('makes text of the server safe', async () => {
    const name = '\u001b[2Jcleared\n\tand\u202eback';
    await using fake = await fakeServer({ 'device/list': () => ({ devices: [{ id: 'x', name }] }) });
    const { values, meanings } = await completed(list, at(fake.url, 'token'));
    assert.deepEqual(values, ['x']);
    assert.deepEqual(meanings, ['\\u001b[2Jcleared']);
  });
});

describe('completion stays quiet', () => {
  const list = 'device get --device ';

  it('where no server is named or none answers', async () => {
    assert.deepEqual(await valuesOf(list), []);
    assert.deepEqual(await valuesOf(list, at(await deadUrl(), 'token')), []);
    assert.deepEqual(await valuesOf(list, at('no url', 'token')), []);
  });

  const answers: readonly (readonly [string, Record<string, Answer>])[] = [
    ['refuses the token', { authenticate: refusing(401, 'Unauthorized') }],
    ['refuses the list', { 'device/list': refusing(403, 'Access is denied') }],
    ['answers rubbish', { 'device/list': () => ({ devices: 'many' }) }],
    ['answers stranger rubbish', { 'device/list': () => ({ devices: [null, 1, [], { name: 'x' }, { id: {} }] }) }],
    ['hangs up', { 'device/list': (_request, peer) => (peer.drop(), undefined) }],
    ['never answers, and soon', { 'device/list': silent }],
    ['never authenticates, and soon', { authenticate: silent }],
  ];
  for (const [what, script] of answers)
    it(`where the server ${what}`, async () => {
      await using fake = await fakeServer(script);
      assert.deepEqual(await valuesOf(list, at(fake.url, 'token')), []);
    });

  it('rather than log in, refresh, or send an expired token', async () => {
    await using fake = await fakeServer();
    const expired = jwtWith({ u: 1, e: Date.now() - 1000 });
    const login = { DEVICEHIVE_LOGIN: 'dhadmin', DEVICEHIVE_PASSWORD_FILE: join(folder, 'password.txt') };
    for (const secrets of [login, { DEVICEHIVE_REFRESH_TOKEN: 'refresh' }, { DEVICEHIVE_TOKEN: expired }, {}])
      assert.deepEqual(await valuesOf(list, { DEVICEHIVE_URL: fake.url, ...secrets }), []);
    assert.deepEqual(fake.requests, []);
    assert.equal(fake.handshakes.length, 0);
  });

  it('rather than read the stdin of the shell', async () => {
    await using fake = await fakeServer();
    assert.deepEqual(await valuesOf(`device get --url ${fake.url} --token - --device `), []);
    assert.equal(fake.handshakes.length, 0);
  });

  it('where files of the user are broken', async () => {
    const broken = join(folder, 'broken');
    mkdirSync(broken);
    writeFileSync(join(broken, 'contexts.json'), '{');
    assert.deepEqual(await valuesOf('context use ', { DEVICEHIVE_CONFIG_DIR: broken }), []);
  });
});
