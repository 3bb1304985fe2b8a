import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { maxDepth } from '../../src/protocol/depth.ts';
import { world, type Frame } from './inMemory.ts';

const malformed = '{"code":400,"status":"error","error":"Malformed Json received."}';

function nested(levels: number): string {
  return `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;
}

/** The frame and its command are two levels themselves. */
function insert(parameters: string): string {
  return `{"action":"command/insert","requestId":1,"deviceId":"d1","command":{"command":"x","parameters":${parameters}}}`;
}

describe('deep requests', () => {
  it('are served up to the depth that is read, and come back whole', () => {
    const { admin, log } = world();
    admin.ask('command/subscribe');
    const parameters = nested(maxDepth - 2);
    for (const text of [insert(parameters), insert(parameters).replace('"command":"x"', "'command':x")]) {
      const [push, reply] = admin.say(text);
      assert.ok(push?.includes(`"parameters":${parameters},`));
      assert.match(reply ?? '', /"status":"success"/);
    }
    assert.deepEqual(log, []);
  });

  for (const levels of [maxDepth - 1, 3_000, 20_000, 100_000]) {
    it(`are malformed beyond it, with a line in the log and no stack: ${levels}`, () => {
      const { admin, log } = world();
      const list = `${'['.repeat(levels)}${']'.repeat(levels)}`;
      for (const text of [
        insert(nested(levels)),
        insert(nested(levels)).replace('"command":"x"', "'command':x"),
        `{"action":"server/info","requestId":[${list}]}`,
        `{"action":[${list}]}`,
        `{'action':'token','login':[${list}]}`,
      ]) {
        assert.deepEqual(admin.say(text), [malformed]);
      }
      assert.equal(log.length, 5);
      for (const { level, stack, message } of log) {
        assert.deepEqual([level, stack], ['warn', undefined]);
        assert.match(message, /deeper than 1000 levels/);
      }
    });
  }

  it('leave no trace in the log that is as deep or as long', () => {
    const { admin, log } = world();
    const fields: Frame = { deviceId: 'd1', commandId: 1, list: Array.from({ length: 5_000 }, () => 'x'.repeat(100)) };
    admin.ask('command/update', { ...fields, command: { status: 'x'.repeat(1_000_000) } });
    admin.say(`{"action":"command/update","deviceId":"d1","commandId":1,"command":{},"x":${nested(maxDepth - 1)}}`);
    assert.equal(log.length, 2);
    assert.ok(JSON.stringify(log[0]).length < 150_000);
  });
});
