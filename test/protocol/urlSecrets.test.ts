import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { withoutUrlSecrets } from '../../src/protocol/urlSecrets.ts';

describe('a text with URLs', () => {
  const shown: readonly (readonly [string, string])[] = [
    ['ws://host/x?token=abc&b=1', 'ws://host/x?token=***&b=1'],
    ['wss://host/x?b=1&Access-Token=a.b.c#', 'wss://host/x?b=1&Access-Token=***#'],
    ['ws://host/?api_key=abc;sig=def', 'ws://host/?api_key=***;sig=***'],
    [
      "'ws://me:secret@host/x?apikey=1' is away, wss://u@h too",
      "'ws://***@host/x?apikey=***' is away, wss://***@h too",
    ],
    ['ws://host/x?room=7&page=2', 'ws://host/x?room=7&page=2'],
    ['ws://host/a@b', 'ws://host/a@b'],
    ['mail me@example.com?', 'mail me@example.com?'],
    ['ws://host/x?token=', 'ws://host/x?token='],
  ];
  for (const [text, safe] of shown) {
    it(`is shown without their secrets: ${text}`, () => {
      assert.equal(withoutUrlSecrets(text), safe);
    });
  }

  it('may be large and hostile', () => {
    const text = '?token'.repeat(200_000);
    assert.equal(withoutUrlSecrets(text), text);
    assert.equal(withoutUrlSecrets(`ws://${'a'.repeat(1_000_000)}`).length, 1_000_005);
  });
});
