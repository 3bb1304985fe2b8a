import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { connect, type Credentials } from '../../src/client/index.ts';
import { fakeServer, jwtWith, refusing, silent, type Answer } from '../helpers/fakeServer.ts';
import { failureOf } from '../helpers/failures.ts';
import { HeldTime } from '../helpers/heldTime.ts';

const endMs = Date.now() + 3_600_000;
const access = jwtWith({ u: 1, a: [0], e: endMs, t: 1 });
const renewed = jwtWith({ u: 1, a: [0], e: endMs + 1, t: 1 });
const ending = jwtWith({ u: 1, a: [0], e: Date.now() + 30_000, t: 1 });
const refresh = jwtWith({ u: 1, a: [0], e: endMs, t: 0 });
const expired = { status: 'error', code: 401, error: 'Token expired' };
const granting: Answer = () => ({ accessToken: renewed });
/** Accepts only the renewed token. */
const demanding: Answer = ({ token }) => (token === renewed ? {} : expired);

function remembering(credentials: Credentials): { credentials: Credentials; told: unknown[] } {
  const told: unknown[] = [];
  return { credentials: { ...credentials, onTokens: (tokens) => void told.push(tokens) }, told };
}

describe('authenticating', () => {
  it('precedes every request, and the token is not in the handshake', async () => {
    await using server = await fakeServer();
    await using connection = await connect({ url: server.url, credentials: { accessToken: access } });
    await connection.request('device/list', {});
    assert.deepEqual(server.requests, [
      { action: 'authenticate', requestId: 1, token: access },
      { action: 'device/list', requestId: 2 },
    ]);
    const [headers] = server.handshakes;
    assert.equal(headers?.authorization, undefined);
    assert.equal(headers?.['sec-websocket-protocol'], undefined);
    assert.equal(headers?.['sec-websocket-extensions'], undefined);
    assert.ok(connection.timing.authMs !== null && connection.timing.connectMs > 0);
  });

  it('does not happen without credentials', async () => {
    await using server = await fakeServer();
    await using connection = await connect({ url: server.url, credentials: {} });
    await connection.request('server/info', {});
    assert.deepEqual(server.sent('authenticate'), []);
  });

  it('fails with kind auth for a bad token, which is sent whatever it looks like', async () => {
    await using server = await fakeServer({ authenticate: refusing(401, 'Invalid credentials') });
    const failure = await failureOf(
      connect({ url: server.url, credentials: { accessToken: 'nonsense' } }),
      'auth',
      /Invalid credentials/,
    );
    assert.equal(failure.request?.['token'], '***');
    assert.equal(await server.closed(), 1000);
  });

  it('says so when the token is a refresh token', async () => {
    await using server = await fakeServer({ authenticate: refusing(401, 'Invalid credentials') });
    const failure = await failureOf(connect({ url: server.url, credentials: { accessToken: refresh } }), 'auth');
    assert.match(failure.hint ?? '', /This is a refresh token/);
  });

  it('fails with kind auth for an expired token that cannot be refreshed', async () => {
    await using server = await fakeServer({ authenticate: demanding });
    const failure = await failureOf(
      connect({ url: server.url, credentials: { accessToken: access } }),
      'auth',
      /Token expired/,
    );
    assert.match(failure.hint ?? '', /refresh token/);
  });

  it('logs in with login and password', async () => {
    await using server = await fakeServer({ token: () => ({ accessToken: access, refreshToken: refresh }) });
    const { credentials, told } = remembering({ login: 'dhadmin', password: 'pw' });
    await using _connection = await connect({ url: server.url, credentials });
    assert.deepEqual(
      server.requests.map(({ action }) => action),
      ['token', 'authenticate'],
    );
    assert.equal(server.sent('authenticate')[0]?.['token'], access);
    assert.deepEqual(told, [{ accessToken: access, refreshToken: refresh }]);
  });

  it('fails with kind auth for a wrong password, and never shows it', async () => {
    await using server = await fakeServer({ token: refusing(401, 'Invalid credentials') });
    const failure = await failureOf(
      connect({ url: server.url, credentials: { login: 'x', password: 'pw-1' } }),
      'auth',
    );
    assert.doesNotMatch(JSON.stringify(failure.request), /pw-1/);
  });

  it('starts from a refresh token alone', async () => {
    await using server = await fakeServer({ 'token/refresh': granting, authenticate: demanding });
    const { credentials, told } = remembering({ refreshToken: refresh });
    await using _connection = await connect({ url: server.url, credentials });
    assert.deepEqual(told, [{ accessToken: renewed }]);
  });

  it('passes on an error of the caller who stores the tokens', async () => {
    await using server = await fakeServer({ 'token/refresh': granting });
    const onTokens = () => Promise.reject(new Error('disk full'));
    await assert.rejects(connect({ url: server.url, credentials: { refreshToken: refresh, onTokens } }), /disk full/);
    await server.closed();
  });
});

describe('a token near its end', () => {
  it('is refreshed before it is used', async () => {
    await using server = await fakeServer({ 'token/refresh': granting, authenticate: demanding });
    const { credentials, told } = remembering({ accessToken: ending, refreshToken: refresh });
    await using _connection = await connect({ url: server.url, credentials });
    assert.deepEqual(
      server.requests.map(({ action }) => action),
      ['token/refresh', 'authenticate'],
    );
    assert.deepEqual(told, [{ accessToken: renewed }]);
  });

  it('is used as it is when the refresh is refused, or impossible', async () => {
    await using server = await fakeServer({ 'token/refresh': refusing(401, 'Token has expired') });
    await using _one = await connect({ url: server.url, credentials: { accessToken: ending, refreshToken: refresh } });
    await using _other = await connect({ url: server.url, credentials: { accessToken: ending } });
    assert.deepEqual(
      server.sent('authenticate').map(({ token }) => token),
      [ending, ending],
    );
  });
});

describe('an expired token', () => {
  it('is refreshed when authenticate is refused', async () => {
    await using server = await fakeServer({ 'token/refresh': granting, authenticate: demanding });
    await using connection = await connect({
      url: server.url,
      credentials: { accessToken: access, refreshToken: refresh },
    });
    await connection.request('device/list', {});
    assert.deepEqual(
      server.requests.map(({ action }) => action),
      ['authenticate', 'token/refresh', 'authenticate', 'device/list'],
    );
  });

  it('is replaced by a new login where there is no refresh token, or a dead one', async () => {
    for (const refreshToken of [undefined, refresh]) {
      await using server = await fakeServer({
        authenticate: demanding,
        'token/refresh': refusing(500, 'Invalid response status'),
        token: () => ({ accessToken: renewed }),
      });
      const rest = refreshToken === undefined ? {} : { refreshToken };
      await using _connection = await connect({
        url: server.url,
        credentials: { accessToken: access, login: 'x', password: 'y', ...rest },
      });
      assert.equal(server.sent('token').length, 1);
    }
  });

  it('fails with kind auth when the refresh is refused, even with a 500', async () => {
    await using server = await fakeServer({
      authenticate: demanding,
      'token/refresh': refusing(500, 'Invalid response status'),
    });
    const failure = await failureOf(
      connect({ url: server.url, credentials: { accessToken: access, refreshToken: refresh } }),
      'auth',
      /could not be refreshed: .*Invalid response status/,
    );
    assert.equal(failure.code, 500);
    assert.equal(failure.request?.['refreshToken'], '***');
  });

  /** Refuses each request once, as expired, until the session authenticates again. */
  function forgetful(): Record<string, Answer> {
    let isRenewed = false;
    const guarded: Answer = () => (isRenewed ? { command: { id: 1 } } : expired);
    return {
      authenticate: ({ token }) => {
        isRenewed = token === renewed;
        return {};
      },
      'token/refresh': granting,
      'command/insert': guarded,
      'device/list': guarded,
    };
  }
  const both = { accessToken: access, refreshToken: refresh };

  it('leads to a refresh and the request once more, inserts included', async () => {
    await using server = await fakeServer(forgetful());
    await using connection = await connect({ url: server.url, credentials: both });
    const { reply } = await connection.request('command/insert', { deviceId: 'd1', command: { command: 'go' } });
    assert.equal(reply.status, 'success');
    const actions = server.requests.map(({ action }) => action);
    assert.deepEqual(actions, ['authenticate', 'command/insert', 'token/refresh', 'authenticate', 'command/insert']);
  });

  it('is refreshed once for all requests that it failed', async () => {
    await using server = await fakeServer(forgetful());
    await using connection = await connect({ url: server.url, credentials: both });
    await Promise.all(Array.from({ length: 50 }, () => connection.request('device/list', {})));
    assert.equal(server.sent('token/refresh').length, 1);
    assert.equal(server.sent('device/list').length, 100);
  });

  it('is not refreshed again and again for one request', async () => {
    await using server = await fakeServer({ 'token/refresh': granting, 'device/list': () => expired });
    await using connection = await connect({ url: server.url, credentials: both });
    await failureOf(connection.request('device/list', {}), 'auth', /Token expired/);
    assert.equal(server.sent('device/list').length, 2);
  });

  it('is not refreshed again with a refresh token that was refused', async () => {
    await using server = await fakeServer({
      'token/refresh': refusing(401, 'Token has expired'),
      'device/list': () => expired,
    });
    await using connection = await connect({ url: server.url, credentials: both });
    await failureOf(connection.request('device/list', {}), 'auth', /could not be refreshed: .*Token has expired/);
    await failureOf(connection.request('device/list', {}), 'auth', /Token expired/);
    assert.equal(server.sent('token/refresh').length, 1);
  });

  it('is reported as it is when the caller requests authenticate', async () => {
    await using server = await fakeServer({
      'token/refresh': granting,
      authenticate: ({ token }) => (token === 'old' ? expired : {}),
    });
    await using connection = await connect({ url: server.url, credentials: both });
    await failureOf(connection.request('authenticate', { token: 'old' }), 'auth', /Token expired/);
    assert.equal(server.sent('token/refresh').length, 0);
  });

  it('leaves the request a timeout when the refresh is not answered', async () => {
    await using server = await fakeServer({ 'token/refresh': silent, 'device/list': () => expired });
    using time = new HeldTime();
    await using connection = await connect({ url: server.url, credentials: both, probe: false });
    const failing = failureOf(connection.request('device/list', {}), 'timeout', /^token\/refresh/);
    await server.received('token/refresh');
    time.pass(10_000);
    await failing;
  });
});
