import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { redactFrame, redactText } from '../../src/protocol/redaction.ts';
import { jwtWith } from '../helpers/fakeServer.ts';

const token = jwtWith({ u: 1, a: [0], e: 1, t: 1 });

describe('redactFrame', () => {
  it('hides tokens and passwords, and keeps the rest', () => {
    const frame = { action: 'token', requestId: 1, login: 'dhadmin', password: 'dhadmin_#911' };
    assert.deepEqual(redactFrame(frame), { ...frame, password: '***' });
    assert.deepEqual(redactFrame({ accessToken: 'a', refreshToken: 'r', token: 't' }), {
      accessToken: '***',
      refreshToken: '***',
      token: '***',
    });
  });

  it('hides the passwords of a user', () => {
    const frame = { action: 'user/updateCurrent', user: { login: 'x', password: 'new', oldPassword: 'old' } };
    assert.deepEqual(redactFrame(frame), {
      action: 'user/updateCurrent',
      user: { login: 'x', password: '***', oldPassword: '***' },
    });
  });

  it('hides a JWT wherever it stands, also within a text', () => {
    const frame = { command: { parameters: { note: [`use ${token} now`] } } };
    assert.deepEqual(redactFrame(frame), { command: { parameters: { note: ['use *** now'] } } });
  });

  it('hides the secret that signs tokens', () => {
    const frame = { action: 'configuration/put', name: 'jwt.secret', value: 'devicehive' };
    assert.deepEqual(redactFrame(frame), { ...frame, value: '***' });
    assert.equal(redactFrame({ name: 'other', value: 'v' })['value'], 'v');
  });

  it('leaves the original as it is', () => {
    const frame = { user: { password: 'secret' } };
    redactFrame(frame);
    assert.equal(frame.user.password, 'secret');
  });
});

describe('redactText', () => {
  it('leaves a text without secrets exactly as it is', () => {
    const text = '{ "action" : "token/create", "requestId": 1.0, "note":"password forgotten" }';
    assert.equal(redactText(text), text);
  });

  it('hides secrets in JSON, escaped names included', () => {
    assert.equal(redactText('{"t\\u006fken":"secret","a":1}'), '{"token":"***","a":1}');
  });

  for (const text of ['{"token":"secret"', `{token:'secret', a`, '{"password" = "se\\"cret" x', `oops ${token}`]) {
    it(`hides anything like a secret in text that is not JSON: ${text.slice(0, 24)}`, () => {
      assert.doesNotMatch(redactText(text), /secret|cret"|eyJ/);
      assert.match(redactText(text), /\*\*\*/);
    });
  }
});
