import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ended, Home, type Ended } from '../../helpers/cli.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const home = new Home();
const project = join(home.folder, 'project');
const installed = join(project, 'node_modules/devicehive-cli');

/** Runs a program in a folder, with npm offline. */
async function run(command: string, args: readonly string[], cwd = project): Promise<Ended> {
  const env = { npm_config_cache: join(home.folder, 'npm'), npm_config_offline: 'true' };
  return ended(home.spawn(command, args, { cwd, env }));
}

async function succeeds(command: string, args: readonly string[], cwd?: string): Promise<string> {
  const { code, stdout, stderr } = await run(command, args, cwd);
  assert.equal(code, 0, `${stdout}${stderr}`);
  return stdout;
}

/** Writes a file of the project and returns its name. */
function file(name: string, text: string): string {
  writeFileSync(join(project, name), text);
  return name;
}

before(async () => {
  mkdirSync(project);
  file('package.json', '{"private":true}');
  await succeeds('npm', ['pack', '--silent', '--pack-destination', home.folder], root);
  const [tarball = ''] = readdirSync(home.folder).filter((name) => name.endsWith('.tgz'));
  await succeeds('npm', ['install', '--silent', join(home.folder, tarball)]);
});
after(() => home[Symbol.dispose]());

describe('the packed package', () => {
  it('holds what the last build made, the schemas, the document of the wire, and nothing else', () => {
    const built = readFileSync(join(root, 'dist/.inputs'), 'utf8').split('\n').slice(1);
    assert.deepEqual(readdirSync(join(installed, 'dist')).sort(), [...built].sort());
    const others = readdirSync(installed, { recursive: true, encoding: 'utf8' }).filter(
      (name) => !/^(dist|schemas)\b/.test(name) && statSync(join(installed, name)).isFile(),
    );
    assert.deepEqual(others.sort(), [
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'package.json',
      'src/protocol/PROTOCOL.md',
    ]);
    const schemas = (folder: string) => readdirSync(join(folder, 'schemas'), { recursive: true }).sort();
    assert.deepEqual(schemas(installed), schemas(root));
  });

  it('holds the licences of the bundled packages', () => {
    const text = readFileSync(join(installed, 'dist/LICENSES.txt'), 'utf8');
    for (const name of ['ws', 'commander', 'inquirer', 'yaml'])
      assert.match(text, new RegExp(`^${name} \\d.*\\n\\n.`, 'm'));
  });

  it('shows every topic of help', async () => {
    const folder = join(root, 'src/cli/commands/help/topics');
    for (const name of readdirSync(folder).filter((entry) => entry.endsWith('.md'))) {
      const words = ['help', 'topic', name.replace('.md', '')];
      const shown = await succeeds(join(project, 'node_modules/.bin/devicehive'), words);
      assert.equal(shown, readFileSync(join(folder, name), 'utf8'));
    }
  });

  for (const name of ['devicehive', 'dh']) {
    it(`runs as ${name}`, async () => {
      const update = ['command', 'update', '--device', 'd1', '--id', '42', '--status', 'done', '--embedded'];
      const reply = await succeeds(join(project, 'node_modules/.bin', name), update);
      assert.equal(reply, '{"action":"command/update","requestId":2,"status":"success"}\n');
    });
  }
});

describe('the library in the package', () => {
  it('runs the example of the README as it stands', async () => {
    const readme = readFileSync(join(installed, 'README.md'), 'utf8');
    const example = /^```js\n(\/\/ first\.mjs.*?)^```/ms.exec(readme)?.[1] ?? '';
    assert.match(await succeeds(process.execPath, [file('first.mjs', example)]), /^\d+\n$/);
  });

  it('runs the example of its topic as it stands', async () => {
    const topic = await succeeds(join(project, 'node_modules/.bin/devicehive'), ['help', 'library']);
    const example = /^```js\n(\/\/ lamp\.test\.mjs.*?)^```/ms.exec(topic)?.[1] ?? '';
    const told = await succeeds(process.execPath, ['--test', '--test-reporter', 'tap', file('lamp.test.mjs', example)]);
    assert.match(told, /^# pass 1$/m);
  });

  it('is one and the same for import and require', async () => {
    const script = `
      const required = require('devicehive-cli');
      import('devicehive-cli').then((imported) => {
        for (const name of Object.keys(required)) if (imported[name] !== required[name]) throw new Error(name);
        console.log(Object.keys(required).sort().join());
      });`;
    assert.equal(
      await succeeds(process.execPath, [file('both.cjs', script)]),
      'Failure,ManualClock,connect,startServer\n',
    );
  });

  it('does nothing when it is imported', async () => {
    const script = `
      const events = () => process.eventNames().map((name) => [name, process.listenerCount(name)]);
      const before = JSON.stringify([events(), Object.keys(globalThis)]);
      await import('devicehive-cli');
      console.log(JSON.stringify([events(), Object.keys(globalThis)]) === before);`;
    assert.equal(await succeeds(process.execPath, [file('effects.mjs', script)]), 'true\n');
  });

  it('keeps no process alive once everything is closed', async () => {
    const script = `
      import { connect, startServer } from 'devicehive-cli';
      const server = await startServer();
      const connection = await connect({ url: server.url, credentials: server });
      await connection.subscribe('notification/subscribe', {});
      await connection.close();
      await server.close();
      process.on('exit', () => console.log('ended by itself'));`;
    assert.equal(await succeeds(process.execPath, [file('closed.mjs', script)]), 'ended by itself\n');
  });

  it('connects by the HTTP client of its host, which may have its own ways', async () => {
    const script = `
      const http = require('node:http');
      const { connect, startServer } = require('devicehive-cli');
      const original = http.request;
      const paths = [];
      http.request = (...args) => (paths.push(args[0].path), original(...args));
      startServer().then(async (server) => {
        await (await connect({ url: server.url })).close();
        await server.close();
        console.log(paths.join());
      });`;
    assert.equal(await succeeds(process.execPath, [file('host.cjs', script)]), '/dh/websocket\n');
  });
});

const typed = `
import { connect, Failure, startServer, type Connection, type Reply, type Requests } from 'devicehive-cli';

const update: Requests['command/update'] = { deviceId: 'd1', commandId: 42, command: { status: 'done' } };

async function report(connection: Connection): Promise<Reply<'command/update'>> {
  return (await connection.request('command/update', update)).reply;
}

async function main(): Promise<void> {
  await using server = await startServer();
  await using connection = await connect({ url: server.url, credentials: server });
  const { status } = await report(connection);
  const { command } = (await connection.request('command/get', { deviceId: 'd1', commandId: 42 })).reply;
  console.log(status, command.status satisfies string | null);
  await connection.request('server/unheardOf', { any: 'field' }).catch(() => undefined);
  // @ts-expect-error -- the id of a command is a number
  await connection.request('command/get', { deviceId: 'd1', commandId: true }).catch((error: unknown) => {
    if (error instanceof Failure) console.log(error.kind, error.code);
  });
}
void main();
declare const console: { log(...texts: unknown[]): void };
`;

describe('the types in the package', () => {
  const settings = {
    target: 'ES2022',
    module: 'NodeNext',
    strict: true,
    exactOptionalPropertyTypes: true,
    types: [],
    outDir: 'out',
  };

  it('serve ES modules and CommonJS in TypeScript, with the types of no other package', async () => {
    const files = [file('typed.mts', typed), file('typed.cts', typed)];
    file('tsconfig.json', JSON.stringify({ compilerOptions: settings, files }));
    await succeeds(process.execPath, [join(root, 'node_modules/typescript/bin/tsc')]);
    for (const name of ['out/typed.mjs', 'out/typed.cjs']) {
      assert.equal(await succeeds(process.execPath, [name]), 'success done\nrefused 400\n');
    }
  });
});
