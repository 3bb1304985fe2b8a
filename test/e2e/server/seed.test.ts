import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { bin, errorOf, Home } from '../../helpers/cli.ts';
import { startServer } from '../../helpers/runningServer.ts';

const home = new Home();
after(() => home[Symbol.dispose]());

/** The seed of the topic on seeds. */
const topic = readFileSync(new URL('../../../src/cli/commands/help/topics/seeds.md', import.meta.url), 'utf8');
const [, yaml = ''] = /^cat > seed\.yaml <<'END'\n(.*?)^END$/ms.exec(topic) ?? [];
writeFileSync(join(home.work, 'seed.yaml'), yaml);
writeFileSync(join(home.work, 'seed.json'), JSON.stringify({ devices: [{ id: 'json-1' }] }));
writeFileSync(
  join(home.work, 'wrong.yaml'),
  yaml.replace('network: Hall', 'network: Hal').replace('id: 7', 'id: seven'),
);
writeFileSync(join(home.work, 'broken.yaml'), 'devices: [\n');

const update = ['command', 'update', '--device', 'door-7', '--id', '7', '--status', 'done'];
const get = ['device', 'get', '--device', 'door-7', '--query', 'device.name'];

describe('--seed', { concurrency: 2 }, () => {
  it('with --embedded holds what the example of the topic says, and not device d1', async () => {
    const run = await home.run([...update, '--embedded', '--seed', 'seed.yaml']);
    assert.equal(run.code, 0, run.stderr);
    const demo = await home.run(['device', 'get', '--device', 'd1', '--embedded', '--seed', 'seed.yaml']);
    assert.equal(demo.code, 6, demo.stderr);
  });

  it('of exec reaches its command, from stdin too', async () => {
    for (const [file, stdin] of [
      ['seed.yaml', ''],
      ['-', yaml],
    ] as const) {
      const run = await home.run(['exec', '--seed', file, '--', process.execPath, bin, ...get], { stdin });
      assert.deepEqual([run.code, run.stdout], [0, 'Front door\n'], run.stderr);
    }
  });

  it('of server start may be JSON, and comes together with --data', async () => {
    await using server = await startServer(home, ['--seed', 'seed.json', '--data', 'hive.db']);
    const run = await home.run(['device', 'count', '--url', server.ready.url, '--token', '-', '--query', 'count'], {
      stdin: server.ready.accessToken,
    });
    assert.equal(run.stdout, '2\n', run.stderr);
  });

  for (const args of [
    ['server', 'start'],
    ['device', 'list', '--embedded'],
    ['exec', '--', 'true'],
  ]) {
    const flags = [...args.slice(0, 2), '--seed', 'wrong.yaml'];
    const words = args[0] === 'exec' ? ['exec', '--seed', 'wrong.yaml', '--', 'true'] : [...flags, ...args.slice(2)];
    it(`that is wrong ends with 3 and names lines: ${words.join(' ')}`, async () => {
      const run = await home.run(words);
      assert.equal(run.code, 3, run.stderr);
      assert.equal(run.stdout, '');
      assert.match(run.stderr, /wrong\.yaml:\d+:\d+: commands\[0\]\.id must be an integer/);
    });
  }

  it('reports every problem with its line in JSON', async () => {
    writeFileSync(join(home.work, 'unknown.yaml'), yaml.replace(/Hall/g, 'Hal').replace('- name: Hal', '- name: Hall'));
    const run = await home.run(['device', 'list', '--embedded', '--seed', 'unknown.yaml', '--json']);
    const { kind, problems } = errorOf(run) as { kind: string; problems: { at: string; message: string }[] };
    assert.equal(kind, 'invalid');
    assert.deepEqual(
      problems.map(({ at }) => at),
      ['unknown.yaml:7:5: devices[0].network', 'unknown.yaml:12:16: users[0].networks[0]'],
    );
    for (const { message } of problems) assert.match(message, /did you mean Hall\?/);
  });

  it('that does not parse ends with 3, a missing one with 2', async () => {
    const broken = await home.run(['server', 'start', '--seed', 'broken.yaml']);
    assert.equal(broken.code, 3, broken.stderr);
    assert.match(broken.stderr, /broken\.yaml:\d+:\d+: cannot be parsed/);
    const missing = await home.run(['server', 'start', '--seed', 'missing.yaml']);
    assert.equal(missing.code, 2, missing.stderr);
    assert.match(missing.stderr, /--seed.*missing\.yaml/);
  });

  it('is refused for a server that is not embedded', async () => {
    for (const words of [
      ['device', 'list', '--url', 'ws://127.0.0.1:9', '--seed', 'seed.yaml'],
      ['exec', '--url', 'ws://127.0.0.1:9', '--seed', 'seed.yaml', '--', 'true'],
    ]) {
      const run = await home.run(words);
      assert.equal(run.code, 2, run.stderr);
      assert.match(run.stderr, /--seed is for an embedded server, but --url names another one/);
    }
  });

  it('has no say in --no-demo, which leaves device d1 out of --embedded alone', async () => {
    const run = await home.run(['device', 'list', '--embedded', '--no-demo', '--query', 'devices[].name']);
    assert.equal(run.code, 0, run.stderr);
    assert.doesNotMatch(run.stdout, /d1/);
  });

  it('is refused together with --answer-all and --no-demo in one message', async () => {
    const url = ['--url', 'ws://127.0.0.1:9'];
    const one = await home.run(['device', 'list', ...url, '--answer-all']);
    assert.equal(one.code, 2, one.stderr);
    assert.match(one.stderr, /--answer-all is for an embedded server, but --url names another one/);
    const all = await home.run(['device', 'list', ...url, '--answer-all', '--seed', 'seed.yaml', '--no-demo']);
    assert.match(all.stderr, /--no-demo, --answer-all, --seed are for an embedded server, but --url names another one/);
  });
});
