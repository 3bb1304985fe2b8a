import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Secrets } from '../../src/protocol/secrets.ts';

const password = 'hunter "two" \u00e9';

function knowing(...passwords: readonly string[]): Secrets {
  const secrets = new Secrets();
  for (const one of passwords) secrets.note({ action: 'token', login: 'a', password: one });
  return secrets;
}

describe('the secrets that were sent', () => {
  it('are hidden wherever they stand in a text', () => {
    assert.equal(knowing('hunter2!').hide('no hunter2! and no hunter2!'), 'no *** and no ***');
  });

  it('are hidden in the values of JSON, however those are escaped', () => {
    const frame = { error: `no user with ${password}`, list: [{ text: password }], code: 401 };
    const hidden = { error: 'no user with ***', list: [{ text: '***' }], code: 401 };
    const text = JSON.stringify(frame);
    assert.deepEqual(JSON.parse(knowing(password).hide(text)), hidden);
    const escaped = text.replaceAll('u', '\\u0075').replaceAll('\u00e9', '\\u00e9');
    assert.deepEqual(JSON.parse(knowing(password).hide(escaped)), hidden);
    assert.deepEqual(knowing(password).hideIn(frame), hidden);
  });

  it('leave names of fields and values other than texts alone', () => {
    assert.equal(knowing('status').hide('{"status":"status 1","n":1}'), '{"status":"*** 1","n":1}');
  });

  it('change nothing where there are none', () => {
    const text = '{ "error": "a\\nb" }';
    assert.equal(knowing('hunter2!').hide(text), text);
    assert.equal(new Secrets().hide(text), text);
    const frame = { a: [{ b: 1 }] };
    assert.equal(knowing('hunter2!').hideIn(frame), frame);
  });

  it('are found in every field that holds one, nested too', () => {
    const secrets = new Secrets();
    secrets.note({ action: 'user/insert', user: { login: 'alice', password: 'password-1' } });
    secrets.note({ action: 'token/refresh', refreshToken: 'refresh-token' });
    secrets.note({ action: 'configuration/put', name: 'jwt.secret', value: 'signing-key' });
    secrets.note({ action: 'configuration/put', name: 'other', value: 'visible' });
    assert.equal(secrets.hide('alice password-1 refresh-token signing-key visible'), 'alice *** *** *** visible');
  });

  it('do not include short words', () => {
    assert.equal(knowing('abc').hide('abcdef'), 'abcdef');
  });

  it('are forgotten when many newer ones have come', () => {
    const secrets = knowing(...Array.from({ length: 101 }, (_, index) => `password ${index}.`));
    assert.equal(secrets.hide('password 0. password 1.'), 'password 0. ***');
  });
});
