import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { connect } from '../src/index.ts';
import { Home } from './helpers/cli.ts';
import { embeddedServer } from './helpers/embeddedServer.ts';
import { assertHarms, harmsIn } from './helpers/harms.ts';

const folder = fileURLToPath(new URL('.', import.meta.url));

/** Tests of the server itself, of the library as users see it, and of the counting of harm. */
const exempt = /^(server|bench|fuzz|helpers)\/|^(index|e2e\/package\/package)\.test\.ts$/;

describe('a test that does harm', () => {
  it('fails by a server in its process, unless it lists exactly that', async () => {
    const list = async (expected: { readonly size?: number; readonly unread?: number }) => {
      await using server = await embeddedServer({}, expected);
      await using connection = await connect({ url: server.url, credentials: server });
      const device = { name: 'large', data: { blob: 'x'.repeat(1_100_000) } };
      await connection.request('device/save', { deviceId: 'large', device });
      await connection.request('device/list', {});
    };
    await assert.rejects(list({}), /would have stopped otherwise than expected/);
    await assert.rejects(list({ size: 2 }), /would have stopped otherwise than expected/);
    await assert.rejects(list({ size: 1, unread: 1 }), /would have stopped otherwise than expected/);
    await list({ size: 1 });
  });

  it('fails by the program, even where that says little', async () => {
    using home = new Home();
    const data = JSON.stringify({ blob: 'x'.repeat(1_100_000) });
    const seed = `{"devices":[{"id":"large","name":"large","data":${data}}]}`;
    const run = (harms: { readonly size?: number }) =>
      home.run(['request', 'device/list', '--embedded', '--seed', '-', '-q'], { stdin: seed, harms });
    await assert.rejects(run({}), /would have stopped otherwise than expected/);
    assert.equal((await run({ size: 1 })).code, 0);
  });

  it('is found by the lines of a log, by errors in JSON and by the list of a strict server', () => {
    const line = 'warn: a real DeviceHive would have stopped here: …; do that (PROTOCOL.md 7, Q41)';
    assert.deepEqual(harmsIn(`${line}\n${line}\nstopped\n`), { joining: 2 });
    assert.deepEqual(harmsIn(JSON.stringify({ warnings: [line, line.replace('Q41', 'Q42')] })), {
      joining: 1,
      unread: 1,
    });
    assert.deepEqual(harmsIn(`${line}\nwarning: 3 × size (device/list): …\n`), { size: 3 });
    assert.throws(() => assertHarms({}, { size: 1 }, ''), /otherwise than expected/);
  });
});

describe('tests of commands', () => {
  it('start embedded servers by the helpers that count harm only', () => {
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
    const wrong = files
      .filter((file) => !exempt.test(file))
      .filter((file) =>
        /import \{[^}]*\bstartServer\b[^}]*\} from '[./]*\/src\//.test(readFileSync(`${folder}${file}`, 'utf8')),
      );
    assert.deepEqual(wrong, []);
  });
});
