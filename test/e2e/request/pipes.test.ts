import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { ended, Home } from '../../helpers/cli.ts';
import { fakeServer } from '../../helpers/fakeServer.ts';
import { serverForAll } from '../../helpers/runningServer.ts';

const home = new Home();
serverForAll(home);

const get = ['device', 'get', '--device', 'd1'];
const escape = '\u001b';

describe('stdout', () => {
  it('that nobody reads is a success', async () => {
    for (const flags of [[], ['--all', '-o', 'ndjson']]) {
      const child = home.start(['device', 'list', ...flags, '-q']);
      child.stdin?.end();
      child.stdout?.destroy();
      const { code, stderr } = await ended(child);
      assert.equal(code, 0, stderr);
      assert.equal(stderr, '');
    }
  });

  it('that is closed while a large reply waits to be read is a success', async () => {
    await using fake = await fakeServer({
      'device/get': () => ({ device: { data: { text: 'x'.repeat(2_000_000) } } }),
    });
    const child = home.start([...get, '--url', fake.url, '--token', '-']);
    child.stdin?.end('a-token');
    const { stdout } = child;
    assert.ok(stdout !== null);
    const end = ended(child);
    await once(stdout, 'data');
    stdout.destroy();
    const { code, stderr } = await end;
    assert.equal(code, 0, stderr);
    assert.equal(stderr, '');
  });

  it('gets a reply larger than any pipe whole', async () => {
    const text = 'ü'.repeat(1_000_000);
    await using fake = await fakeServer({ 'device/get': () => ({ device: { data: { text } } }) });
    const run = await home.run([...get, '--url', fake.url, '--token', '-', '--query', 'device.data.text'], {
      stdin: 'a-token',
    });
    assert.equal(run.code, 0, run.stderr);
    assert.ok(run.stdout === `${text}\n`);
  });

  it('in a pipe gets the control characters of the server as they came', async () => {
    const text = `${escape}[31mred\u0007\u009b`;
    const data = JSON.stringify({ text });
    assert.equal((await home.run(['device', 'save', '--device', 'odd', '--name', 'Odd', '--data', data])).code, 0);
    const odd = ['device', 'get', '--device', 'odd'];
    assert.equal((await home.run([...odd, '--query', 'device.data.text'])).stdout, `${text}\n`);
    assert.equal(
      (JSON.parse((await home.run(odd)).stdout) as { device: { data: { text: string } } }).device.data.text,
      text,
    );
    await home.run(['device', 'delete', '--device', 'odd']);
  });
});
