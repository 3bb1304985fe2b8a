import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { world, type Frame } from './inMemory.ts';

const nul = 'a\0b';

const requests: readonly (readonly [action: string, fields: Frame])[] = [
  ['network/insert', { network: { name: nul } }],
  ['network/insert', { network: { name: 'n', description: nul } }],
  ['network/update', { networkId: 1, network: { name: nul } }],
  ['devicetype/insert', { deviceType: { name: nul } }],
  ['devicetype/update', { deviceTypeId: 1, deviceType: { description: nul } }],
  ['device/save', { deviceId: 'new', device: { name: nul } }],
  ['device/save', { deviceId: 'd1', device: { name: nul } }],
  ['device/save', { deviceId: nul, device: { name: 'x' } }],
  ['configuration/put', { name: nul, value: 'x' }],
  ['configuration/put', { name: 'jwt.secret\0', value: 'AAAAAAAAAAAA' }],
  ['configuration/put', { name: 'x', value: nul }],
  ['user/insert', { user: { login: `some${nul}`, password: 'secret-123', role: 1 } }],
  ['user/update', { userId: 1, user: { login: `some${nul}` } }],
];

describe('a text with U+0000', () => {
  for (const [action, fields] of requests) {
    it(`is stored nowhere: ${action} ${JSON.stringify(fields)}`, () => {
      const { admin, log, hive } = world({ answerAll: true });
      const content = () =>
        JSON.stringify(
          [hive.networks, hive.deviceTypes, hive.devices, hive.users, hive.configuration].map((store) => store.all()),
        );
      const before = content();
      assert.match(admin.outcome(action, fields), /^400 /);
      assert.equal(content(), before);
      assert.equal(world().admin.outcome(action, fields).startsWith('success'), false);
      assert.deepEqual(
        log.filter(({ level }) => level === 'error'),
        [],
      );
    });
  }
});

describe('a secret that is put', () => {
  it('is refused where the next start would refuse it', () => {
    const { admin, hive } = world();
    const before = hive.configuration.byName('jwt.secret')?.value;
    assert.match(admin.outcome('configuration/put', { name: 'jwt.secret', value: 'abc' }), /^400 .*too short/);
    assert.match(admin.outcome('configuration/put', { name: 'jwt.secret', value: '------------' }), /^400 /);
    assert.equal(hive.configuration.byName('jwt.secret')?.value, before);
    assert.equal(admin.outcome('configuration/put', { name: 'jwt.secret', value: 'abcd' }), 'success');
    assert.equal(admin.outcome('configuration/put', { name: 'other', value: 'abc' }), 'success');
  });
});
