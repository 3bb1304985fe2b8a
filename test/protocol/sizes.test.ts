import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { isDeeperThan, maxDepth } from '../../src/protocol/depth.ts';
import { classify } from '../../src/protocol/frames.ts';
import { withoutStrings } from '../../src/protocol/notation/jsonStrings.ts';
import { redactText } from '../../src/protocol/redaction.ts';
import { Secrets } from '../../src/protocol/secrets.ts';
import { root } from '../helpers/sources.ts';

const large = 10 * 1024 * 1024;

function nested(levels: number): string {
  return `${'{"a":'.repeat(levels)}"password"${'}'.repeat(levels)}`;
}

describe('texts of any size', () => {
  for (const [what, filler] of [
    ['letters', 'x'],
    ['escaped quotation marks', '\\"'],
    ['backslashes', '\\\\'],
    ['starts of tokens', 'eyJ'],
    ['starts of tokens with full stops', 'eyJabcdefgh.'],
    ['names of secrets', 'token='],
    ['spaces', ' '],
  ] as const) {
    it(`are redacted without running out of stack or time: ${what}`, () => {
      const filling = filler.repeat(large / filler.length);
      for (const text of [
        `eyJ ${filling}`,
        `token="${filling}`,
        `'password': '${filling}' eyJ`,
        `{"token":"${filling}"}`,
      ]) {
        assert.ok(redactText(text).length <= text.length + 10);
      }
      assert.equal(redactText(`{"token":"x","note":"${'x'.repeat(large)}"}`).length, large + 25);
    });
  }

  it('keep nothing of a secret that is not JSON', () => {
    const noise = String.raw`token="se\"cret", password: 'se\'cret' oldPassword=secret; refreshToken`;
    assert.equal(redactText(noise), `token="***", password: "***" oldPassword="***"; refreshToken`);
    assert.equal(redactText('a.eyJabcdef.ghijk.lmn.o Bearer_eyJabcdef.ghijk. end'), 'a.***.o Bearer_*** end');
  });

  it('are shown as their length where they are too deep to be redacted', () => {
    const secrets = new Secrets();
    secrets.note({ token: 'password' });
    for (const levels of [maxDepth + 1, 3_000, 200_000]) {
      const text = nested(levels);
      assert.equal(redactText(text), `"*** (${text.length} characters)"`);
      assert.equal(secrets.hide(text), `"*** (${text.length} characters)"`);
    }
  });

  it('lose their strings', () => {
    assert.equal(withoutStrings(String.raw`{"a\"[":[1,"\\",2`), '{:[1,,2');
    assert.equal(withoutStrings(`["${'\\"'.repeat(large / 2)}"]`), '[]');
    assert.equal(withoutStrings('["open'), '[');
  });
});

describe('frames of any depth', () => {
  it('fail the request that they answer beyond the depth that is read', () => {
    for (const levels of [maxDepth, 3_000, 200_000]) {
      const received = classify(`{"action":"a","requestId":7,"status":"error","error":${nested(levels)}}`);
      const error = 'the reply is nested deeper than 1000 levels, and not read';
      assert.deepEqual(received, { kind: 'reply', frame: { action: 'a', requestId: 7, status: 'error', error } });
    }
    assert.equal(classify(`{"action":"a","subscriptionId":1,"x":${nested(3_000)}}`).kind, 'noise');
    assert.equal(classify(`{"action":"a","requestId":7,"status":"success","x":${nested(maxDepth - 1)}}`).kind, 'reply');
    assert.equal(isDeeperThan([[[]]], 2), true);
    assert.equal(isDeeperThan([[1]], 2), false);
  });
});

describe('patterns', () => {
  it('bear texts of many MiB', () => {
    const files = readdirSync(join(root, 'schemas'), { recursive: true, encoding: 'utf8' });
    const schemas = files.filter((file) => file.endsWith('.json'));
    const patterns = schemas.flatMap((file) =>
      [...readFileSync(join(root, 'schemas', file), 'utf8').matchAll(/"pattern": ("(?:[^"\\]|\\.)*")/g)].map(
        ([, text = '']) => JSON.parse(text) as string,
      ),
    );
    assert.ok(patterns.length > 5);
    for (const pattern of new Set(patterns)) {
      for (const filler of ['a', '1', '1s', '{index}', '*', '1.', 'at ', '-']) {
        const text = filler.repeat(Math.ceil(large / 3 / filler.length));
        assert.doesNotThrow(() => new RegExp(pattern, 'u').test(text), pattern);
        assert.doesNotThrow(() => new RegExp(pattern, 'u').test(`${text}!`), pattern);
      }
    }
  });
});
