import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { requestSettings, targetOf } from '../../../src/cli/target/settings.ts';
import { normalUrl } from '../../../src/cli/target/serverUrl.ts';
import { Failure } from '../../../src/errors.ts';
import { FakeIo } from '../fakeIo.ts';

function failureOf(text: string): Failure {
  try {
    normalUrl(text, '--url');
  } catch (error) {
    if (error instanceof Failure) return error;
  }
  return assert.fail(`${text} is taken`);
}

describe('a URL', () => {
  const completed: readonly (readonly [string, string])[] = [
    ['ws://127.0.0.1:8080', 'ws://127.0.0.1:8080'],
    ['ws://127.0.0.1:8080/', 'ws://127.0.0.1:8080'],
    ['wss://hive.example.com', 'wss://hive.example.com'],
    ['ws://[::1]:8080', 'ws://[::1]:8080'],
    ['WS://LocalHost:80', 'ws://localhost'],
  ];
  for (const [given, used] of completed) {
    it(`without a path names the server: ${given}`, () => {
      assert.equal(normalUrl(given, '--url'), used);
    });
  }

  const rest: readonly (readonly [string, string])[] = [
    ['http://host/api/rest', 'ws://host/api/websocket'],
    ['https://host:8443/api/rest/', 'wss://host:8443/api/websocket'],
    ['HTTP://host:8080/dh/rest/info?x=1', 'ws://host:8080/dh/websocket'],
    ['http://host/auth/rest', 'ws://host'],
    ['http://[::1]/rest', 'ws://[::1]'],
  ];
  for (const [given, used] of rest) {
    it(`of a REST API names the server that has it, and a note says so: ${given}`, () => {
      const io = new FakeIo();
      assert.equal(normalUrl(given, '--url', io), used);
      assert.match(
        io.stderr,
        new RegExp(`--url names the REST API of a server; its WebSocket is used: ${used.replace(/[[\]]/g, '.')}\\n`),
      );
    });
  }

  it('of a REST API must not hold a login either', () => {
    assert.match(failureOf('http://me:secret@host/api/rest').message, /must not hold a login: 'ws:\/\/\*\*\*@host/);
  });

  for (const given of [
    'ws://127.0.0.1:8080/dh/websocket',
    'wss://hive.example.com/api/websocket',
    'ws://host/dh/websocket/',
    'ws://host/a%20b//c',
    'ws://host/x?token=a&b=%2F',
    'ws://host/?a=b',
  ]) {
    it(`with a path or a query is used exactly as given: ${given}`, () => {
      assert.equal(normalUrl(given, '--url'), given);
    });
  }

  const refused: readonly (readonly [string, RegExp, RegExp])[] = [
    ['http://host:8080', /must be a WebSocket URL/, /^Write ws:\/\/host:8080$/],
    ['HTTPS://host/x', /must be a WebSocket URL/, /^Write wss:\/\/host\/x$/],
    ['host:8080', /must start with ws:\/\/ or wss:\/\//, /^Write ws:\/\/host:8080$/],
    ['localhost', /must start with ws:\/\//, /^Write ws:\/\/localhost$/],
    ['ftp://host', /must start with ws:\/\//, /^Write ws:\/\/host$/],
    ['', /must start with ws:\/\//, /^Write ws:\/\/host:port$/],
    ['file:///x', /must start with ws:\/\//, /^Write ws:\/\/host:port$/],
    ['ws://', /is no URL/, /./],
    ['ws://host:99999', /is no URL/, /./],
    ['ws://user:secret@host', /must not hold a login/, /DEVICEHIVE_LOGIN/],
    ['"ws://host/x"', /has quotes or blanks around it/, /without them: ws:\/\/host\/x$/],
    ["'ws://host'", /has quotes or blanks around it/, /without them: ws:\/\/host$/],
    ['“ws://host”', /has quotes or blanks around it/, /without them: ws:\/\/host$/],
    ['<wss://host>', /has quotes or blanks around it/, /without them: wss:\/\/host$/],
    [' ws://host', /has quotes or blanks around it/, /without them: ws:\/\/host$/],
    ['ws://host\r\n', /has quotes or blanks around it/, /without them: ws:\/\/host$/],
    ['\ufeffws://host\u200b', /has quotes or blanks around it/, /without them: ws:\/\/host$/],
    ['ws://ho st', /holds a blank/, /%20/],
    ['ws://host/a\tb', /holds a blank/, /%20/],
    ['ws://host/x#part', /must not have a fragment/, /#/],
  ];
  for (const [given, message, hint] of refused) {
    it(`is refused with a hint: '${given}'`, () => {
      const failure = failureOf(given);
      assert.equal(failure.kind, 'usage');
      assert.match(failure.message, /^--url /);
      assert.match(failure.message, message);
      assert.match(failure.hint ?? '', hint);
    });
  }

  it('never shows its password', () => {
    const { message, hint } = failureOf('ws://user:secret@host');
    assert.doesNotMatch(`${message} ${hint ?? ''}`, /secret/);
  });

  it('never shows its password when it is refused for its scheme or its quotes', () => {
    const texts = ['http://user:secret@host', 'ftp://user:secret@host', 'user:secret@host', '"ws://user:secret@host"'];
    for (const text of texts) {
      const { message, hint } = failureOf(text);
      assert.doesNotMatch(`${message} ${hint ?? ''}`, /secret/, text);
    }
  });
});

describe('how a request is sent', () => {
  it('has the defaults of the contract', () => {
    assert.deepEqual(requestSettings({ io: new FakeIo(), values: {} }), {
      timeoutMs: 10_000,
      connectTimeoutMs: 5000,
      retries: 0,
      probe: true,
      allowLarge: false,
    });
  });

  it('lets a flag win over the environment', () => {
    const io = new FakeIo({ env: { DEVICEHIVE_TIMEOUT: '3s' } });
    assert.equal(requestSettings({ io, values: {} }).timeoutMs, 3000);
    assert.equal(requestSettings({ io, values: { timeout: '2s' } }).timeoutMs, 2000);
  });

  it('names the variable that holds no duration', () => {
    const io = new FakeIo({ env: { DEVICEHIVE_TIMEOUT: '3' } });
    assert.throws(() => requestSettings({ io, values: {} }), {
      kind: 'usage',
      message: /^DEVICEHIVE_TIMEOUT must be a duration/,
    });
  });

  for (const retry of ['', '-1', '1.5', 'x', '1e3', '9999999']) {
    it(`refuses to retry '${retry}' times`, () => {
      assert.throws(() => requestSettings({ io: new FakeIo(), values: { retry } }), {
        kind: 'usage',
        message: /^--retry must be/,
      });
    });
  }
});

describe('the server', () => {
  const env = { DEVICEHIVE_URL: 'ws://environment', DEVICEHIVE_TOKEN: 'from-environment', XDG_RUNTIME_DIR: '/nowhere' };

  it('is the one of the flag before that of the environment, whose token stays at home', async () => {
    const target = await targetOf({ io: new FakeIo({ env }), values: { url: 'ws://flag' } });
    assert.equal(target.kind, 'url');
    assert.equal(target.url, 'ws://flag');
    assert.equal(target.credentials, undefined);
  });

  it('is that of the environment where no flag names one', async () => {
    const target = await targetOf({ io: new FakeIo({ env }), values: {} });
    assert.equal(target.kind === 'url' ? target.url : '', 'ws://environment');
  });

  it('gets the token of a flag before that of the environment', async () => {
    const target = await targetOf({ io: new FakeIo({ env }), values: { token: 'from-flag' } });
    assert.equal(target.credentials?.accessToken, 'from-flag');
  });

  it('inside this process does not get the token of the environment', async () => {
    const target = await targetOf({ io: new FakeIo({ env }), values: { embedded: true } });
    assert.deepEqual(target, { kind: 'embedded', credentials: undefined });
  });

  it('inside this process gets the token of a flag', async () => {
    const target = await targetOf({ io: new FakeIo({ env }), values: { embedded: true, token: 'from-flag' } });
    assert.equal(target.credentials?.accessToken, 'from-flag');
  });

  it('is not named twice', async () => {
    await assert.rejects(targetOf({ io: new FakeIo({ env }), values: { embedded: true, url: 'ws://flag' } }), {
      kind: 'usage',
    });
  });

  it('is never a silent fallback: without any, the three ways on are named', async () => {
    const io = new FakeIo({ env: { XDG_RUNTIME_DIR: '/nowhere' } });
    await assert.rejects(targetOf({ io, values: {} }), { kind: 'usage', hint: /--url.*server start.*--embedded/ });
  });
});
