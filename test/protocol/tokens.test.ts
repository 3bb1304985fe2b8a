import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readToken } from '../../src/protocol/tokens.ts';
import { jwtWith } from '../helpers/fakeServer.ts';

describe('readToken', () => {
  it('reads the claims of a token without verifying it', () => {
    const token = jwtWith({ u: 7, a: [2, 3], n: ['1', '2'], dt: ['*'], e: 1_559_347_200_000, t: 1 });
    assert.deepEqual(readToken(token), {
      userId: 7,
      actions: [2, 3],
      networks: ['1', '2'],
      deviceTypes: ['*'],
      expiresAtMs: 1_559_347_200_000,
      kind: 'access',
    });
  });

  it('recognises a refresh token by its type', () => {
    assert.equal(readToken(jwtWith({ u: 1, e: 1, t: 0 }))?.kind, 'refresh');
  });

  it('keeps null and absent apart, and reads a user id in a string', () => {
    const claims = readToken(jwtWith({ u: '1', a: null, t: 1 }));
    assert.equal(claims?.userId, 1);
    assert.equal(claims.actions, null);
    assert.equal(claims.networks, undefined);
    assert.equal(claims.expiresAtMs, undefined);
  });

  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  for (const [what, text] of [
    ['an empty text', ''],
    ['plain words', 'no token'],
    ['two parts', 'eyJhbGciOiJIUzI1NiJ9.e30'],
    ['claims that are no JSON', 'eyJhbGciOiJIUzI1NiJ9.bm9wZQ.sig'],
    ['a JWT of somebody else', `${part({ alg: 'HS256' })}.${part({ sub: 'x' })}.sig`],
    ['a token with Bearer in front', `Bearer x.${part(null)}.sig`],
  ] as const) {
    it(`does not accept ${what}`, () => assert.equal(readToken(text), undefined));
  }
});
