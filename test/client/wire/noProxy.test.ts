import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isExempt } from '../../../src/client/wire/noProxy.ts';

/** NO_PROXY, a server that it names, and one that it does not name. */
const cases: readonly (readonly [noProxy: string, named: string, other: string])[] = [
  ['*', 'hive.test:80', ''],
  ['hive.test', 'hive.test:80', 'otherhive.test:80'],
  ['hive.test', 'a.b.hive.test:80', 'hive.test.other:80'],
  ['.hive.test', 'hive.test:80', 'other.test:80'],
  ['.hive.test', 'lab.hive.test:80', 'test:80'],
  ['*.hive.test', 'lab.hive.test:80', 'labhive.test:80'],
  ['HIVE.test.', 'hive.TEST:80', 'hive:80'],
  ['hive.test', 'hive.test.:80', 'hive.test.x:80'],
  ['hive.test:8080', 'lab.hive.test:8080', 'lab.hive.test:80'],
  ['a.test,hive.test', 'hive.test:80', 'b.test:80'],
  [' a.test , hive.test ', 'a.test:80', 'b.test:80'],
  ['a.test hive.test', 'hive.test:80', 'a.testhive.test:80'],
  ['192.0.2.7', '192.0.2.7:80', '192.0.2.70:80'],
  ['192.0.2.7:8080', '192.0.2.7:8080', '192.0.2.7:80'],
  ['10.0.0.0/8', '10.20.30.40:80', '11.0.0.1:80'],
  ['10.0.0.0/8:8080', '10.20.30.40:8080', '10.20.30.40:80'],
  ['0.0.0.0/0', '203.0.113.9:80', 'hive.test:80'],
  ['2001:db8::/32', '[2001:db8::7]:80', '[2001:db9::7]:80'],
  ['2001:db8:0:0::7', '[2001:db8::7]:80', '[2001:db8::8]:80'],
  ['[2001:db8::7]', '[2001:db8::7]:80', '[2001:db8::8]:80'],
  ['[2001:db8::7]:8080', '[2001:db8::7]:8080', '[2001:db8::7]:80'],
];

const isNamed = (noProxy: string, server: string) => {
  const { hostname, port } = new URL(`ws://${server}/`);
  return isExempt(noProxy, { hostname, port: port || '80' });
};

describe('NO_PROXY', () => {
  for (const [noProxy, named, other] of cases) {
    it(`'${noProxy}' names ${named}${other === '' ? '' : `, and not ${other}`}`, () => {
      assert.equal(isNamed(noProxy, named), true);
      if (other !== '') assert.equal(isNamed(noProxy, other), false);
    });
  }

  for (const nothing of [
    '',
    ',',
    ' , ',
    '.',
    '*.',
    '10.0.0.0/99',
    '10.0.0.0/x',
    '999.1.1.1/8',
    '/8',
    ':80',
    '[',
    '[]:80',
  ])
    it(`'${nothing}' names no host`, () => {
      for (const server of ['hive.test:80', '10.0.0.1:80', '[2001:db8::7]:80'])
        assert.equal(isNamed(nothing, server), false);
    });
});
