import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { classify, isFrame } from '../../src/protocol/frames.ts';

describe('a received text', () => {
  const replies: readonly (readonly [string, string])[] = [
    ['a success', '{"action":"server/info","requestId":1,"status":"success","info":{}}'],
    ['an error', '{"action":"device/get","requestId":1,"code":404,"status":"error","error":"x"}'],
    ['one to an unparseable frame', '{"code":400,"status":"error","error":"Malformed Json received."}'],
    ['one with requestId null', '{"action":"server/info","requestId":null,"status":"success"}'],
    [
      'one to an insert, which shares its action with a push',
      '{"action":"command/insert","requestId":2,"status":"success","command":{"id":1}}',
    ],
    [
      'one to a subscribe, which holds a subscriptionId too',
      '{"action":"command/subscribe","requestId":3,"status":"success","subscriptionId":17}',
    ],
    ['one with an unknown status', '{"requestId":1,"status":"odd"}'],
    ['one of a later version with more fields', '{"requestId":1,"status":"success","new":{"status":1}}'],
  ];
  for (const [what, text] of replies) {
    it(`with a status is a reply: ${what}`, () => {
      assert.deepEqual(classify(text), { kind: 'reply', frame: JSON.parse(text) as unknown });
    });
  }

  const pushes: readonly string[] = [
    '{"action":"command/insert","command":{"id":1},"subscriptionId":1709633761123000}',
    '{"action":"command/update","command":{"id":1,"status":"done"},"subscriptionId":5}',
    '{"action":"notification/insert","notification":{"id":1},"subscriptionId":5}',
    '{"action":"command/insert","command":{"id":1},"subscriptionId":5,"requestId":null}',
  ];
  for (const text of pushes) {
    it(`with a subscriptionId and no status is a push: ${text}`, () => {
      assert.deepEqual(classify(text), { kind: 'push', frame: JSON.parse(text) as unknown });
    });
  }

  const noise: readonly (readonly [string, RegExp])[] = [
    ['', /not JSON/],
    ['hello', /not JSON/],
    ['{"status":"success"', /not JSON/],
    ['null', /not a JSON object/],
    ['42', /not a JSON object/],
    ['"status"', /not a JSON object/],
    ['[{"status":"success"}]', /not a JSON object/],
    ['{}', /neither a reply .* nor a push/],
    ['{"action":"command/insert","requestId":1}', /neither a reply .* nor a push/],
    ['{"subscriptionId":5}', /neither/],
    ['{"action":"command/insert","subscriptionId":"5"}', /neither/],
    ['{"action":"command/insert","subscriptionId":null}', /neither/],
  ];
  for (const [text, reason] of noise) {
    it(`is noise otherwise: '${text}'`, () => {
      const received = classify(text);
      assert.equal(received.kind, 'noise');
      assert.match(received.reason, reason);
    });
  }

  it('holds no status by way of its prototype', () => {
    assert.equal(classify('{"__proto__":{"status":"success"}}').kind, 'noise');
  });
});

describe('a frame', () => {
  it('is a JSON object and nothing else', () => {
    assert.deepEqual([{}, { a: 1 }].map(isFrame), [true, true]);
    assert.deepEqual([null, undefined, [], 'x', 1, true].map(isFrame), [false, false, false, false, false, false]);
  });
});
