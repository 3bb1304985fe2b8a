import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { describedRest, replayRest, type RestVector } from './restReplay.ts';

const folder = new URL('vectors/rest/', import.meta.url);

describe('recorded REST exchanges of a DeviceHive 4.1.0', { concurrency: true }, () => {
  for (const file of readdirSync(folder)) {
    it(`agree with the embedded server in every step of ${file}`, async () => {
      const vector = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as RestVector;
      assert.equal(describedRest(await replayRest(vector)), '');
    });
  }
});
