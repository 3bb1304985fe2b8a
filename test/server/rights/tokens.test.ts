import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { describe, it } from 'node:test';
import { tokensFor } from '../../../src/server/handlers/token.ts';
import { signingKey } from '../../../src/server/rights/tokens.ts';
import { world, type Frame } from '../inMemory.ts';

function signed(payload: unknown, header: unknown = { alg: 'HS256' }, secret = 'devicehive'): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const body = `${part(header)}.${part({ payload })}`;
  return `${body}.${createHmac('sha256', signingKey(secret)).update(body).digest('base64url')}`;
}

function claimsOf(token: unknown): Frame {
  const body = JSON.parse(Buffer.from(String(token).split('.')[1] ?? '', 'base64url').toString()) as { payload: Frame };
  return body.payload;
}

describe('the key of a secret', () => {
  it('is its base64 without an incomplete last group', () => {
    assert.equal(signingKey('devicehive').toString('hex'), '75ebe271e862');
  });

  it('skips characters that are not base64', () => {
    assert.equal(signingKey('dev-ice hi').toString('hex'), '75ebe271e862');
  });
});

describe('an issued token', () => {
  it('is the very text that the real server makes of the same rights and times', () => {
    const payload = { userId: 1, actions: ['*'], networkIds: ['*'], deviceTypeIds: ['*'], expiration: '2018-01-01' };
    const { accessToken, refreshToken } = world().admin.ask('token/create', { payload }) ?? {};
    const claims = { a: [0], e: Date.UTC(2018, 0, 1), t: 1, u: 1, n: ['*'], dt: ['*'] };
    assert.deepEqual([accessToken, refreshToken], [signed(claims), signed({ ...claims, t: 0 })]);
  });
});

describe('authenticate', () => {
  const later = Date.UTC(2027, 0, 1);
  const good = { u: 1, a: [0], n: ['*'], dt: ['*'], e: later, t: 1 };

  it('takes tokens of the right secret, and a few odd ones', () => {
    const { stranger } = world();
    for (const token of [
      signed(good),
      signed(good, { alg: 'HS256', typ: 'JWT' }),
      signed({ ...good, u: '1', d: [1] }),
      signed({ ...good, t: 2 }),
    ]) {
      assert.equal(stranger().outcome('authenticate', { token }), 'success');
    }
  });

  it('refuses all others', () => {
    const { stranger, hive, administrator } = world();
    const { u: _u, ...noUser } = good;
    const { e: _e, ...noExpiry } = good;
    const { t: _t, ...noType } = good;
    const bad = [
      { ...good, t: 0 },
      { ...good, u: 99 },
      { ...good, n: [1] },
      { ...good, n: ['x'] },
      { ...good, a: [19] },
      { ...good, a: 'x' },
      { ...good, e: 1_795_000_000 },
      { ...good, e: String(later) },
      noUser,
      noExpiry,
      noType,
      null,
    ];
    const tokens = [
      'abc',
      'a.b.c',
      `Bearer ${signed(good)}`,
      `${signed(good)}.x`,
      signed(good, { alg: 'none' }),
      signed(good, undefined, 'otherwise'),
    ];
    for (const token of [...tokens, ...bad.map((claims) => signed(claims))]) {
      assert.equal(stranger().outcome('authenticate', { token }), '401 Invalid credentials', token);
    }
    assert.equal(
      stranger().outcome('authenticate', { token: signed({ ...good, e: 3_000_000_000 }) }),
      '401 Token expired',
    );
    hive.users.update(administrator, { status: 2 });
    assert.equal(stranger().outcome('authenticate', { token: signed(good) }), '401 Invalid credentials');
  });

  it('keeps the earlier principal when it fails, and leaves a session alone when its token ends', () => {
    const { admin, hive, clock, administrator } = world();
    admin.ask('authenticate', { token: 'junk' });
    clock.advance(10_000_000);
    hive.users.update(administrator, { status: 2 });
    assert.equal(admin.outcome('device/list'), 'success');
    assert.match(admin.outcome('token/create', { payload: { userId: 1 } }), /^500 /);
  });
});

describe('token', () => {
  it('returns tokens that live 30 minutes and 182 days', () => {
    const { stranger, clock } = world();
    const reply = stranger().ask('token', { login: 'dhadmin', password: 'dhadmin_#911' });
    assert.deepEqual(claimsOf(reply?.['accessToken']), {
      u: 1,
      a: [0],
      n: ['*'],
      dt: ['*'],
      e: clock.now() + 1_800_000,
      t: 1,
    });
    assert.equal(claimsOf(reply?.['refreshToken'])['e'], clock.now() + 15_724_800_000);
  });

  it('grants a client the groups that are assigned to it', () => {
    const { hive, stranger, client } = world();
    const user = client('ops', [1]);
    hive.users.update(user, { allDeviceTypesAvailable: false, deviceTypes: new Set([3]) });
    const { a, n, dt } = claimsOf(stranger().ask('token', { login: 'ops', password: 'secret-123' })?.['accessToken']);
    assert.deepEqual({ a, n, dt }, { a: [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 15, 16, 17], n: ['1'], dt: ['3'] });
  });

  it('locks out after ten wrong passwords in a row, until an administrator unlocks', () => {
    const { stranger, admin, client } = world();
    const user = client('ops');
    const login = (password: string) => stranger().outcome('token', { login: 'ops', password });
    const wrong = (times: number) => {
      for (let count = 0; count < times; count++) assert.equal(login('wrong!'), '401 Invalid credentials');
    };
    wrong(9);
    assert.equal(login('secret-123'), 'success');
    wrong(10);
    assert.equal(login('secret-123'), '401 User is locked or disabled');
    admin.ask('user/update', { userId: user.id, user: { status: 0 } });
    assert.equal(login('secret-123'), 'success');
  });

  it('compares logins exactly', () => {
    const { stranger } = world();
    const login = ' dhadmin';
    assert.equal(
      stranger().outcome('token', { login, password: 'x' }),
      `401 User with login = ${login} not found or bad password`,
    );
    assert.equal(stranger().outcome('token', { login: ['dhadmin'], password: 'dhadmin_#911' }), 'success');
    assert.equal(
      stranger().outcome('token', { login: ' ', password: 'x' }),
      '400 Invalid or empty authorization request parameters',
    );
  });
});

describe('token/create and token/refresh', () => {
  it('let the refresh token inherit the expiration', () => {
    const { admin, clock } = world();
    const expiries = (payload: Frame) => {
      const reply = admin.ask('token/create', { payload: { userId: 1, ...payload } });
      return [claimsOf(reply?.['accessToken'])['e'], claimsOf(reply?.['refreshToken'])['e']];
    };
    assert.deepEqual(expiries({}), [clock.now() + 1_800_000, clock.now() + 15_724_800_000]);
    assert.deepEqual(expiries({ expiration: '' }), [clock.now() + 1_800_000, clock.now() + 15_724_800_000]);
    assert.deepEqual(expiries({ expiration: 3e12 }), [3e12, 3e12]);
    assert.deepEqual(expiries({ expiration: 3e12, refreshExpiration: 4e12 }), [3e12, 4e12]);
    assert.deepEqual(
      expiries({ expiration: '2001-01-01' }),
      [978307200000, 978307200000],
      'not even the past is refused',
    );
  });

  it('read action names in any case and ids, and drop what they do not know', () => {
    const { admin } = world();
    const actionsOf = (actions: unknown) =>
      claimsOf(admin.ask('token/create', { payload: { userId: '1', actions } })?.['accessToken'])['a'];
    assert.deepEqual(actionsOf(['getdevice', 8, '8', 'NoSuch', 99]), [3, 8]);
    assert.deepEqual(actionsOf(['*']), [0]);
    assert.deepEqual(actionsOf([]), []);
    assert.deepEqual(actionsOf(null), [1]);
    const outcome = (payload: Frame) => admin.outcome('token/create', { payload });
    assert.equal(outcome({ userId: 1, actions: [1.5] }), '400 Actions list should contain only Strings or Integers');
    assert.equal(outcome({ userId: 'x' }), '400 Invalid request parameters');
    assert.equal(admin.outcome('token/create', { payload: null }), '400 Malformed Json received.');
    assert.equal(admin.outcome('token/create', { payload: [] }), '400 Malformed Json received.');
  });

  it('are for a user whose id is a whole number, which is neither cut nor wrapped', () => {
    const { admin } = world();
    const outcome = (userId: string) => {
      const [text = ''] = admin.say(`{"action":"token/create","payload":{"userId":${userId},"actions":["*"]}}`);
      const { status, code, error } = JSON.parse(text) as Frame;
      return status === 'success' ? status : `${String(code)} ${String(error)}`;
    };
    for (const userId of ['1', '1.0', '1e0', '"1"', '"+1"']) assert.equal(outcome(userId), 'success', userId);
    for (const userId of ['1.5', '1.0000001', '0.1', '1e-1', '18446744073709551617', '1e30', '"1.5"', 'true'])
      assert.equal(outcome(userId), '400 Invalid request parameters', userId);
    assert.equal(outcome('9007199254740993'), '404 User with id = 9007199254740993 not found');
  });

  it('need a token of authenticate', () => {
    const { admin } = world();
    admin.session.token = undefined;
    assert.equal(admin.outcome('token/create', { payload: { userId: 1 } }), '401 Unauthorized');
  });

  it('check type before expiry, and copy the rights', () => {
    const { admin, stranger, clock } = world();
    const payload = { userId: 1, actions: ['GetDevice'], networkIds: [5, '5'] };
    const reply = admin.ask('token/create', { payload });
    const { accessToken, refreshToken } = reply ?? {};
    const fresh = stranger().ask('token/refresh', { refreshToken });
    assert.deepEqual(claimsOf(fresh?.['accessToken']), {
      u: 1,
      a: [3],
      n: ['5'],
      dt: null,
      e: clock.now() + 1_800_000,
      t: 1,
    });
    clock.advance(20_000_000_000);
    assert.equal(stranger().outcome('token/refresh', { refreshToken: accessToken }), '401 Invalid token type');
    assert.equal(stranger().outcome('token/refresh', { refreshToken }), '401 Token has expired');
    assert.equal(stranger().outcome('token/refresh', { refreshToken: 'junk' }), '500 Invalid response status');
  });

  it('count as a login when they are refreshed', () => {
    const { client, stranger, hive } = world();
    const user = client('ops');
    const { refreshToken } = tokensFor(user, hive);
    assert.equal(user.lastLogin, null);
    assert.equal(stranger().outcome('token/refresh', { refreshToken }), 'success');
    assert.equal(user.lastLogin, hive.clock.now());
  });
});
