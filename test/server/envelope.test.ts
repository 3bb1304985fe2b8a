import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { world } from './inMemory.ts';

describe('the envelope', () => {
  it('returns the request id in its spelling, with the properties in the order of the real server', () => {
    const { admin } = world();
    for (const id of ['1.0', '12345678901234567890', '"a"', 'null', '{"b":[1.50]}', 'true']) {
      const [reply] = admin.say(`{"action":"command/unsubscribe","requestId":${id}}`);
      assert.equal(reply, `{"action":"command/unsubscribe","requestId":${id},"status":"success"}`);
    }
  });

  it('puts code before status in an error', () => {
    const { stranger } = world();
    assert.deepEqual(stranger().say('{"action":"user/list","requestId":1}'), [
      '{"action":"user/list","requestId":1,"code":401,"status":"error","error":"Unauthorized"}',
    ]);
  });

  it('reads deviceId, networkId and deviceTypeId before anything else', () => {
    const client = world().stranger();
    for (const fields of [{ deviceId: {} }, { networkId: 'x' }, { deviceTypeId: true }]) {
      assert.equal(client.outcome('server/info', fields), '400 Malformed Json received.');
      assert.equal(client.outcome('user/list', fields), '400 Malformed Json received.');
    }
  });

  it('distinguishes a missing action from an unknown one', () => {
    const client = world().stranger();
    const unparsed = "500 'action' field could not be parsed to known endpoint";
    for (const action of [null, '', {}, []]) assert.equal(client.outcome(action as never), unparsed);
    assert.equal(client.outcome('constructor'), '400 Illegal argument: constructor');
    assert.equal(client.outcome(true as never), '400 Illegal argument: true');
    assert.deepEqual(client.say('{"action":1.0}'), [
      '{"action":1.0,"requestId":null,"code":400,"status":"error","error":"Illegal argument: 1.0"}',
    ]);
  });

  it('answers anything but an object without action and request id', () => {
    const client = world().stranger();
    for (const text of ['', 'x y', '[]', '1', '"a"', 'null', '{"action":']) {
      assert.deepEqual(client.say(text), ['{"code":400,"status":"error","error":"Malformed Json received."}']);
    }
  });

  it('survives a frame that is nested deeper than it reads', () => {
    const { log, admin } = world();
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
    assert.deepEqual(admin.say(`{"action":"server/info","requestId":${deep}}`), [
      '{"code":400,"status":"error","error":"Malformed Json received."}',
    ]);
    assert.equal(log[0]?.level, 'warn');
    assert.equal(admin.outcome('server/info'), 'success');
  });

  it('logs unexpected errors with their stack, and answers 500', () => {
    const { hive, log, admin } = world();
    hive.devices.find = () => {
      throw new TypeError('boom');
    };
    assert.equal(admin.outcome('device/get', { deviceId: 'd1' }), '500 Internal server error');
    assert.match(log[0]?.stack ?? '', /TypeError: boom/);
  });
});
