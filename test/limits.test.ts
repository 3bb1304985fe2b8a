import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join, sep } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ended, Home, type Ended } from './helpers/cli.ts';

const home = new Home();
after(() => home[Symbol.dispose]());

const root = fileURLToPath(new URL('..', import.meta.url));
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: { test: string } };
const preloads = scripts.test.match(/--import \S+/g)?.flatMap((flag) => flag.split(' ')) ?? [];

let files = 0;

/** Runs a file of tests as `npm test` does, with these limits: between the ends of tests, and after the last one. */
function runTests(limitsMs: readonly number[], text: string): Promise<Ended> {
  const file = join(home.work, `${++files}.test.mjs`);
  writeFileSync(file, `import { it, before } from 'node:test';\n${text}`);
  const env = { TEST_LIMITS_MS: limitsMs.join(',') };
  return ended(
    home.spawn(process.execPath, [...preloads, '--test', '--test-reporter', 'spec', file], { cwd: root, env }),
  );
}

/** True if something listens there. */
async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

describe('a file of tests', { concurrency: 2 }, () => {
  const never = 'new Promise((resolve) => setTimeout(resolve, 1e9))';

  it('fails when a test never ends, and names the test', async () => {
    const { code, stdout } = await runTests([500, 20_000], `it('waits in vain', () => ${never});`);
    assert.equal(code, 1);
    assert.match(stdout, /no test of this file has ended for 0\.5 s\n {2}runs: waits in vain\n {2}open: .*Timeout/);
  });

  it('fails when what comes before its tests never ends', async () => {
    const { code, stdout } = await runTests([500, 20_000], `before(() => ${never});\nit('x', () => {});`);
    assert.equal(code, 1);
    assert.match(stdout, /no test of this file has ended/);
  });

  for (const [how, then] of [
    ['passes', ''],
    ['fails', "throw new Error('broken');"],
  ] as const) {
    it(`fails when a test ${how} and leaves something open, and says what`, async () => {
      const server = "import { createServer } from 'node:net';\nconst server = createServer();";
      const test = `it('x', () => { server.listen(0, '127.0.0.1'); ${then} });`;
      const { code, stdout } = await runTests([20_000, 500], `${server}\n${test}`);
      assert.equal(code, 1);
      assert.match(stdout, /no test of this file has ended for 0\.5 s\n {2}open: .*TCPServerWrap/);
    });
  }

  it('ends the programs that it has started', async () => {
    const { code, stdout } = await runTests(
      [20_000, 500],
      `import { Home } from '${new URL('helpers/cli.ts', import.meta.url).href}';
      it('starts a server', async () => {
        const child = new Home().start(['server', 'start', '--json']);
        for await (const line of child.stdout) return void console.log(String(line));
      });`,
    );
    assert.equal(code, 1);
    const [, port] = /127\.0\.0\.1:(\d+)/.exec(stdout) ?? assert.fail(stdout);
    while (await isListening(Number(port)));
  });
});

describe('npm test', () => {
  it('runs every file of tests: of a folder with all.room.ts in one process, of e2e and the top each in its own', () => {
    const folder = join(root, 'test');
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('.test.ts'),
    );
    const rooms = new Set(
      files.map((file) => file.split(sep)).flatMap(([room = '', rest]) => (rest === undefined ? [] : [room])),
    );
    rooms.delete('e2e');
    assert.deepEqual(
      [...rooms].filter((room) => !existsSync(join(folder, room, 'all.room.ts'))),
      [],
    );
  });
});
