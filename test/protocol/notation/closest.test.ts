import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { closest } from '../../../src/protocol/notation/closest.ts';

const names = ['command', 'notification', 'device', 'devicetype', 'network', 'user', 'token'];

describe('the closest name', () => {
  const found: readonly (readonly [string, string])[] = [
    ['comand', 'command'],
    ['commnad', 'command'],
    ['commands', 'command'],
    ['Command', 'command'],
    ['notifcation', 'notification'],
    ['netwrok', 'network'],
    ['devicetypes', 'devicetype'],
    ['devise', 'device'],
    ['usr', 'user'],
    ['command', 'command'],
  ];
  for (const [typed, meant] of found) {
    it(`to ${typed} is ${meant}`, () => {
      assert.equal(closest(typed, names), meant);
    });
  }

  for (const typed of ['', 'x', 'weather', 'subscription', 'zzzzzzzzzzzzzzz']) {
    it(`to '${typed}' does not exist`, () => {
      assert.equal(closest(typed, names), undefined);
    });
  }

  it('needs no more than two edits in a short name, and a third of a long one', () => {
    assert.equal(closest('abxx', ['abcd']), 'abcd');
    assert.equal(closest('axxx', ['abcd']), undefined);
    assert.equal(closest('abcdefghixxx', ['abcdefghijkl']), 'abcdefghijkl');
    assert.equal(closest('abcdefghxxxx', ['abcdefghijkl']), 'abcdefghijkl');
    assert.equal(closest('abcdefgxxxxx', ['abcdefghijkl']), undefined);
  });

  it('never replaces every letter', () => {
    assert.equal(closest('ab', ['cd']), undefined);
  });

  it('is the first of those that are equally close', () => {
    assert.equal(closest('bat', ['cat', 'hat']), 'cat');
  });

  it('is the nearest, wherever it stands', () => {
    assert.equal(closest('deviceId', ['deviceIds', 'deviceName', 'deviceId']), 'deviceId');
  });

  it('of no names does not exist', () => {
    assert.equal(closest('command', []), undefined);
  });
});
