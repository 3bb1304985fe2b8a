import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { world, type Frame } from './inMemory.ts';

const unanswered: readonly (readonly [string, Frame, string])[] = [
  ['command/update', { deviceId: 'd1', commandId: 1, command: {} }, '404 Command with id = 1 not found'],
  ['command/update', { deviceId: 'd1', commandId: 42 }, '400 Command is required'],
  ['command/list', { deviceId: 'd1', take: -1 }, '400 Invalid request parameters'],
  ['command/list', { deviceId: 'd1', skip: -21 }, '400 Invalid request parameters'],
  ['notification/list', { deviceId: 'd1', take: -1 }, '400 Invalid request parameters'],
  ['device/list', { sortOrder: '' }, '400 Invalid request parameters'],
  ['device/list', { sortField: 'status' }, '400 Invalid request parameters'],
  ['device/list', { sortField: 'Name' }, '400 Invalid request parameters'],
  ['network/list', { sortField: 'ID' }, '400 Invalid request parameters'],
  ['devicetype/list', { skip: -1 }, '400 Invalid request parameters'],
  ['user/list', { sortField: 'Login' }, '400 Invalid request parameters'],
  ['command/subscribe', { limit: -1, timestamp: 0 }, '400 Invalid request parameters'],
];

const stumbles: readonly (readonly [string, Frame])[] = [
  ['command/insert', { deviceId: 'd1', command: null }],
  ['command/update', { deviceId: 'd1', commandId: 42, command: [] }],
  ['command/subscribe', { networkIds: null }],
  ['command/subscribe', { names: 'x' }],
  ['command/list', { deviceId: null }],
  ['notification/list', { deviceId: 'd1', notification: null }],
  ['network/delete', {}],
  ['devicetype/update', { deviceTypeId: 1 }],
  ['device/save', { deviceId: 'd1' }],
  ['token/create', {}],
  ['token/refresh', { refreshToken: null }],
  ['token', { login: {} }],
  ['user/update', { userId: 1, user: { role: 7 } }],
];

describe('what the real server never answers', () => {
  for (const [action, fields, owed] of unanswered) {
    it(`stays unanswered: ${action} ${JSON.stringify(fields)}`, () => {
      const { admin, log } = world();
      assert.equal(admin.outcome(action, fields), 'silence');
      const [entry, ...others] = log;
      assert.deepEqual(others, []);
      assert.equal(entry?.reason, owed);
      assert.match(entry.section ?? '', /^PROTOCOL\.md 4\.\d+$/);
      assert.deepEqual(entry.frame, { action, requestId: 7, ...fields });
    });

    it(`is answered where everything is: ${action} ${JSON.stringify(fields)}`, () => {
      const { admin, log } = world({ answerAll: true });
      assert.equal(admin.outcome(action, fields), owed);
      assert.deepEqual(log, []);
    });
  }

  it('leaves a subscription live whose reply it swallows, unless everything is answered', () => {
    const quiet = world();
    quiet.admin.outcome('command/subscribe', { limit: -1, timestamp: 0 });
    assert.equal((quiet.admin.ask('subscription/list')?.['subscriptions'] as []).length, 1);
    const frank = world({ answerAll: true });
    frank.admin.outcome('command/subscribe', { limit: -1, timestamp: 0 });
    assert.equal((frank.admin.ask('subscription/list')?.['subscriptions'] as []).length, 0);
  });

  it('keeps secrets out of its log', () => {
    const { admin, log } = world();
    const secrets = { token: 'T', user: { password: 'P' } };
    admin.ask('command/update', { deviceId: 'd1', commandId: 1, command: {}, ...secrets });
    admin.say("{action:'command/update', deviceId: d1, commandId: 1, command: {}, token: 'T', password = P}");
    assert.doesNotMatch(JSON.stringify(log), /"T"|'T'|"P"|= P/);
  });
});

describe('mistakes that make the real server fail with a 500', () => {
  for (const [action, fields] of stumbles) {
    it(`are 500, or reported where everything is answered: ${action} ${JSON.stringify(fields)}`, () => {
      assert.match(world().admin.outcome(action, fields), /^500 /);
      assert.match(world({ answerAll: true }).admin.outcome(action, fields), /^40[0134] \S/);
    });
  }
});
