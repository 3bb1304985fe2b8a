import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Replies } from '../../../src/protocol/frames.ts';
import { ask, outcome, restWorld } from '../http.ts';

type User = Replies['user/get']['user'];
type World = Awaited<ReturnType<typeof restWorld>>;

/** Returns a token of a client-role user; by default all its permissions reach everything. */
function clientToken(server: World, claims: Parameters<World['issued']>[0] = {}): { id: number; token: string } {
  const { id } = server.client(`client-${server.hive.users.all().length}`);
  return { id, token: server.issued({ u: id, ...claims }) };
}

describe('tokens over REST', () => {
  const refresh = (server: World, body: unknown) => ask(server, 'POST', '/auth/rest/token/refresh', { body });

  it('that are invalid are refused by the framework, where a WebSocket gets a 500', async () => {
    await using server = await restWorld();
    const user = server.client('gone');
    const theirs = server.issued({ u: user.id, t: 0 });
    server.admin.ask('user/delete', { userId: user.id });
    for (const refreshToken of ['junk', theirs]) {
      const { status, headers, body } = await refresh(server, { refreshToken });
      assert.deepEqual([status, headers['content-type']], [401, 'application/json']);
      assert.deepEqual(body, {
        timestamp: '2026-11-22T22:13:45.123',
        status: 401,
        error: 'Unauthorized',
        path: '/auth/rest/token/refresh',
      });
    }
  });

  it('are checked by type, then by time, then by user', async () => {
    await using server = await restWorld();
    const user = server.client('gone');
    const access = server.issued({ u: user.id });
    const expired = server.issued({ u: user.id, t: 0, e: server.clock.now() - 1 });
    server.admin.ask('user/delete', { userId: user.id });
    const message = async (refreshToken: string) => (await refresh(server, { refreshToken })).body;
    assert.deepEqual(await message(access), { error: 401, message: 'Invalid token type' });
    assert.deepEqual(await message(expired), { error: 401, message: 'Token has expired' });
    const { status, body } = await refresh(server, { refreshToken: server.issued({ t: 0 }) });
    assert.deepEqual([status, Object.keys(body as object)], [201, ['accessToken']]);
  });

  it('that are missing make the real server fall over, but not a body that is missing', async () => {
    await using server = await restWorld();
    for (const body of [{}, { refreshToken: null }, { refreshToken: '' }])
      assert.equal((await refresh(server, body)).status, 500);
    const of = (path: string, body: unknown, token?: string) => outcome(server, 'POST', path, { body, token });
    const missing = '400 Error! Validation failed: Object is null';
    assert.equal(await of('/auth/rest/token/refresh', 'null'), missing);
    assert.equal(await of('/auth/rest/token', ''), missing);
    assert.equal(
      await of('/auth/rest/token', { login: null }),
      '400 Invalid or empty authorization request parameters',
    );
    assert.equal(await of('/auth/rest/token/create', 'null', server.token), '500 null');
    assert.match(
      await of('/auth/rest/token/create', {}, server.token),
      /^400 .*userId \(value: null\): must not be null ; $/s,
    );
    assert.equal(await of('/auth/rest/token/create', { userId: 1, actions: 'x' }), '400 Invalid request parameters');
    assert.equal(await of('/auth/rest/token/create', { userId: 1.5, actions: [] }), '400 Invalid request parameters');
    assert.equal(await of('/auth/rest/token/create', { userId: 1 }), '401 Unauthorized');
  });

  it('are given for login and password, or not', async () => {
    await using server = await restWorld();
    const login = (body: object) => outcome(server, 'POST', '/auth/rest/token', { body });
    assert.equal(await login({ login: 'dhadmin', password: 'wrong-one' }), '401 Invalid credentials');
    assert.equal(await login({ login: 'who', password: 'x' }), '401 User with login = who not found or bad password');
    assert.equal(await login({ login: ['dhadmin'], password: 'x' }), '400 Invalid request parameters');
  });
});

describe('users over REST', () => {
  it('do not count as logged in by their requests', async () => {
    await using server = await restWorld();
    const { id, token } = clientToken(server);
    assert.equal(await outcome(server, 'PUT', '/user/current', { token, body: { introReviewed: true } }), '204');
    const lastLogin = async () => ((await ask(server, 'GET', `/user/${id}`, server)).body as User).lastLogin;
    assert.equal(await lastLogin(), null);
    assert.equal(server.stranger().outcome('authenticate', { token }), 'success');
    assert.equal(await lastLogin(), '2026-11-22T22:13:45.123');
  });

  it('are hidden from clients with a 403 that says 404', async () => {
    await using server = await restWorld();
    const { id, token } = clientToken(server);
    for (const userId of [1, 999])
      assert.equal(
        await outcome(server, 'GET', `/user/${userId}`, { token }),
        `403 with 404 User with id = ${userId} not found`,
      );
    assert.equal(await outcome(server, 'GET', `/user/${id}`, { token }), '200');
    assert.equal(await outcome(server, 'GET', '/user/999', server), '404 User with id = 999 not found');
  });

  it('stay unchanged by an empty body', async () => {
    await using server = await restWorld();
    const { id } = server.client('someone');
    await ask(server, 'PUT', `/user/${id}`, { ...server, body: { data: { a: 1 } } });
    for (const body of ['', 'null']) {
      assert.equal(await outcome(server, 'PUT', `/user/${id}`, { ...server, body }), '204');
      assert.equal(await outcome(server, 'PUT', '/user/999', { ...server, body }), '404 User with id = 999 not found');
      assert.equal(await outcome(server, 'PUT', '/user/current', { ...server, body }), '204');
    }
    assert.deepEqual(((await ask(server, 'GET', `/user/${id}`, server)).body as { data: unknown }).data, { a: 1 });
    await ask(server, 'PUT', `/user/${id}`, { ...server, body: {} });
    assert.deepEqual(((await ask(server, 'GET', `/user/${id}`, server)).body as { data: unknown }).data, null);
  });

  it('get a 400 on creation for values that get a 500 on change', async () => {
    await using server = await restWorld();
    const { id } = server.client('someone');
    const post = (body: object) => outcome(server, 'POST', '/user', { ...server, body });
    const put = async (body: object) => (await ask(server, 'PUT', `/user/${id}`, { ...server, body })).status;
    assert.match(
      await post({ login: 'other', password: 'secret-123', role: 7 }),
      /^400 .*role should not be more than 1/s,
    );
    assert.equal(
      await post({ login: 'other', password: 'secret-123', role: 'CLIENT' }),
      '400 Invalid request parameters',
    );
    assert.match(await post({ login: 'a', password: 'secret-123', role: 1 }), /^400 .*from 3 to 128 symbols/);
    assert.equal(await put({ role: 7 }), 500);
    assert.equal(await put({ login: 'a' }), 500);
    assert.equal(await put({ status: 'ACTIVE' }), 400);
    assert.equal(await outcome(server, 'POST', '/user', server), '400 Error! Validation failed: Object is null');
    const made = await ask(server, 'POST', '/user', {
      ...server,
      body: { login: 'new', password: 'secret-123', role: 1 },
    });
    const view = { lastLogin: null, data: null, introReviewed: false, allDeviceTypesAvailable: true };
    assert.deepEqual([made.status, made.body], [201, { id: 3, ...view }]);
  });

  it('are listed whole, by pattern rather than login', async () => {
    await using server = await restWorld();
    for (let count = 0; count < 25; count++) server.client(`many-${count}`);
    const list = async (query: string) => (await ask(server, 'GET', `/user?${query}`, server)).body as unknown[];
    assert.equal((await list('')).length, 26);
    assert.equal((await list('loginPattern=many-1%25&login=dhadmin')).length, 11);
    assert.equal((await list('take=3&skip=1&sortField=LOGIN')).length, 3);
    assert.equal((await list('role=0&status=')).length, 1);
  });

  it('have each device type if they have all', async () => {
    await using server = await restWorld();
    const { id } = server.client('someone');
    const type = (typeId: number) => outcome(server, 'GET', `/user/${id}/devicetype/${typeId}`, server);
    assert.equal(await type(3), '200');
    assert.equal(await type(99), `404 Device type with id 99 for user with id ${id} not found`);
    await ask(server, 'DELETE', `/user/${id}/devicetype/all`, server);
    assert.equal(await type(3), `404 Device type with id 3 for user with id ${id} not found`);
    await ask(server, 'PUT', `/user/${id}/devicetype/3`, server);
    assert.equal(await type(3), '200');
  });

  it('count the device types that they may see', async () => {
    await using server = await restWorld();
    const { id, token } = clientToken(server);
    const count = async () => (await ask(server, 'GET', '/devicetype/count', { token })).body;
    assert.deepEqual(await count(), { count: 8 });
    await ask(server, 'DELETE', `/user/${id}/devicetype/all`, server);
    await ask(server, 'PUT', `/user/${id}/devicetype/3`, server);
    assert.deepEqual(await count(), { count: 1 });
  });

  it('who are deleted come no further than the door', async () => {
    await using server = await restWorld();
    const { id, token } = clientToken(server);
    server.admin.ask('user/delete', { userId: id });
    const { status, text, headers } = await ask(server, 'GET', '/user/current', { token });
    assert.deepEqual([status, text, headers['content-type']], [401, '', undefined]);
  });
});

describe('commands over REST', () => {
  it('that do not exist get a 404, unlike over a WebSocket', async () => {
    await using server = await restWorld();
    const put = (path: string, body: unknown) => outcome(server, 'PUT', path, { ...server, body });
    assert.equal(await put('/device/d1/command/7', { status: 'x' }), '404 Command with id = 7 not found');
    assert.equal(await put('/device/d1/command/7', 'null'), '404 Command with id = 7 not found');
    assert.equal(await put('/device/no/command/42', {}), '404 Device with such deviceId = no not found');
    assert.equal(await put('/device/d1/command/x', {}), '404 HTTP 404 Not Found');
    assert.equal(await put('/device/d1/command/42', { status: {} }), '400 Invalid request parameters');
    assert.equal(await put('/device/d1/command/42', { command: {}, timestamp: 'junk' }), '204');
  });

  it('count as updated only once they are', async () => {
    await using server = await restWorld();
    const get = (query: string) =>
      outcome(server, 'GET', `/device/d1/command/42?returnUpdatedCommands=${query}`, server);
    assert.equal(await get('TRUE'), '404 Command with id = 42 not found');
    assert.equal(await get('yes'), '200');
    await ask(server, 'PUT', '/device/d1/command/42', { ...server, body: {} });
    assert.equal(await get('true'), '200');
  });

  it('are listed a hundred at a time, the latest first', async () => {
    await using server = await restWorld();
    for (let count = 0; count < 103; count++) {
      server.clock.advance(1);
      server.admin.ask('command/insert', { deviceId: 'd1', command: { command: `c${count}`, status: 'new' } });
    }
    const list = async (query: string) => {
      const { body } = await ask(server, 'GET', `/device/d1/command?${query}`, server);
      return (body as { command: string }[]).map(({ command }) => command);
    };
    assert.equal((await list('')).length, 100);
    assert.equal((await list('take=110&command=&status=')).length, 104);
    assert.deepEqual(await list('take=2'), ['c102', 'c101']);
    assert.deepEqual(await list('take=2&sortOrder=up&status=NEW'), ['c0', 'c1']);
    assert.deepEqual(await list('take='), []);
  });

  it('go to any device that a token for all reaches, unless others can reach the server', async () => {
    for (const isExposed of [false, true]) {
      await using server = await restWorld({ isExposed });
      const { token } = clientToken(server);
      const expected = isExposed ? '404 Device with such deviceId = d1 not found' : '201';
      assert.equal(await outcome(server, 'POST', '/device/d1/command', { token, body: { command: 'x' } }), expected);
    }
  });
});

describe('other things over REST', () => {
  it('notifications have names that are the server’s own', async () => {
    await using server = await restWorld();
    const post = (body: object) => outcome(server, 'POST', '/device/no/notification', { ...server, body });
    const special = "403 It's forbidden to insert these special notifications: $device-update, $device-add.";
    assert.equal(await post({ notification: '$device-update' }), special);
    assert.equal(await post({ notification: '' }), '404 Device with such deviceId = no not found');
    assert.equal(await post({ parameters: {} }), '400 Invalid request parameters');
  });

  it('notifications are shown to who may see the device', async () => {
    await using server = await restWorld();
    const elsewhere = { token: server.issued({ n: ['9'] }) };
    assert.equal(await outcome(server, 'GET', '/device/d1/notification', elsewhere), '403 Access is denied');
    assert.equal(await outcome(server, 'GET', '/device/d1/notification/1', elsewhere), '403 Access is denied');
    assert.equal(server.holder({ n: ['9'] }).outcome('notification/list', { deviceId: 'd1' }), 'success');
  });

  it('properties are missed by the framework when they are read only', async () => {
    await using server = await restWorld();
    const { status, body } = await ask(server, 'GET', '/configuration/no%20such', server);
    assert.deepEqual([status, (body as { path: string }).path], [404, '/dh/rest/configuration/no%20such']);
    const text = 'Requested config with name = no such not found in the database';
    assert.equal(await outcome(server, 'DELETE', '/configuration/no%20such', server), `404 ${text}`);
    const long = { ...server, body: { value: 'v' }, token: undefined };
    assert.match(await outcome(server, 'PUT', `/configuration/${'x'.repeat(33)}`, long), /^400 Name cannot be empty/);
  });

  it('networks are listed whole, and forced away', async () => {
    await using server = await restWorld();
    for (let count = 0; count < 25; count++) server.hive.networks.insert({ name: `many-${count}`, description: null });
    const list = async (query: string) =>
      (await ask(server, 'GET', `/network?${query}`, server)).body as { id: number }[];
    assert.equal((await list('')).length, 26);
    assert.deepEqual(
      (await list('sortField=ID&sortOrder=desc&take=1')).map(({ id }) => id),
      [26],
    );
    assert.match(await outcome(server, 'DELETE', '/network/1?force=1', server), /^400 There are the following devices/);
    assert.equal(await outcome(server, 'DELETE', '/network/1?force=True', server), '204');
    assert.equal(await outcome(server, 'GET', '/device/d1', server), '404 Device with such deviceId = d1 not found');
  });

  it('devices are checked by the letters of their ids before anything else', async () => {
    await using server = await restWorld();
    const text = '400 Device Id can only contain letters, digits and dashes.';
    assert.equal(await outcome(server, 'PUT', '/device/a_b', { body: 'null' }), text);
    assert.equal(await outcome(server, 'PUT', '/device/a-b', { body: 'null' }), '401 Unauthorized');
    assert.equal(
      await outcome(server, 'PUT', '/device/a-b', { ...server, body: '' }),
      '400 Error! Validation failed: \nObject is null',
    );
    assert.equal(
      await outcome(server, 'GET', '/device?take=-1&skip=-1'),
      '400 must be greater than or equal to 0must be greater than or equal to 0',
    );
  });
});

describe('what REST never answers', () => {
  const silent = [
    ['GET', '/network?skip=-1', '4.26'],
    ['GET', '/devicetype?sortOrder=up', '4.26'],
    ['GET', '/device?sortOrder=', '4.23'],
    ['GET', '/device?sortField=status', '4.23'],
    ['GET', '/user?take=-1', '4.31'],
    ['GET', '/user?skip=-1', '4.31'],
    ['GET', '/device/d1/command?take=-1', '4.14'],
    ['PUT', '/device/d1/command/42', '4.12'],
  ] as const;

  it('is explained in the log, without secrets', async () => {
    await using server = await restWorld();
    for (const [method, path, section] of silent) {
      const asked = ask(server, method, `${path}${path.includes('?') ? '&name=x' : ''}`, server);
      asked.catch(() => undefined);
      while (server.log.length === 0) await ask(server, 'GET', '/info');
      const [entry] = server.log.splice(0);
      const what = `${method} /dh/rest${path.split('?')[0] ?? ''} is left without a reply, as DeviceHive leaves it`;
      assert.deepEqual([entry?.level, entry?.message, entry?.section], ['warn', what, `PROTOCOL.md ${section}`]);
    }
  });

  it('is answered with 400 where everything is', async () => {
    await using server = await restWorld({ answerAll: true });
    for (const [method, path] of silent) assert.match(await outcome(server, method, path, server), /^400 /, path);
    assert.equal(await outcome(server, 'POST', '/network', server), '400 Network is required');
    assert.equal(await outcome(server, 'GET', '/device/d1/command/x', server), '400 Command id is wrong or empty');
    assert.equal(await outcome(server, 'PUT', '/network/1', { ...server, body: '' }), '400 Network is required');
    assert.equal((await ask(server, 'GET', '/configuration/none', server)).status, 404);
    assert.deepEqual(server.log, []);
  });
});
