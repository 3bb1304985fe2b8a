import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { like } from '../../src/server/reading/like.ts';
import { world, type Frame, type World } from './inMemory.ts';

describe('a fresh server', () => {
  it('holds what a new database does, and the demo', () => {
    const { admin } = world();
    const ids = (action: string, key: string) => (admin.ask(action)?.[key] as Frame[]).map(({ id }) => id);
    assert.deepEqual(ids('network/list', 'networks'), [1]);
    assert.deepEqual(ids('devicetype/list', 'deviceTypes'), [1, 2, 3, 4, 5, 6, 7, 8]);
    assert.deepEqual(ids('device/list', 'devices'), ['e50d6085-2aba-48e9-b1c3-73c673e414be', 'd1']);
    const property = (name: string) => admin.ask('configuration/get', { name })?.['configuration'];
    assert.deepEqual(property('jwt.secret'), { id: 2, name: 'jwt.secret', value: 'devicehive', entityVersion: 0 });
    assert.deepEqual(property('user.login.lastTimeout'), {
      id: 1,
      name: 'user.login.lastTimeout',
      value: '1000',
      entityVersion: 0,
    });
  });
});

describe('device/save', () => {
  const save = ({ admin }: World, deviceId: string, device?: Frame) =>
    admin.outcome('device/save', { deviceId, device });

  it('checks the id before the device', () => {
    const here = world();
    for (const id of ['comma,test', '$pecial_symbol&test', 'under_score', '']) {
      assert.equal(save(here, id), '400 Device Id can only contain letters, digits and dashes.');
    }
    assert.match(save(here, 'fine'), /^500 /);
    assert.equal(save(here, 'under_score', { data: 5 }), "400 'parameters' must be JSON Object!", 'types come first');
  });

  it('reports all problems of a new device at once, and fails with 500 on an existing one', () => {
    const here = world();
    const long = 'x'.repeat(49);
    const tooLong = 'Field cannot be empty. The length of guid should not be more than 48 symbols.';
    assert.equal(save(here, long, {}), `400 name field cannot be null.${tooLong}`);
    assert.match(save(here, 'd1', { name: '' }), /^500 /);
    assert.equal(save(here, 'd1', {}), 'success');
  });

  it('erases data that is left out', () => {
    const { admin } = world();
    const data = (device: Frame) => {
      admin.ask('device/save', { deviceId: 'd1', device });
      return (admin.ask('device/get', { deviceId: 'd1' })?.['device'] as Frame)['data'];
    };
    assert.deepEqual(data({ data: { a: 1 } }), { a: 1 });
    assert.equal(data({ name: 'x' }), null);
  });

  it('puts a device into the first network of its user, and looks for one even where it need not', () => {
    const { admin, hive, administrator, client, holder } = world();
    hive.users.update(administrator, { networks: new Set() });
    assert.equal(admin.outcome('device/save', { deviceId: 'd1', device: { name: 'x' } }), '403 No access to network!');
    const other = holder({ u: client('ops', []).id });
    assert.equal(
      other.outcome('device/save', { deviceId: 'n', device: { name: 'n', networkId: 1 } }),
      '403 No access to network!',
    );
    assert.equal(
      other.outcome('device/save', { deviceId: 'n', device: { name: 'n', networkId: 9 } }),
      '400 Invalid request parameters',
    );
  });

  it('takes data larger than a command may be', () => {
    const { admin } = world();
    const data = { blob: 'x'.repeat(2 * 1024 * 1024) };
    assert.equal(admin.outcome('device/save', { deviceId: 'd1', device: { data } }), 'success');
  });
});

describe('lists of entities', () => {
  it('sort by code points, ascending by default', () => {
    const { admin } = world();
    for (const name of ['b', 'B', 'a']) admin.ask('network/insert', { network: { name } });
    const names = (fields: Frame) =>
      (admin.ask('network/list', fields)?.['networks'] as Frame[]).map(({ name }) => name);
    assert.deepEqual(names({ sortField: 'name' }), ['B', 'Sample Network', 'a', 'b']);
    assert.deepEqual(names({ sortField: 'id', sortOrder: 'desc', take: 2, skip: 1 }), ['B', 'b']);
    assert.deepEqual(names({ name: 'a', namePattern: 'b' }), []);
  });

  it('match patterns as SQL does', () => {
    const likes: readonly (readonly [string, string, boolean])[] = [
      ['Blocked', '%lock%', true],
      ['Blocked', '%LOCK%', false],
      ['abc', 'a_c', true],
      ['abc', 'a_', false],
      ['', '%', true],
      ['a%b', 'a\\%b', true],
      ['axb', 'a\\%b', false],
      ['a.c', 'a.c', true],
      ['abc', 'a.c', false],
      ['aXbXc', 'a%b%c', true],
      ['é✓', '__', true],
      ['😀', '_', true],
      ['😀a', '😀_', true],
      ['a\\', 'a\\', true],
      ['ab', 'a%%', true],
      ['ab', 'a%%_%', true],
      ['a', 'a%_', false],
      ['', '', true],
      ['a', '', false],
    ];
    for (const [text, pattern, expected] of likes) assert.equal(like(pattern)(text), expected, `${text} ${pattern}`);
    assert.equal(like(`${'%a'.repeat(30)}b`)('a'.repeat(5000)), false, 'in reasonable time');
  });

  it('read a long pattern once for a whole list', () => {
    const { admin } = world();
    for (let count = 0; count < 200; count++) {
      admin.ask('device/save', { deviceId: `x${count}`, device: { name: 'a'.repeat(120) } });
    }
    const count = (namePattern: string) => admin.ask('device/count', { namePattern })?.['count'];
    assert.equal(count(`${'%a'.repeat(100_000)}b`), 0);
    assert.equal(count('_'.repeat(1_000_000)), 0);
    assert.equal(count(`${'%'.repeat(1_000_000)}a`), 200);
    assert.equal(count(`${'%a'.repeat(120)}%`), 200);
  });
});

describe('networks and device types', () => {
  it('refuse names that are taken, softly on insert and hard on update', () => {
    const { admin } = world();
    admin.ask('network/insert', { network: { name: 'a' } });
    const taken = '403 Network cannot be created. Network with such name already exists';
    assert.equal(admin.outcome('network/insert', { network: { name: 'a', key: 'ignored' } }), taken);
    assert.match(admin.outcome('network/update', { networkId: 1, network: { name: 'a' } }), /^500 /);
    assert.equal(
      admin.outcome('network/insert', { network: { name: 'b', id: 5 } }),
      '400 Invalid request parameters. Id cannot be specified.',
    );
  });

  it('show their devices first', () => {
    const { network } = world().admin.ask('network/get', { networkId: 1 }) ?? {};
    assert.deepEqual(Object.keys(network as Frame), ['devices', 'id', 'name', 'description']);
  });

  it('are parsed before a missing id is refused', () => {
    const { admin } = world();
    assert.equal(admin.outcome('network/update', { network: 5 }), '400 Malformed Json received.');
    assert.equal(admin.outcome('network/update', { network: {} }), '400 Network id is wrong or empty');
  });

  it('take their devices with them only when forced', () => {
    const { admin } = world();
    const refusal =
      'There are the following devices within this network: e50d6085-2aba-48e9-b1c3-73c673e414be, d1. Please review and delete them first.';
    assert.equal(admin.outcome('network/delete', { networkId: 1 }), `400 ${refusal}`);
    assert.equal(admin.outcome('network/delete', { networkId: 1, force: true }), 'success');
    assert.equal(admin.ask('device/count')?.['count'], 0);
    assert.deepEqual((admin.ask('user/getCurrent')?.['current'] as Frame)['networks'], []);
  });
});

describe('users', () => {
  it('may be changed in rank by administrators only', () => {
    const { client, holder } = world();
    const user = client('ops');
    const own = holder({ u: user.id });
    const update = (fields: Frame) => own.outcome('user/updateCurrent', { user: fields });
    for (const fields of [{ login: 'other' }, { role: 1 }, { status: 0 }]) {
      assert.equal(update(fields), '403 Admin permissions required for this action');
    }
    assert.equal(update({ password: 'strin' }), '400 Password can contain only from 6 to 128 symbols!');
    assert.equal(update({ password: '', data: { a: 1 }, introReviewed: true }), 'success');
    assert.equal(own.outcome('user/update', { userId: 1, user: { introReviewed: true } }), 'success');
    assert.equal(own.outcome('user/get', { userId: 1 }), '404 User with id = 1 not found');
  });

  it('must have valid logins', () => {
    const { admin } = world();
    const insert = (login: string) =>
      admin.outcome('user/insert', { user: { login, password: 'secret-123', role: 1 } });
    assert.equal(insert('a'), '400 Field cannot be empty. The length of login should be from 3 to 128 symbols.');
    assert.equal(
      insert('a b c'),
      '400 Login can contain only lowercase or uppercase letters, numbers, and some special symbols (_@.)',
    );
    assert.equal(insert('  padded  '), 'success');
    assert.equal(insert('padded'), '403 User with such login already exists. Please, select another one');
    assert.match(insert(''), /On property login \(value: \): Field login cannot be empty\./);
  });

  it('have passwords of 6 to 128 characters in one line, blanks included', () => {
    const { admin } = world();
    let count = 0;
    const insert = (password: string) =>
      admin.outcome('user/insert', { user: { login: `user-${++count}`, password, role: 1 } });
    const update = (password: string) => admin.outcome('user/update', { userId: 2, user: { password } });
    for (const password of ['      ', 'x'.repeat(128)]) {
      assert.equal(insert(password), 'success');
      assert.equal(update(password), 'success');
    }
    for (const set of [insert, update]) {
      assert.equal(set('lines\nof text'), '400 Password can contain only from 6 to 128 symbols!');
    }
    assert.equal(update('x'.repeat(129)), '400 Password can contain only from 6 to 128 symbols!');
    assert.match(insert('x'.repeat(129)), /: The length of password should not be more than 128 symbols\. ; $/);
  });

  it('are checked for sent values, then for missing ones, then against stored ones', () => {
    const { admin } = world();
    const insert = (user: Frame) => admin.outcome('user/insert', { user });
    const broken = 'Error! Make sure, that the passed object is correct and properly structured. Validation failed: ';
    const roleRule = 'On property role (value: 9): The value of role should not be more than 1. ; ';
    assert.equal(insert({ role: 9 }), `400 ${broken}\n${roleRule}`);
    assert.match(insert({ status: 3 }), /^500 /);
    assert.equal(insert({}), `400 ${broken}\nOn property login (value: null): login field cannot be null. ; `);
    assert.equal(insert({ login: 'fine' }), '400 User role is invalid or empty');
    const update = (user: Frame) => admin.outcome('user/update', { userId: 1, user });
    const long = 'x'.repeat(129);
    const loginRule = 'Field login cannot be empty. The length of login should not be more than 128 symbols.';
    assert.equal(update({ login: long }), `400 ${broken}\nOn property login (value: ${long}): ${loginRule} ; `);
    assert.match(update({ login: 'a' }), /^500 /);
    assert.match(update({ login: '', role: 9 }), /^500 /);
  });

  it('show new assignments at once', () => {
    const { admin, client } = world();
    const { id: userId } = client('ops');
    const networks = () => (admin.ask('user/get', { userId })?.['user'] as Frame)['networks'];
    assert.deepEqual(networks(), []);
    admin.ask('user/assignNetwork', { userId, networkId: 1 });
    assert.deepEqual(networks(), [{ id: 1, name: 'Sample Network', description: 'A DeviceHive Sample Network' }]);
  });

  it('that are gone have no current user', () => {
    const { client, holder, admin } = world();
    const user = client('ops');
    const own = holder({ u: user.id });
    assert.equal(
      own.outcome('user/delete', { userId: user.id }),
      '403 You can not delete a user or access key that you use to authenticate this request',
    );
    admin.ask('user/delete', { userId: user.id });
    assert.equal(own.outcome('user/getCurrent'), '409 Can not get current user.');
  });

  it('note a login unless the last one was just now', () => {
    const { admin, clock, hive, administrator } = world();
    const first = administrator.lastLogin;
    const again = () =>
      admin.ask('authenticate', {
        token: hive.tokens.issue({ u: 1, a: [0], n: null, dt: null, e: clock.now() + 1, t: 1 }),
      });
    clock.advance(1000);
    again();
    assert.equal(administrator.lastLogin, first);
    clock.advance(1);
    again();
    assert.equal(administrator.lastLogin, clock.now());
  });
});

describe('configuration/put', () => {
  it('limits the lengths of names and values', () => {
    const { admin } = world();
    const put = (name: string, value: string) => admin.outcome('configuration/put', { name, value });
    assert.equal(
      put('x'.repeat(33), 'v'),
      "400 Name cannot be empty. The name's length should not be more than 32 symbols.",
    );
    assert.match(
      put('x', 'v'.repeat(129)),
      /On property value .*The length of value should not be more than 128 symbols\. ; $/,
    );
    assert.equal(put('x'.repeat(32), 'v'), 'success');
  });

  it('decides how many wrong passwords lock out', () => {
    const { admin, client, stranger } = world();
    client('ops');
    admin.ask('configuration/put', { name: 'user.login.maxAttempts', value: '1' });
    stranger().ask('token', { login: 'ops', password: 'wrong!' });
    assert.equal(
      stranger().outcome('token', { login: 'ops', password: 'secret-123' }),
      '401 User is locked or disabled',
    );
  });
});

describe('notifications', () => {
  it('distinguish a wrong id from a missing one', () => {
    const { admin } = world();
    const get = (fields: Frame) => admin.outcome('notification/get', { deviceId: 'd1', ...fields });
    assert.equal(get({ notificationId: 'x' }), '400 Notification id should be an integer value.');
    assert.equal(get({}), '400 Notification id is wrong or empty');
    assert.equal(get({ notificationId: 1 }), '404 Requested notification not found');
  });

  it('take any name, that of a saved device too', () => {
    const { admin } = world();
    for (const notification of ['', '$device-add', 5]) {
      assert.equal(admin.outcome('notification/insert', { deviceId: 'd1', notification: { notification } }), 'success');
    }
    assert.equal(
      admin.outcome('notification/insert', { deviceId: 'd1', notification: null }),
      '400 Notification is required',
    );
  });
});
