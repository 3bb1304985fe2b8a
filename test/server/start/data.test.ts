import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { Failure } from '../../../src/errors.ts';
import { startServer, type RunningServer, type ServerOptions } from '../../../src/server/index.ts';
import { Pipelining, type RawReply } from '../../helpers/pipelining.ts';
import { starting } from '../starting.ts';

const folder = mkdtempSync(join(tmpdir(), 'devicehive-data-'));
after(() => rmSync(folder, { recursive: true, force: true }));

let count = 0;

/** Returns the path of a file that does not exist yet. */
function newFile(): string {
  return join(folder, `hive-${++count}.db`);
}

/** Runs a server on the file, does the work over a connection of its administrator, and closes the server. */
async function during<T>(
  data: string,
  work: (client: Pipelining, server: RunningServer) => Promise<T>,
  options: ServerOptions = {},
): Promise<T> {
  await using server = await startServer({ ...options, data });
  return await work(await Pipelining.open(server), server);
}

/** Returns all saved data, as a client sees it. */
async function contentOf(client: Pipelining): Promise<Record<string, unknown>> {
  const all = { take: 1000 };
  const { devices } = await client.done('device/list', all);
  const { networks } = await client.done('network/list', all);
  const { deviceTypes } = await client.done('devicetype/list', all);
  const { users } = (await client.done('user/list', all)) as unknown as { users: { id: number }[] };
  const details = await Promise.all(users.map(({ id }) => client.done('user/get', { userId: id })));
  return { devices, networks, deviceTypes, users: details.map(({ user }) => withoutLastLogin(user as RawReply)) };
}

function withoutLastLogin({ lastLogin: _lastLogin, ...user }: RawReply): RawReply {
  return user;
}

describe('what is kept in a file', () => {
  it('is what a fresh DeviceHive holds, without the demo device, when the file is new', async () => {
    await during(newFile(), async (client, server) => {
      const { devices, networks, deviceTypes, users } = await contentOf(client);
      assert.deepEqual(
        (devices as { name: string }[]).map(({ name }) => name),
        ['Sample Device'],
      );
      assert.deepEqual(
        [networks, deviceTypes, users].map((list) => (list as unknown[]).length),
        [1, 8, 1],
      );
      assert.equal(server.password, 'dhadmin_#911');
    });
  });

  it('is found again after a restart as it was left', async () => {
    const data = newFile();
    const before = await during(data, async (client) => {
      for (const [action, fields] of [
        ['network/insert', { network: { name: 'Hall' } }],
        ['network/insert', { network: { name: 'Roof', description: 'high' } }],
        ['network/update', { networkId: 2, network: { name: 'Great Hall', description: 'a' } }],
        ['devicetype/insert', { deviceType: { name: 'Door' } }],
        ['devicetype/delete', { deviceTypeId: 2 }],
        ['device/save', { deviceId: 'a', device: { name: 'é✓ "quoted"', data: { n: 1, nested: [{}] }, networkId: 3 } }],
        ['device/save', { deviceId: 'b', device: { name: 'b', deviceTypeId: 9, isBlocked: true } }],
        ['device/save', { deviceId: 'a', device: { name: 'A', data: { text: 'x'.repeat(100_000) } } }],
        ['user/insert', { user: { login: 'ops', password: 'secret-1', role: 1, data: { a: 1 } } }],
        ['user/insert', { user: { login: 'gone', password: 'secret-1', role: 1 } }],
        ['user/delete', { userId: 3 }],
        ['user/assignNetwork', { userId: 2, networkId: 2 }],
        ['user/disallowAllDeviceTypes', { userId: 2 }],
        ['user/assignDeviceType', { userId: 2, deviceTypeId: 9 }],
        ['user/update', { userId: 2, user: { login: 'operator', status: 2, introReviewed: true } }],
      ] as const)
        await client.done(action, fields);
      return contentOf(client);
    });
    assert.deepEqual(await during(data, contentOf), before);
    assert.deepEqual(await during(data, contentOf), before, 'and after another one');
  });

  it('keeps numbers as they were spelled', async () => {
    const data = newFile();
    const text =
      '{"action":"device/save","requestId":0,"deviceId":"n","device":{"name":"n","data":{"a":1.50,"b":1e3}}}';
    await during(data, async (client) => {
      client.socket.send(text);
      await client.done('server/info');
    });
    await during(data, async (client) => {
      const said = new Promise<string>((resolve) =>
        client.socket.once('message', (bytes: Buffer) => resolve(bytes.toString())),
      );
      client.socket.send('{"action":"device/get","deviceId":"n"}');
      assert.match(await said, /"data":\{"a":1\.50,"b":1e3\}/);
    });
  });

  it('never uses an id twice, not even one that was deleted before it was ever saved', async () => {
    const data = newFile();
    const ids = async (client: Pipelining, name: string) => {
      const replies = [
        client.done('network/insert', { network: { name } }),
        client.done('devicetype/insert', { deviceType: { name } }),
        client.done('user/insert', { user: { login: name, password: 'secret-1', role: 1 } }),
      ];
      const [network, deviceType, user] = (await Promise.all(replies)) as Record<string, { id: number }>[];
      return [network?.['network']?.id, deviceType?.['deviceType']?.id, user?.['user']?.id];
    };
    await during(data, async (client) => {
      const [networkId = 0, deviceTypeId = 0, userId = 0] = await ids(client, 'first');
      assert.deepEqual([networkId, deviceTypeId, userId], [2, 9, 2]);
      await Promise.all([
        client.done('network/delete', { networkId }),
        client.done('devicetype/delete', { deviceTypeId }),
        client.done('user/delete', { userId }),
        client.done('network/insert', { network: { name: 'brief' } }),
        client.done('network/delete', { networkId: networkId + 1 }),
      ]);
    });
    assert.deepEqual(await during(data, (client) => ids(client, 'second')), [4, 10, 3]);
  });

  it('holds properties with their versions', async () => {
    const data = newFile();
    await during(data, async (client) => {
      for (const value of ['1', '2', '3']) await client.done('configuration/put', { name: 'a', value });
      await client.done('configuration/delete', { name: 'user.login.lastTimeout' });
    });
    await during(data, async (client) => {
      const { configuration } = await client.done('configuration/get', { name: 'a' });
      assert.deepEqual(configuration, { id: 3, name: 'a', value: '3', entityVersion: 2 });
      assert.equal((await client.ask('configuration/get', { name: 'user.login.lastTimeout' }))['code'], 404);
    });
  });

  it('does not hold commands and notifications, which live 120 seconds', async () => {
    const data = newFile();
    await during(data, async (client) => {
      await client.done('device/save', { deviceId: 'a', device: { name: 'a' } });
      await client.done('command/insert', { deviceId: 'a', command: { command: 'blink' } });
    });
    await during(data, async (client) => {
      assert.deepEqual((await client.done('command/list', { deviceId: 'a' }))['commands'], []);
    });
  });
});

describe('logins and tokens', () => {
  it('are good over a restart: the secret is kept, and so are passwords and the time of the last login', async () => {
    const data = newFile();
    const tokens = await during(data, async (client) => {
      const user = { login: 'ops', password: 'secret-1', role: 1 };
      await client.done('user/insert', { user });
      return client.done('token', { login: 'ops', password: 'secret-1' });
    });
    await during(data, async (client) => {
      const { user } = (await client.done('user/get', { userId: 2 })) as { user: RawReply };
      assert.equal(typeof user['lastLogin'], 'string');
      await client.done('authenticate', { token: tokens['accessToken'] });
      await client.done('token/refresh', { refreshToken: tokens['refreshToken'] });
      await client.done('token', { login: 'ops', password: 'secret-1' });
      assert.equal((await client.ask('token', { login: 'ops', password: 'secret-2' }))['code'], 401);
    });
  });

  it('count wrong passwords over restarts, until the user is locked out', async () => {
    const data = newFile();
    const fail = async (client: Pipelining, times: number) => {
      for (let time = 0; time < times; time++) await client.ask('token', { login: 'ops', password: 'wrong-1' });
    };
    await during(data, async (client) => {
      await client.done('user/insert', { user: { login: 'ops', password: 'secret-1', role: 1 } });
      await fail(client, 9);
    });
    await during(data, (client) => fail(client, 1));
    await during(data, async (client) => {
      const reply = await client.ask('token', { login: 'ops', password: 'secret-1' });
      assert.equal(reply['error'], 'User is locked or disabled');
    });
  });

  it('take a secret and a password that are given, and keep them', async () => {
    const data = newFile();
    const old = await during(data, (_client, server) => Promise.resolve(server.accessToken));
    const keys = { secret: 'a-secret-of-our-own', adminPassword: 'our-own-password' };
    await during(data, (_client, server) => Promise.resolve(assert.equal(server.password, keys.adminPassword)), keys);
    await during(data, async (client, server) => {
      assert.equal(server.password, undefined, 'only its hash is known');
      assert.equal((await client.ask('authenticate', { token: old }))['code'], 401);
      await client.done('token', { login: 'dhadmin', password: keys.adminPassword });
      assert.equal((await client.ask('token', { login: 'dhadmin', password: 'dhadmin_#911' }))['code'], 401);
      const { configuration } = await client.done('configuration/get', { name: 'jwt.secret' });
      assert.equal((configuration as RawReply)['value'], keys.secret);
    });
  });

  it('have a secret of their own once the well-known one is deleted', async () => {
    const data = newFile();
    const old = await during(data, async (client, server) => {
      await client.done('configuration/delete', { name: 'jwt.secret' });
      return server.accessToken;
    });
    await during(data, async (client) => {
      assert.equal((await client.ask('authenticate', { token: old }))['code'], 401);
      const { configuration } = await client.done('configuration/get', { name: 'jwt.secret' });
      assert.match(String((configuration as RawReply)['value']), /^[0-9a-v]{26}$/);
    });
  });

  it('are those of another administrator where dhadmin is no longer one', async () => {
    const data = newFile();
    await during(data, async (client) => {
      await client.done('user/insert', { user: { login: 'root', password: 'secret-1', role: 0 } });
      await client.done('user/update', { userId: 1, user: { role: 1 } });
    });
    await during(data, (_client, server) => Promise.resolve(assert.equal(server.login, 'root')));
  });

  it('are refused at the start where nobody could log in, and restored by a given password', async () => {
    const data = newFile();
    await during(data, (client) => client.done('user/update', { userId: 1, user: { status: 2 } }));
    await assert.rejects(starting({ data }), (error: Failure) => {
      assert.equal(error.kind, 'usage');
      assert.match(error.message, /active administrator/);
      return true;
    });
    await during(data, (client) => client.done('user/list'), { adminPassword: 'our-own-password' });
    await during(data, (client) => client.done('user/list'));
  });

  it('must not be the well-known ones where others can connect', async () => {
    const data = newFile();
    const open = { data, host: '0.0.0.0' };
    await assert.rejects(starting(open), /0\.0\.0\.0 would let others in/);
    const keys = { secret: 'a-secret-of-our-own', adminPassword: 'our-own-password' };
    await during(data, () => Promise.resolve(), keys);
    await (await startServer(open)).close();
  });
});
