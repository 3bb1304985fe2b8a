import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { RunningServer } from '../../../src/server/index.ts';
import { Home } from '../../helpers/cli.ts';
import { embeddedServer } from '../../helpers/embeddedServer.ts';
import { Terminal } from '../../helpers/terminal.ts';

const home = new Home();
let server: RunningServer;
const env = () => ({ DEVICEHIVE_URL: server.url, DEVICEHIVE_TOKEN: server.accessToken });
before(async () => {
  server = await embeddedServer();
});
after(async () => {
  await server.close();
  home[Symbol.dispose]();
});

/** Returns what a command leaves on a terminal of so many columns, and its exit code. */
async function shown(line: string, columns: number): Promise<{ readonly lines: string[]; readonly code: number }> {
  using terminal = Terminal.start(home, line.split(' '), { env: env() });
  terminal.resize(columns);
  const code = await terminal.ended();
  return { lines: terminal.text.trimEnd().split('\n'), code };
}

describe('what stands on a terminal', () => {
  for (const columns of [80, 40]) {
    it(`is one line for each command at ${columns} columns, without the reply around them`, async () => {
      const parameters = JSON.stringify({ text: 'x'.repeat(30), more: [1, 2, 3], last: 'y'.repeat(30) });
      await home.run(['command', 'insert', '--device', 'd1', '--command', 'go', '--parameters', parameters], {
        env: env(),
      });
      const { lines } = await shown('command list --device d1', columns);
      const at = lines.findIndex((line) => line.startsWith('id '));
      assert.match(lines[at + 1] ?? '', /^42 +.*blink/);
      assert.match(lines[at + 2] ?? '', /^\d+ +.*go/);
      assert.doesNotMatch(lines.join('\n'), /requestId|success|^action/m);
      for (const line of lines.slice(at)) assert.ok(line.length <= columns, line);
      assert.match(lines.join(' ').replace(/ +/g, ' '), /left out: .*deviceId.*; -o yaml shows everything/);
    });

    it(`breaks no word of doctor and no word of an error at ${columns} columns`, async () => {
      const { lines } = await shown('doctor', columns);
      const { lines: errors } = await shown('device get --no-input', columns);
      for (const line of [...lines, ...errors]) {
        const words = line.trim().split(/ +/);
        assert.ok(line.length <= columns || words.length <= 2 || line.includes('devicehive '), line);
      }
    });
  }

  it('says of an empty list what there is none of', async () => {
    const { lines } = await shown('notification list --device d1', 80);
    assert.equal(lines.at(-1), 'no notifications');
    const { lines: types } = await shown('devicetype list --name nobody', 80);
    assert.equal(types.at(-1), 'no device types');
    const { stdout } = await home.run(['notification', 'list', '--device', 'd1'], { env: env() });
    assert.match(stdout, /"notifications":\[\]/);
  });

  it('cuts no id and no URL at 40 columns', async () => {
    const long = 'e50d6085-2aba-48e9-b1c3-73c673e414be';
    const { lines } = await shown('device list', 40);
    assert.ok(
      lines.some((line) => line.trim() === long),
      lines.join('\n'),
    );
    const { lines: told } = await shown('doctor', 40);
    assert.equal(told.filter((line) => line.trim().split(' ')[0] === server.url).length, 2, told.join('\n'));
  });

  it('is a short line for each line of a batch', async () => {
    const requests = [
      { action: 'device/save', deviceId: 'd2', device: { name: 'x' } },
      { action: 'device/get', deviceId: 'nobody' },
      { action: 'device/get' },
    ];
    writeFileSync(join(home.work, 'lines.ndjson'), requests.map((one) => `${JSON.stringify(one)}\n`).join(''));
    const { lines, code } = await shown('batch lines.ndjson', 80);
    assert.equal(code, 10);
    const text = lines.join('\n');
    assert.match(text, /^ok 1 device\/save\nrefused 2 device\/get: .*404.*\n/m);
    assert.match(text, /^invalid 3 deviceId is required; nothing was sent$/m);
    const { lines: json } = await shown('batch lines.ndjson --json', 80);
    assert.match(json.join(''), /"line":1,"outcome":"ok"/);
  });
});
