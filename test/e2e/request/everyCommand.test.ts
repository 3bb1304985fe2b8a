import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { wordsFor } from '../../../src/cli/flags/commandWords.ts';
import type { Frame } from '../../../src/protocol/frames.ts';
import { actionNames, type ActionName } from '../../../src/protocol/schema.ts';
import { Home } from '../../helpers/cli.ts';
import { serverForAll } from '../../helpers/runningServer.ts';

const home = new Home();
const server = serverForAll(home, () => {
  writeFileSync(join(home.work, 'password.txt'), server.ready.password);
  writeFileSync(join(home.work, 'new-password.txt'), 's3cret!');
  writeFileSync(join(home.work, 'refresh.txt'), server.ready.refreshToken);
});

/**
 * One command. `payload` names the key that its reply must have besides the envelope (PROTOCOL.md 4.0); `ID` stands for
 * the id of the last insert.
 */
interface Step {
  readonly action: ActionName;
  readonly flags?: readonly string[];
  readonly payload?: string;
}

const ID = 'ID';
const d1 = ['--device', 'd1'];
const past = '2020-01-01T00:00:00.000';

/** The commands about one kind of thing, in the order in which they run. */
const lives: Readonly<Record<string, readonly Step[]>> = {
  command: [
    {
      action: 'command/insert',
      flags: [...d1, '--command', 'set', '--parameters', '{"on":true}', '--lifetime', '60'],
      payload: 'command',
    },
    { action: 'command/update', flags: [...d1, '--id', ID, '--status', 'done', '--result', '{"ok":true}'] },
    { action: 'command/get', flags: [...d1, '--id', ID], payload: 'command' },
    {
      action: 'command/list',
      flags: [...d1, '--name', 'set', '--name', 'x', '--start', past, '--sort-field', 'timestamp', '--take', '5'],
      payload: 'commands',
    },
  ],
  notification: [
    {
      action: 'notification/insert',
      flags: [...d1, '--notification', 'temperature', '--parameters', '{"celsius":21.5}'],
      payload: 'notification',
    },
    { action: 'notification/get', flags: [...d1, '--id', ID], payload: 'notification' },
    {
      action: 'notification/list',
      flags: [...d1, '--notification', 'temperature', '--sort-order', 'DESC', '--take', '5'],
      payload: 'notifications',
    },
  ],
  device: [
    {
      action: 'device/save',
      flags: ['--device', 'hall-1', '--name', 'Hall', '--network', '1', '--device-type', '1', '--data', '{"room":1}'],
    },
    { action: 'device/save', flags: ['--device', 'hall-1', '--name', 'Hall', '--is-blocked'] },
    { action: 'device/get', flags: ['--device', 'hall-1'], payload: 'device' },
    { action: 'device/list', flags: ['--name-pattern', 'H%', '--network', '1', '--all'], payload: 'devices' },
    { action: 'device/count', flags: ['--network-name', 'Sample Network'], payload: 'count' },
    { action: 'device/delete', flags: ['--device', 'hall-1'] },
  ],
  network: [
    { action: 'network/insert', flags: ['--name', 'lab', '--description', 'second floor'], payload: 'network' },
    { action: 'network/get', flags: ['--id', ID], payload: 'network' },
    { action: 'network/update', flags: ['--id', ID, '--description', 'third floor'] },
    { action: 'network/list', flags: ['--name-pattern', '%a%', '--sort-field', 'name'], payload: 'networks' },
    { action: 'network/count', flags: ['--name', 'lab'], payload: 'count' },
    { action: 'network/delete', flags: ['--id', ID, '--force'] },
  ],
  devicetype: [
    { action: 'devicetype/insert', flags: ['--name', 'Lamps'], payload: 'deviceType' },
    { action: 'devicetype/get', flags: ['--id', ID], payload: 'deviceType' },
    { action: 'devicetype/update', flags: ['--id', ID, '--name', 'Lights', '--description', 'all that glows'] },
    { action: 'devicetype/list', flags: ['--sort-field', 'name', '--sort-order', 'ASC'], payload: 'deviceTypes' },
    { action: 'devicetype/count', flags: ['--name', 'Lights'], payload: 'count' },
    { action: 'devicetype/delete', flags: ['--id', ID, '--no-force'] },
  ],
  user: [
    {
      action: 'user/insert',
      flags: ['--login', 'ops', '--password-file', 'new-password.txt', '--role', '1', '--data', '{"team":"b"}'],
      payload: 'user',
    },
    { action: 'user/get', flags: ['--id', ID], payload: 'user' },
    { action: 'user/update', flags: ['--id', ID, '--status', '0', '--data', '{"team":"c"}'] },
    { action: 'user/list', flags: ['--login-pattern', 'o%', '--role', '1'], payload: 'users' },
    { action: 'user/count', flags: ['--login', 'ops'], payload: 'count' },
    { action: 'user/assignNetwork', flags: ['--id', ID, '--network', '1'] },
    { action: 'user/getNetwork', flags: ['--id', ID, '--network', '1'], payload: 'network' },
    { action: 'user/unassignNetwork', flags: ['--id', ID, '--network', '1'] },
    { action: 'user/disallowAllDeviceTypes', flags: ['--id', ID] },
    { action: 'user/assignDeviceType', flags: ['--id', ID, '--device-type', '2'] },
    { action: 'user/getDeviceType', flags: ['--id', ID, '--device-type', '2'], payload: 'deviceType' },
    { action: 'user/getDeviceTypes', flags: ['--id', ID], payload: 'deviceTypes' },
    { action: 'user/unassignDeviceType', flags: ['--id', ID, '--device-type', '2'] },
    { action: 'user/allowAllDeviceTypes', flags: ['--id', ID] },
    { action: 'user/delete', flags: ['--id', ID] },
    { action: 'user/getCurrent', payload: 'current' },
    { action: 'user/updateCurrent', flags: ['--intro-reviewed', '--data', '{"theme":"dark"}'] },
  ],
  configuration: [
    { action: 'configuration/put', flags: ['--name', 'sim.interval', '--value', '5'], payload: 'configuration' },
    { action: 'configuration/get', flags: ['--name', 'sim.interval'], payload: 'configuration' },
    { action: 'configuration/delete', flags: ['--name', 'sim.interval'] },
  ],
  token: [
    { action: 'token', flags: ['--login', 'dhadmin', '--password-file', 'password.txt'], payload: 'refreshToken' },
    { action: 'token/refresh', flags: ['--refresh-token-file', 'refresh.txt'], payload: 'accessToken' },
    {
      action: 'token/create',
      flags: [
        '--user',
        '1',
        '--action',
        'GetDeviceCommand',
        '--action',
        'UpdateDeviceCommand',
        '--network',
        '1',
        '--device-type',
        '*',
      ],
      payload: 'accessToken',
    },
    { action: 'authenticate' },
  ],
  server: [
    { action: 'server/info', payload: 'info' },
    { action: 'server/cacheInfo', payload: 'cacheInfo' },
    { action: 'cluster/info', payload: 'clusterInfo' },
    { action: 'subscription/list', flags: ['--type', 'command'], payload: 'subscriptions' },
  ],
};

/** Actions without their own command, which `request` sends. */
const throughRequest: readonly (Step & { readonly data: Frame })[] = [
  { action: 'command/subscribe', data: { deviceId: 'd1', names: ['set'], limit: 5 }, payload: 'subscriptionId' },
  { action: 'command/unsubscribe', data: {} },
  { action: 'notification/subscribe', data: { networkIds: [1], deviceTypeIds: [1] }, payload: 'subscriptionId' },
  { action: 'notification/unsubscribe', data: {} },
];

/** Runs one command line and returns its reply, which must be the success of that action. */
async function succeed({ action, payload }: Step, words: readonly string[]): Promise<Frame> {
  const run = await home.run(words);
  const line = ['devicehive', ...words].join(' ');
  assert.equal(run.code, 0, `${line}\n${run.stderr}`);
  assert.equal(run.stderr, '', line);
  const reply = JSON.parse(run.stdout) as Frame;
  assert.equal(reply['action'], action);
  assert.equal(reply['status'], 'success', line);
  if (payload !== undefined) assert.notEqual(reply[payload] ?? null, null, `${line}: ${payload} is missing`);
  return reply;
}

/** Returns the id of the inserted entity; undefined for a user's list of device types. */
function idIn(reply: Frame, payload: string | undefined): string | undefined {
  const thing = payload === undefined ? undefined : reply[payload];
  const id = typeof thing === 'object' && thing !== null ? (thing as Frame)['id'] : undefined;
  return typeof id === 'number' ? String(id) : undefined;
}

describe('every command of the protocol works with a running server', { concurrency: 4 }, () => {
  for (const [noun, steps] of Object.entries(lives)) {
    it(`${noun}: ${steps.map(({ action }) => action).join(', ')}`, async () => {
      let id: string | undefined;
      for (const step of steps) {
        const flags = (step.flags ?? []).map((word) => (word === ID ? (id ?? 'none yet') : word));
        const reply = await succeed(step, [...(wordsFor(step.action) ?? []), ...flags]);
        if (step.action.endsWith('/insert')) id = idIn(reply, step.payload);
      }
    });
  }

  for (const step of throughRequest) {
    it(`request ${step.action}`, async () => {
      await succeed(step, ['request', step.action, '--data', JSON.stringify(step.data)]);
    });
  }

  it('token create takes the ids of actions as well as their names, as its help says', async () => {
    const flags = ['--user', '1', '--action', 'GetDeviceCommand', '--action', '8', '--network', '1', '-n'];
    const run = await home.run(['token', 'create', ...flags]);
    assert.equal(run.code, 0, run.stderr);
    const { payload } = JSON.parse(run.stdout) as { payload: Frame };
    assert.deepEqual(payload['actions'], ['GetDeviceCommand', 8]);
  });

  it('leaves none out', () => {
    const tried = [...Object.values(lives).flat(), ...throughRequest].map(({ action }) => action);
    assert.deepEqual([...new Set(tried)].sort(), [...actionNames()].sort());
    for (const { action } of throughRequest) assert.equal(wordsFor(action), undefined, action);
  });
});
