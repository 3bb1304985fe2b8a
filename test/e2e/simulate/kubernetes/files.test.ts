import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { Home } from '../../../helpers/cli.ts';
import { printed, type Manifest } from './printed.ts';

const home = new Home();
after(() => home[Symbol.dispose]());

/** Writes files below a folder of its own, which it returns. */
function folderOf(name: string, files: Readonly<Record<string, string | Buffer>>): string {
  const folder = join(home.work, name);
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(join(folder, file, '..'), { recursive: true });
    writeFileSync(join(folder, file), content);
  }
  return folder;
}

/** The files of a pod's /plan, by their paths. */
function filesOf({ configMap, job }: Manifest): Record<string, string> {
  const plan = job.spec.template.spec.volumes.find(({ name }) => name === 'plan');
  return Object.fromEntries(
    (plan?.configMap?.items ?? []).map(({ key, path }) => [
      path,
      configMap?.data[key] ?? configMap?.binaryData?.[key] ?? '',
    ]),
  );
}

const replay = (file: string, count = 2) =>
  `fleets: [{ id: "sim-{index}", count: ${count}, notifications: [{ name: n, every: 1s, parameters: { v: { csv: { file: ${file}, column: value } } } }] }]\n`;

describe('the files of a plan', () => {
  it('travel with all that its modules import, in the folders that they are in', async () => {
    const files = {
      'plans/fleet.yaml': 'fleets: [{ id: "lamp-{index}", count: 2, behaviour: ../lib/lamp.ts }]\n',
      'lib/lamp.ts':
        "import { readFileSync } from 'node:fs';\nimport type { Behaviour } from 'devicehive-cli';\nimport { on } from './parts/on.js';\nvoid readFileSync;\nexport const commands: Behaviour['commands'] = { on };\n",
      'lib/parts/on.ts': "const names = require('../names.json');\nexport const on = () => names.done;\n",
      'lib/names.json': '{ "done": "done" }',
      'lib/other.ts': 'nobody imports it',
    };
    const folder = folderOf('imports', files);
    const manifest = await printed(home, [join(folder, 'plans/fleet.yaml'), '--shards', '2']);
    assert.equal(manifest.code, 0, manifest.stderr);
    const { 'lib/other.ts': _other, ...used } = files;
    assert.deepEqual(filesOf(manifest), used);
    const command = manifest.container.command.join(' ');
    assert.match(command, /simulate run \/plan\/plans\/fleet\.yaml .*--allow-outside/);
  });

  it('travel byte by byte, those of one name too', async () => {
    const folder = folderOf('bytes', {
      'fleet.yaml': replay('a/day.csv'),
      'a/day.csv': 'value\r\n1\r\ny\r\n"0x1F"\r\n',
      'lamp.cjs': 'exports.commands = { on: () => "done" };\n',
    });
    const crlf = await printed(home, [join(folder, 'fleet.yaml'), '--shards', '2']);
    assert.deepEqual(filesOf(crlf), {
      'fleet.yaml': replay('a/day.csv'),
      'a/day.csv': 'value\r\n1\r\ny\r\n"0x1F"\r\n',
    });
    const flags = ['--devices', '2', '--notify', 'n=csv(a/day.csv,value) every 1s', '--shards', '2'];
    const ofFlags = await printed(home, flags, { cwd: folder });
    assert.deepEqual(Object.keys(filesOf(ofFlags)), ['a/day.csv'], ofFlags.stderr);
    assert.equal(ofFlags.container.workingDir, '/plan');
    const alone = await printed(home, ['lamp.cjs', '--devices', '2', '--shards', '2'], { cwd: folder });
    assert.deepEqual(Object.keys(filesOf(alone)), ['lamp.cjs']);
    const piped = await printed(home, ['-', '--shards', '2'], { cwd: folder, stdin: replay('a/day.csv') });
    assert.deepEqual(Object.keys(filesOf(piped)), ['plan.yaml', 'a/day.csv']);
  });

  it('may share a name', async () => {
    const csv = (file: string) =>
      `{ name: n, every: 1s, parameters: { v: { csv: { file: ${file}, column: value } } } }`;
    const folder = folderOf('names', {
      'fleet.yaml': `fleets: [{ id: "sim-{index}", count: 2, notifications: [${csv('a/day.csv')}, ${csv('b/day.csv')}] }]\n`,
      'a/day.csv': 'value\n1\n',
      'b/day.csv': 'value\n2\n',
    });
    const { 'a/day.csv': a, 'b/day.csv': b } = filesOf(
      await printed(home, [join(folder, 'fleet.yaml'), '--shards', '1']),
    );
    assert.deepEqual([a, b], ['value\n1\n', 'value\n2\n']);
  });

  it('over 256 KiB are applied by the server, over 1 MiB are refused with a way', async () => {
    const rows = (bytes: number) => `value\n${'1234567\n'.repeat(bytes / 8)}`;
    const folder = folderOf('heavy', {
      'light.yaml': replay('light.csv'),
      'light.csv': rows(200 * 1024),
      'heavy.yaml': replay('heavy.csv'),
      'heavy.csv': rows(300 * 1024),
      'huge.yaml': replay('huge.csv'),
      'huge.csv': rows(1024 * 1024),
    });
    const light = await printed(home, [join(folder, 'light.yaml'), '--shards', '2']);
    assert.match(light.stdout, /^#> kubectl apply -f/m);
    const heavy = await printed(home, [join(folder, 'heavy.yaml'), '--shards', '2']);
    assert.match(heavy.stdout, /^#> kubectl apply --server-side -f/m);
    const huge = await printed(home, [join(folder, 'huge.yaml'), '--shards', '2']);
    assert.deepEqual([huge.code, huge.stdout], [2, '']);
    assert.match(huge.stderr, /weigh 1\.0 MiB, and a ConfigMap holds 1 MiB[^]*--image and --plan-in-image/);
    const way = ['--image', 'hive:2', '--plan-in-image', '/plan/huge.yaml'];
    const inImage = await printed(home, [join(folder, 'huge.yaml'), '--shards', '2', ...way]);
    assert.equal(inImage.resources.length, 1);
    assert.equal(inImage.container.command[3], '/plan/huge.yaml');
  });

  it('that no pod would find are refused', async () => {
    const folder = folderOf('packages', {
      'fleet.yaml': 'fleets: [{ id: "lamp-{index}", behaviour: ./lamp.cjs }]\n',
      'lamp.cjs': 'const { chalk } = require("chalk"); exports.commands = { on: () => "done" };\n',
      'node_modules/chalk/package.json': '{ "name": "chalk", "main": "index.js" }',
      'node_modules/chalk/index.js': '',
      'absolute.yaml': replay(join(home.work, 'packages/day.csv'), 1),
      'day.csv': 'value\n1\n',
    });
    const packages = await printed(home, [join(folder, 'fleet.yaml'), '--shards', '1']);
    assert.deepEqual([packages.code, packages.stdout], [2, '']);
    assert.match(packages.stderr, /lamp\.cjs imports chalk, which no pod has/);
    const absolute = await printed(home, [join(folder, 'absolute.yaml'), '--shards', '1']);
    assert.deepEqual([absolute.code, absolute.stdout], [2, '']);
    assert.match(absolute.stderr, /day\.csv, which is elsewhere in a pod/);
  });
});
