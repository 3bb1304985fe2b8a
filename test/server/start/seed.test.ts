import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { Failure } from '../../../src/errors.ts';
import { startServer, type Seed, type ServerOptions } from '../../../src/server/index.ts';
import { ManualClock } from '../../../src/server/manualClock.ts';
import { Pipelining, type RawReply } from '../../helpers/pipelining.ts';
import { starting } from '../starting.ts';

const folder = mkdtempSync(join(tmpdir(), 'devicehive-seed-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a server, does the work over a connection of its administrator, and closes the server. */
async function during<T>(options: ServerOptions, work: (client: Pipelining) => Promise<T>): Promise<T> {
  await using server = await startServer(options);
  return await work(await Pipelining.open(server));
}

async function listOf(client: Pipelining, noun: string, plural: string): Promise<RawReply[]> {
  return (await client.done(`${noun}/list`, { take: 100 }))[plural] as RawReply[];
}

/** Returns what is wrong with a seed, a line each. */
async function problemsOf(seed: unknown, options: ServerOptions = {}): Promise<string[]> {
  const error: unknown = await starting({ ...options, seed: seed as Seed }).catch((reason: unknown) => reason);
  assert.ok(error instanceof Failure, 'the seed is refused');
  assert.equal(error.kind, 'invalid');
  return (error.problems ?? []).map(({ at, message }) => `${at} ${message}`.trim());
}

const hall: Seed = {
  networks: [{ name: 'Hall', description: 'Ground floor' }, { name: 'Roof' }],
  deviceTypes: [{ name: 'Door' }],
  devices: [
    { id: 'door-7', name: 'Front door', data: { wing: 'left' }, network: 'Hall', deviceType: 'Door', isBlocked: true },
    { id: 'plain' },
    { id: 'by-id', network: 3, deviceType: 2 },
  ],
  users: [
    { login: 'ops', password: 's3cret!', networks: ['Hall', 1], deviceTypes: ['Door'], data: { team: 'b' } },
    { login: 'root', password: 's3cret!', role: 'administrator' },
    { login: 'off', password: 's3cret!', role: 1, status: 'disabled', introReviewed: true },
  ],
};

describe('a seed', () => {
  it('adds networks, types, devices and users to a fresh DeviceHive, without the demo device', async () => {
    await during({ seed: hall }, async (client) => {
      const devices = await listOf(client, 'device', 'devices');
      assert.deepEqual(
        devices.map(({ name, networkId, deviceTypeId, isBlocked, data }) => [
          name,
          networkId,
          deviceTypeId,
          isBlocked,
          data,
        ]),
        [
          ['Sample Device', 1, 1, false, null],
          ['Front door', 2, 9, true, { wing: 'left' }],
          ['plain', 1, 1, false, null],
          ['by-id', 3, 2, false, null],
        ],
      );
      const { user } = (await client.done('user/get', { userId: 2 })) as { user: RawReply };
      const { networks, login, role, status, data, allDeviceTypesAvailable } = user;
      assert.deepEqual(
        [(networks as RawReply[]).map(({ name }) => name), login, role, status, data, allDeviceTypesAvailable],
        [['Sample Network', 'Hall'], 'ops', 1, 0, { team: 'b' }, false],
      );
      const { deviceTypes } = await client.done('user/getDeviceTypes', { userId: 2 });
      assert.deepEqual(deviceTypes, [{ id: 9, name: 'Door', description: null }]);
      const users = await listOf(client, 'user', 'users');
      assert.deepEqual(
        users.map(({ role: one, status: other, introReviewed }) => [one, other, introReviewed]),
        [
          [0, 0, false],
          [1, 0, false],
          [0, 0, false],
          [1, 2, true],
        ],
      );
      await client.done('token', { login: 'ops', password: 's3cret!' });
    });
  });

  it('overrides the content of a fresh DeviceHive', async () => {
    const seed: Seed = {
      networks: [{ name: 'Sample Network', description: 'ours' }],
      users: [{ login: 'dhadmin', password: 'our-own-password' }],
      configuration: { 'jwt.secret': 'a-secret-of-our-own', 'user.login.maxAttempts': 3, 'our.flag': true },
    };
    await using server = await startServer({ seed });
    assert.equal(server.password, 'our-own-password');
    const client = await Pipelining.open(server);
    const [network] = await listOf(client, 'network', 'networks');
    assert.deepEqual(network, { id: 1, name: 'Sample Network', description: 'ours' });
    const value = async (name: string) => {
      const { configuration } = await client.done('configuration/get', { name });
      return (configuration as RawReply)['value'];
    };
    assert.equal(await value('user.login.maxAttempts'), '3');
    assert.equal(await value('our.flag'), 'true');
    await using wellKnown = await startServer();
    assert.equal((await client.ask('authenticate', { token: wellKnown.accessToken }))['code'], 401);
  });

  it('gives way to a chosen secret and password', async () => {
    const seed: Seed = {
      users: [{ login: 'dhadmin', password: 'password-of-seed' }],
      configuration: { 'jwt.secret': 'secret-of-seed' },
    };
    const keys = { secret: 'chosen-secret', adminPassword: 'chosen-password' };
    await using server = await startServer({ seed, ...keys });
    assert.equal(server.password, 'chosen-password');
    await using same = await startServer({ secret: 'chosen-secret' });
    await (await Pipelining.open(server)).done('authenticate', { token: same.accessToken });
  });

  it('brings commands and notifications, which live 120 seconds unless they are to be kept', async () => {
    const clock = new ManualClock();
    const seed: Seed = {
      devices: [{ id: 'a' }],
      commands: [
        { deviceId: 'a', command: 'open', id: 7, parameters: { n: 1 }, keep: true },
        { deviceId: 'a', command: 'shut', id: 8, status: 'done', result: { ok: true }, lifetime: 5 },
        { deviceId: 'a', command: 'old', timestamp: '2020-01-01T00:00:00.000Z' },
      ],
      notifications: [
        { deviceId: 'a', notification: 'temperature', id: 9, parameters: { value: 21.5 }, keep: true },
        { deviceId: 'a', notification: 'brief' },
      ],
    };
    await during({ seed, clock }, async (client) => {
      const names = async () => {
        const { commands } = await client.done('command/list', { deviceId: 'a' });
        const { notifications } = await client.done('notification/list', { deviceId: 'a' });
        return [
          (commands as RawReply[]).map(({ command }) => command),
          (notifications as RawReply[]).map(({ notification }) => notification),
        ];
      };
      assert.deepEqual(await names(), [
        ['old', 'open', 'shut'],
        ['temperature', 'brief'],
      ]);
      const { command } = await client.done('command/get', { deviceId: 'a', commandId: 8 });
      const { status, result, lifetime, userId, networkId } = command as RawReply;
      assert.deepEqual([status, result, lifetime, userId, networkId], ['done', { ok: true }, 5, 1, 1]);
      clock.advance(120_000);
      assert.deepEqual(await names(), [['open'], ['temperature']]);
      await client.done('command/update', { deviceId: 'a', commandId: 7, command: { status: 'done' } });
      clock.advance(500_000);
      assert.deepEqual(await names(), [['open'], ['temperature']]);
    });
  });

  it('adds missing entities to a file, and changes no existing ones', async () => {
    const data = join(folder, 'hive.db');
    const seed: Seed = {
      ...hall,
      configuration: { a: '1' },
      commands: [{ deviceId: 'door-7', command: 'open', id: 7 }],
    };
    await during({ data, seed }, async (client) => {
      await client.done('device/save', { deviceId: 'door-7', device: { name: 'Renamed' } });
      await client.done('network/update', { networkId: 2, network: { description: 'changed' } });
      await client.done('user/update', { userId: 2, user: { password: 'changed-1' } });
      await client.done('configuration/put', { name: 'a', value: '2' });
      await client.done('device/delete', { deviceId: 'plain' });
    });
    await during({ data, seed }, async (client) => {
      const devices = await listOf(client, 'device', 'devices');
      assert.deepEqual(devices.map(({ id, name }) => [id, name]).slice(1), [
        ['door-7', 'Renamed'],
        ['by-id', 'by-id'],
        ['plain', 'plain'],
      ]);
      assert.equal((await listOf(client, 'network', 'networks'))[1]?.['description'], 'changed');
      assert.equal((await listOf(client, 'user', 'users')).length, 4);
      await client.done('token', { login: 'ops', password: 'changed-1' });
      const { configuration } = await client.done('configuration/get', { name: 'a' });
      assert.equal((configuration as RawReply)['value'], '2');
      await client.done('command/get', { deviceId: 'door-7', commandId: 7 });
    });
  });
});

describe('a seed that is wrong', () => {
  it('is refused with all problems of its shape at once', async () => {
    assert.deepEqual(
      await problemsOf({
        network: [],
        devices: [{ id: 'a b', nmae: 'x' }, { name: 'no id' }],
        users: [{ login: 'x', password: 'short', role: 'boss' }],
        commands: [{ deviceId: 'a', command: 'c', id: 0, keep: 'yes' }],
      }),
      [
        'network is not known here (did you mean networks?)',
        'devices[0].nmae is not known here (did you mean name?)',
        'devices[0].id must be letters, digits and dashes, at most 48',
        'devices[1].id is required',
        'users[0].login must have at least 3 characters',
        'users[0].password must have at least 6 characters',
        'users[0].role must be one of administrator, client, 0, 1',
        'commands[0].id must be >= 1',
        'commands[0].keep must be a boolean',
      ],
    );
    for (const text of [null, [], 'text', 7]) {
      assert.deepEqual(await problemsOf(text), [
        'must be an object with networks, deviceTypes, devices, users, configuration, commands or notifications',
      ]);
    }
  });

  it('is refused with all missing references and all duplicates', async () => {
    const big = { text: 'x'.repeat(1_100_000) };
    assert.deepEqual(
      await problemsOf({
        networks: [{ name: 'Hall' }, { name: 'Hall' }],
        devices: [{ id: 'a', network: 'Hal', deviceType: 99 }, { id: 'b' }, { id: 'b' }],
        users: [
          { login: 'ops' },
          { login: 'dev', password: 's3cret!', networks: ['Attic'], deviceTypes: ['Cars', 'Caars'] },
        ],
        configuration: { ['x'.repeat(33)]: '1' },
        commands: [
          { deviceId: 'b', command: 'c', id: 7 },
          { deviceId: 'b', command: 'c', id: 7 },
          { deviceId: 'none', command: 'c' },
          { deviceId: 'b', command: 'c', timestamp: '999999999999999999' },
          { deviceId: 'b', command: 'c', parameters: big },
        ],
        notifications: [{ deviceId: 'b', notification: 'n', parameters: { value: Infinity } }],
      }),
      [
        'networks[1].name occurs twice: Hall',
        'devices[0].network must be an existing network, not "Hal" (did you mean Hall?)',
        'devices[0].deviceType must be an existing device type, not 99',
        'devices[2].id occurs twice: b',
        'users[0].password is required for a new user',
        'users[1].networks[0] must be an existing network, not "Attic"',
        'users[1].deviceTypes[1] must be an existing device type, not "Caars" (did you mean Cars?)',
        `configuration.${'x'.repeat(33)} must have a name of 1 to 32 characters`,
        'commands[1].id occurs twice for b',
        'commands[2].deviceId must be an existing device, not none',
        'commands[3].timestamp is not a time',
        'commands[4] is too large: a DeviceHive server stops working over more than about 1 MiB',
        'notifications[0].parameters must be JSON, which has no Infinity',
      ],
    );
  });

  it('is refused where a device has nowhere to be', async () => {
    const data = join(folder, 'empty.db');
    await during({ data }, async (client) => client.done('network/delete', { networkId: 1, force: true }));
    assert.deepEqual(
      await problemsOf({ devices: [{ id: 'a' }], commands: [{ deviceId: 'a', command: 'c' }] }, { data }),
      ['devices[0].network is required: there is no network yet'],
    );
  });

  it('makes no file, and changes none', async () => {
    const data = join(folder, 'untouched.db');
    await problemsOf({ networks: [{ name: 'Hall' }], devices: [{ id: 'a', network: 'Attic' }] }, { data });
    await during({ data }, async (client) => assert.equal((await listOf(client, 'network', 'networks')).length, 1));
    await problemsOf({ networks: [{ name: 'Hall' }], devices: [{ id: 'a', network: 'Attic' }] }, { data });
    await during({ data }, async (client) => assert.equal((await listOf(client, 'network', 'networks')).length, 1));
  });

  it('is refused where its secret would let anybody sign tokens', async () => {
    const seed = { configuration: { 'jwt.secret': 'abc' } };
    await assert.rejects(starting({ seed }), /jwt\.secret.*too short/);
  });
});
