import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { largeProblem, maxMessageBytes } from '../../src/protocol/limits.ts';

const bulky: readonly (readonly [string, string])[] = [
  ['command/insert', 'command'],
  ['command/update', 'command'],
  ['notification/insert', 'notification'],
];

/** Returns an object whose JSON takes this many bytes. */
function sized(bytes: number, character = 'x'): { readonly text: string } {
  const room = bytes - Buffer.byteLength(JSON.stringify({ text: '' }));
  return { text: character.repeat(room / Buffer.byteLength(character)) };
}

describe('the size of a message', () => {
  it('may be 900 KiB', () => {
    assert.equal(maxMessageBytes, 921_600);
  });

  for (const [action, field] of bulky) {
    it(`is held to that for ${action}, to the byte`, () => {
      assert.equal(largeProblem(action, { deviceId: 'd1', [field]: sized(maxMessageBytes) }), undefined);
      assert.equal(
        largeProblem(action, { deviceId: 'd1', [field]: sized(maxMessageBytes + 1) }),
        `the ${field} of ${action} takes 921601 bytes, more than 921600 (900 KiB)`,
      );
    });
  }

  it('counts bytes, not characters', () => {
    const command = sized(maxMessageBytes + 1, 'é');
    assert.ok(command.text.length < maxMessageBytes / 2 + 1);
    assert.match(
      largeProblem('command/insert', { command: sized(maxMessageBytes + 3, 'é') }) ?? '',
      /takes 92160\d bytes/,
    );
  });

  it('counts what JSON adds to escape', () => {
    const command = { text: '\u0001'.repeat(maxMessageBytes / 6) };
    assert.ok(largeProblem('command/insert', { command }));
  });

  it('is free where no message goes over the bus', () => {
    const device = sized(2 * maxMessageBytes);
    assert.equal(largeProblem('device/save', { deviceId: 'd1', device }), undefined);
    assert.equal(largeProblem('configuration/put', { value: device.text }), undefined);
  });

  it('is no problem where the field is missing', () => {
    assert.equal(largeProblem('command/update', { deviceId: 'd1' }), undefined);
  });
});
