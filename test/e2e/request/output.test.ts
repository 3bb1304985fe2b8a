import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import { errorOf, Home } from '../../helpers/cli.ts';
import { serverForAll } from '../../helpers/runningServer.ts';

const home = new Home();
serverForAll(home);

const update = ['command', 'update', '--device', 'd1', '--id', '42', '--status', 'done'];
const get = ['device', 'get', '--device', 'd1'];
const escape = '\u001b';

describe('formats in a pipe', () => {
  it('prints one compact line of JSON, with --json and -o json the same', async () => {
    const runs = await Promise.all([[], ['--json'], ['-o', 'json']].map((flags) => home.run([...get, ...flags])));
    for (const { code, stdout, stderr } of runs) {
      assert.equal(code, 0, stderr);
      assert.equal(stderr, '');
      assert.equal(stdout, `${JSON.stringify(JSON.parse(stdout))}\n`);
      assert.equal((JSON.parse(stdout) as { device: { id: string } }).device.id, 'd1');
    }
  });

  it('prints one item a line with -o ndjson', async () => {
    const { stdout } = await home.run(['devicetype', 'list', '--take', '3', '-o', 'ndjson']);
    const lines = stdout.trimEnd().split('\n');
    assert.equal(lines.length, 3);
    for (const line of lines) assert.equal(typeof (JSON.parse(line) as { id: unknown }).id, 'number');
    assert.ok(stdout.endsWith('\n'));
  });

  it('prints nothing for an empty list with -o ndjson, and that is a success', async () => {
    const run = await home.run(['device', 'list', '--name', 'nobody', '-o', 'ndjson']);
    assert.equal(run.code, 0, run.stderr);
    assert.equal(run.stdout, '');
  });

  it('prints YAML that says the same as the JSON', async () => {
    const [yaml, json] = await Promise.all([home.run([...get, '-o', 'yaml']), home.run(get)]);
    const { requestId: _id, ...expected } = JSON.parse(json.stdout) as Record<string, unknown>;
    const { requestId: _other, ...actual } = parse(yaml.stdout) as Record<string, unknown>;
    assert.deepEqual(actual, expected);
    assert.match(yaml.stdout, /^action: device\/get$/m);
  });

  it('prints the whole reply as text, without colour', async () => {
    const { stdout } = await home.run([...get, '-o', 'text']);
    assert.match(stdout, /^status +success$/m);
    assert.match(stdout, /^action +device\/get$/m);
    assert.match(stdout, /^ +id +d1$/m);
    assert.match(stdout, /^ +isBlocked +false$/m);
    assert.ok(!stdout.includes(escape));
  });

  it('colours text in a pipe only with --color always or FORCE_COLOR', async () => {
    const text = [...get, '-o', 'text'];
    assert.ok((await home.run([...text, '--color', 'always'])).stdout.includes(escape));
    assert.ok((await home.run(text, { env: { FORCE_COLOR: '1' } })).stdout.includes(escape));
    assert.ok(!(await home.run([...text, '--no-color'], { env: { FORCE_COLOR: '1' } })).stdout.includes(escape));
  });

  it('takes the format from DEVICEHIVE_OUTPUT, and a flag before it', async () => {
    const env = { DEVICEHIVE_OUTPUT: 'yaml' };
    assert.match((await home.run(get, { env })).stdout, /^action: device\/get$/m);
    assert.match((await home.run([...get, '-o', 'text'], { env })).stdout, /^action +device\/get$/m);
    assert.match((await home.run([...get, '--json'], { env })).stdout, /^\{"action":/);
  });

  it('refuses a wrong DEVICEHIVE_OUTPUT by its name', async () => {
    const run = await home.run(get, { env: { DEVICEHIVE_OUTPUT: 'xml' } });
    assert.equal(run.code, 2);
    assert.match(run.stderr, /DEVICEHIVE_OUTPUT/);
  });
});

describe('--query', () => {
  const queries: readonly { readonly what: string; readonly query: string; readonly prints: string }[] = [
    { what: 'a string raw', query: 'device.id', prints: 'd1\n' },
    { what: 'nothing for null', query: 'device.nothing', prints: '' },
    { what: 'a number', query: 'device.networkId', prints: '1\n' },
    { what: 'a boolean', query: 'device.isBlocked', prints: 'false\n' },
    { what: 'an object compact', query: '{id: device.id, of: action}', prints: '{"id":"d1","of":"device/get"}\n' },
    { what: 'a list compact', query: '[device.id, status]', prints: '["d1","success"]\n' },
  ];
  for (const { what, query, prints } of queries) {
    it(`prints ${what}`, async () => {
      const run = await home.run([...get, '--query', query]);
      assert.equal(run.code, 0, run.stderr);
      assert.equal(run.stdout, prints);
    });
  }

  it('goes with --json, where a string stays raw', async () => {
    assert.equal((await home.run([...get, '--query', 'device.id', '--json'])).stdout, 'd1\n');
  });

  it('goes with ndjson and yaml', async () => {
    const list = ['devicetype', 'list', '--take', '3', '--sort-field', 'id', '--sort-order', 'ASC'];
    const lines = await home.run([...list, '--query', 'deviceTypes[].id', '-o', 'ndjson']);
    assert.equal(lines.stdout, '1\n2\n3\n');
    const yaml = await home.run([...list, '--query', 'deviceTypes[].id', '-o', 'yaml']);
    assert.deepEqual(parse(yaml.stdout), [1, 2, 3]);
  });
});

describe('stderr', () => {
  it('names the embedded server, not with --quiet', async () => {
    assert.match((await home.run([...update, '--embedded'])).stderr, /embedded/);
    assert.equal((await home.run([...update, '--embedded', '--quiet'])).stderr, '');
  });

  it('holds exactly one line with --json, warnings in it', async () => {
    const run = await home.run(['command', 'get', '--device', 'd1', '--id', '7', '--token', 'bad', '--json']);
    assert.equal(run.code, 4, run.stderr);
    const error = errorOf(run);
    assert.ok(JSON.stringify(error['warnings']).includes('--token'));
  });
});
