import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fuzzClient } from './client.ts';
import { fuzzServer } from './server.ts';
import { Tally } from './tally.ts';

describe('frames that make no sense', () => {
  for (const [side, fuzz] of [
    ['server, logged in', (tally: Tally) => fuzzServer(tally, 1500, 11, true)],
    ['server, as a stranger', (tally: Tally) => fuzzServer(tally, 1500, 12, false)],
    ['client', (tally: Tally) => fuzzClient(tally, 1500, 13)],
  ] as const) {
    it(`let nothing fall: ${side}`, async () => {
      const tally = new Tally(side);
      await fuzz(tally);
      assert.deepEqual(tally.crashes, []);
      assert.ok(tally.frames >= 1500 && tally.refused > 0);
    });
  }
});
