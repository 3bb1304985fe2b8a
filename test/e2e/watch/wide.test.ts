import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { connect, type Connection } from '../../../src/client/index.ts';
import type { Frame } from '../../../src/protocol/frames.ts';
import type { RunningServer, Seed } from '../../../src/server/index.ts';
import { busySessions } from '../../helpers/busySessions.ts';
import { Home } from '../../helpers/cli.ts';
import { embeddedServer } from '../../helpers/embeddedServer.ts';
import { jsonLines, startWatch } from './watching.ts';

const home = new Home();
after(() => home[Symbol.dispose]());

/** A client of network 2, who reaches all device types: 1 to 8 and, as the ninth, Door. */
const seed: Seed = {
  networks: [{ name: 'Hall' }],
  deviceTypes: [{ name: 'Door' }],
  devices: [{ id: 'door-7', network: 'Hall', deviceType: 'Door' }],
  users: [{ login: 'ops', password: 'secret1', networks: ['Hall'] }],
};
const allTypes = [1, 2, 3, 4, 5, 6, 7, 8, 9];

/** Returns the flags that name the server and its administrator, or the client. */
async function as(server: RunningServer, who: 'admin' | 'client'): Promise<string[]> {
  const credentials = { login: 'ops', password: 'secret1' };
  await using connection = await connect({ url: server.url });
  const token = who === 'admin' ? server : (await connection.request('token', credentials)).reply;
  writeFileSync(join(home.work, `${who}.txt`), token.accessToken, { mode: 0o600 });
  return ['--url', server.url, '--token-file', `${who}.txt`];
}

/** Returns the subscribe frames of a trace. */
function subscribesIn(file: string): Frame[] {
  return jsonLines(readFileSync(join(home.work, file), 'utf8'))
    .filter(({ kind }) => kind === 'sent')
    .map(({ text }) => JSON.parse(String(text)) as Frame)
    .filter(({ action }) => String(action).endsWith('/subscribe'))
    .map(({ requestId: _requestId, ...frame }) => frame);
}

const insert = (connection: Connection, deviceId: string) =>
  connection.request('command/insert', { deviceId, command: { command: 'open' } });

describe('a watch without a device', () => {
  it('names networks and device types both, whoever watches, and harms no busy server', async () => {
    await using server = await embeddedServer({ seed, strict: true });
    await using _others = await busySessions(server);
    await using admin = await connect({ url: server.url, credentials: server });
    for (const [who, flags, expected] of [
      ['admin', ['--network', '2'], { networkIds: [2], deviceTypeIds: allTypes }],
      ['admin', ['--device-type', '9'], { networkIds: [1, 2], deviceTypeIds: [9] }],
      ['admin', [], {}],
      ['client', [], { networkIds: [2], deviceTypeIds: allTypes }],
      ['client', ['--network', '2'], { networkIds: [2], deviceTypeIds: allTypes }],
    ] as const) {
      const words = ['command', 'watch', ...(await as(server, who)), ...flags, '--count', '1'];
      await using watch = await startWatch(home, [...words, '--trace-file', 'trace.ndjson']);
      await insert(admin, 'door-7');
      const { code, stderr } = await watch.end;
      assert.equal(code, 0, stderr);
      assert.deepEqual(subscribesIn('trace.ndjson').at(-1), { action: 'command/subscribe', ...expected });
    }
    assert.deepEqual(server.harms, []);
  });

  it('follows a device type that is new', async () => {
    await using server = await embeddedServer({ seed, strict: true });
    await using _others = await busySessions(server);
    await using admin = await connect({ url: server.url, credentials: server });
    const words = ['notification', 'watch', ...(await as(server, 'admin'))];
    await using watch = await startWatch(home, [...words, '--network', '2', '--count', '1', '-v']);
    const { reply } = await admin.request('devicetype/insert', { deviceType: { name: 'Gate' } });
    const device = { name: 'Gate', networkId: 2, deviceTypeId: reply.deviceType.id };
    await admin.request('device/save', { deviceId: 'gate-1', device });
    await watch.said('stderr', /"networkIds":\[2\],"deviceTypeIds":\[10\][^]*"subscriptionId"/);
    await admin.request('notification/insert', { deviceId: 'gate-1', notification: { notification: 'up' } });
    const { code, stdout } = await watch.end;
    assert.equal(code, 0);
    assert.equal((JSON.parse(stdout) as { notification: Frame }).notification['deviceId'], 'gate-1');
    assert.deepEqual(server.harms, []);
  });

  it('says with --dry-run which list is read before', async () => {
    const run = await home.run(['notification', 'watch', '--network', '2', '--dry-run']);
    assert.deepEqual(
      [run.code, run.stderr],
      [0, 'the frame will hold deviceTypeIds too: all that devicetype/list gives\n'],
    );
    assert.deepEqual(JSON.parse(run.stdout), { action: 'notification/subscribe', requestId: 1, networkIds: [2] });
  });
});

describe('a raw subscribe', () => {
  it('is sent as it is, with a warning where the server knows one list only', async () => {
    await using server = await embeddedServer({ seed });
    const both = '{"networkIds":[2],"deviceTypeIds":[9]}';
    for (const [who, data, list] of [
      ['admin', '{"networkIds":[2]}', 'deviceTypeIds'],
      ['admin', '{"deviceTypeIds":[9],"networkIds":[]}', 'networkIds'],
      ['client', '{}', 'deviceTypeIds'],
      ['admin', '{}', undefined],
      ['admin', both, undefined],
      ['client', both, undefined],
      ['client', '{"deviceId":"door-7"}', undefined],
    ] as const) {
      const words = ['request', 'command/subscribe', ...(await as(server, who)), '--data', data, '-q'];
      const { code, stderr } = await home.run(words);
      assert.equal(code, 0, stderr);
      if (list === undefined) assert.equal(stderr, '', data);
      else assert.match(stderr, new RegExp(`^warning: command/subscribe names no ${list}: .* may freeze`), data);
    }
  });

  it('would freeze a real server beside others', async () => {
    await using server = await embeddedServer({ seed }, { joining: 1 });
    await using _others = await busySessions(server);
    const words = ['request', 'command/subscribe', ...(await as(server, 'admin')), '--data', '{"networkIds":[2]}'];
    assert.equal((await home.run(words)).code, 0);
    assert.deepEqual(
      server.harms.map(({ kind, action }) => `${kind} ${action}`),
      ['joining command/subscribe'],
    );
  });

  it('is warned of once for all lines of a batch', async () => {
    await using server = await embeddedServer({ seed });
    const line = '{"action":"notification/subscribe","networkIds":[2]}\n';
    const words = ['batch', '-', ...(await as(server, 'admin'))];
    const run = await home.run(words, { stdin: line.repeat(3) });
    assert.equal(run.code, 0, run.stderr);
    assert.equal(run.stderr.match(/warning: notification\/subscribe names no deviceTypeIds/g)?.length, 1, run.stderr);
  });
});
