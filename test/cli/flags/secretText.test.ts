import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { tokenIn } from '../../../src/cli/flags/secretText.ts';
import { Failure } from '../../../src/errors.ts';

const token = 'eyJhbGciOiJIUzI1NiJ9.eyJwYXlsb2FkIjp7fX0.c2lnbmF0dXJl';
const ready = { url: 'ws://h', accessToken: token, refreshToken: 'of-refresh', password: 'secret-password' };

describe('a token in a text', () => {
  const forms: readonly (readonly [string, string])[] = [
    ['alone', token],
    ['with blanks and line ends around it', ` \t${token}\r\n`],
    ['with a byte-order mark', `\ufeff${token}`],
    ['with characters without width', `\u200b${token.slice(0, 9)}\u200d${token.slice(9)}\u2060`],
    ['after Bearer', `Bearer ${token}`],
    ['after bearer, with a mark before it', `\ufeffbearer  ${token}\n`],
    ['as a JSON string', JSON.stringify(token)],
    ['as a JSON string with Bearer', ` "Bearer ${token}"`],
    ['in JSON', JSON.stringify(ready)],
    [
      'in JSON of several lines with a mark',
      `\ufeff${JSON.stringify({ ...ready, accessToken: `Bearer ${token}` }, null, 2)}\n`,
    ],
  ];
  for (const [how, text] of forms) {
    it(`is found ${how}`, () => {
      assert.equal(tokenIn(text).token, token);
    });
  }

  it('brings the refresh token of its JSON', () => {
    assert.equal(tokenIn(JSON.stringify(ready)).refreshToken, 'of-refresh');
    assert.equal(tokenIn(JSON.stringify(ready), 'refreshToken').token, 'of-refresh');
    assert.equal(tokenIn(JSON.stringify(ready), 'refreshToken').refreshToken, undefined);
  });

  const others: readonly (readonly [string, RegExp])[] = [
    ['', /^is empty$/],
    [' \u200b\n', /^is empty$/],
    ['{"token":"secret-word"}', /^has no accessToken$/],
    ['{"accessToken":7}', /^has no accessToken$/],
    ['{"__proto__":{"accessToken":"secret-word"}}', /^has no accessToken$/],
    ['["secret-word"]', /^has no accessToken$/],
    ['{"accessToken":"secret', /^starts like JSON but cannot be parsed$/],
    ['"secret', /^starts like JSON but cannot be parsed$/],
    ['secret-word and more', /^holds more than a token$/],
    ['Bearer secret\nword', /^holds more than a token$/],
    ['secret:word', /^holds what cannot be a token$/],
    ['sécret', /^holds what cannot be a token$/],
    ["'secret'", /^holds what cannot be a token$/],
    ['{"accessToken":"{}"}', /^holds what cannot be a token$/],
  ];
  for (const [text, problem] of others) {
    it(`is not found in ${JSON.stringify(text)}, which the message does not repeat`, () => {
      const isTold = (error: unknown) =>
        error instanceof Failure && problem.test(error.message) && !/secret|sécret/.test(error.hint ?? '');
      assert.throws(() => tokenIn(text), isTold);
    });
  }
});
