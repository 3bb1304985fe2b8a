import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { connect, type Connection } from '../../../../src/index.ts';
import type { Bundle } from '../../../../src/simulate/measure/bundle.ts';
import { Home } from '../../../helpers/cli.ts';
import { startServer } from '../../../helpers/runningServer.ts';
import { JobController } from './jobController.ts';
import { printed } from './printed.ts';

const home = new Home();
after(() => home[Symbol.dispose]());
// the recipe is for a POSIX shell
const skip = process.platform === 'win32';

const files = {
  'plans/fleet.yaml': `
fleets:
  - id: "lamp-{index}"
    count: 12
    behaviour: ../lib/lamp.ts
    notifications: [{ name: light, every: 500ms, parameters: { v: { csv: { file: day.csv, column: value } } } }]
traffic: [{ command: switch, rate: 10/s, wait: done, timeout: 20s }]
load: { for: 4s, max-loop-delay: 1h, max-send-lag: 1h }
assert: [lost == 0, commands.received == 40, notifications.received == 96]
`,
  'plans/day.csv': 'value\n1\n2\n',
  'lib/lamp.ts': "import { on } from './on.js';\nexport const commands = { switch: on };\n",
  'lib/on.ts': "export const on = () => 'done';\n",
};
for (const [file, text] of Object.entries(files)) {
  mkdirSync(join(home.work, file, '..'), { recursive: true });
  writeFileSync(join(home.work, file), text);
}

/** Makes the devices, so that they can be listened to. Returns when each of them has told something. */
async function heardOf(connection: Connection): Promise<Promise<unknown>[]> {
  const ids = Array.from({ length: 12 }, (_, index) => `lamp-${index}`);
  return Promise.all(
    ids.map(async (deviceId) => {
      await connection.request('device/save', { deviceId, device: { name: deviceId } });
      return connection.subscribe('notification/subscribe', { deviceId });
    }),
  ).then((subscriptions) => subscriptions.map((pushes) => pushes[Symbol.asyncIterator]().next()));
}

describe('a printed manifest in the hands of a job controller', { skip, concurrency: 2 }, () => {
  it('plays the whole run, whose results the recipe adds', async () => {
    await using server = await startServer(home);
    const { url, accessToken } = server.ready;
    writeFileSync(join(home.work, 'token'), accessToken);
    const args = ['plans/fleet.yaml', '--shards', '3', '--package', '0.1.0', '--cleanup'];
    const way = ['--url', url, '--token-file', 'token', '--header', 'X-Room: @token', '--header', 'X-Price: $$(HOME)'];
    const { stdout } = await printed(home, [...args, ...way]);
    const secrets = { 'devicehive-token': { token: accessToken }, 'devicehive-connection': { 'header-x-room': '7' } };
    const cluster = new JobController(home, 'healthy', secrets);
    const script = await cluster.run(stdout, () => Promise.resolve());
    assert.equal(script.code, 0, script.stderr);
    const { shards, parts, outcome } = JSON.parse(script.stdout) as Bundle;
    assert.deepEqual([shards, parts?.missing, parts?.cut, outcome], [[0, 1, 2], [], [], 'ok']);
  });

  it('keeps the results of all others when a node is drained and another one dies', async () => {
    await using server = await startServer(home);
    const { url, login, password } = server.ready;
    await using connection = await connect({ url, credentials: { login, password } });
    const firstNews = await heardOf(connection);
    const { stdout } = await printed(home, ['plans/fleet.yaml', '--shards', '3', '--for', '6s', '--url', url]);
    const cluster = new JobController(home, 'drained', { devicehive: { login, password } });
    const script = await cluster.run(stdout, async (pods) => {
      const [, drained = assert.fail(), dead = assert.fail()] = pods;
      await Promise.all(firstNews);
      cluster.delete(drained);
      dead.process.kill('SIGKILL');
    });
    assert.equal(script.code, 11, script.stderr);
    assert.match(script.stderr, /the result of shard 2 of 3 is missing[^]*shard 1 of 3 was stopped before the end/);
    const { shards, parts, ledger } = JSON.parse(script.stdout) as Bundle;
    assert.deepEqual([shards, parts?.missing, parts?.cut], [[0, 1], [2], [1]]);
    assert.deepEqual([ledger.commands.lost, ledger.notifications.lost], [0, 0]);
  });
});
