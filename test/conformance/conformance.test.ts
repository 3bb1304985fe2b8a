import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { describe, it } from 'node:test';
import { embeddedServer } from '../helpers/embeddedServer.ts';
import { ManualClock } from '../../src/server/manualClock.ts';
import { described, readVector, replay, type Disagreement } from './replay.ts';
import { ReplyShapes } from './replyShapes.ts';

const folder = new URL('vectors/', import.meta.url);

/**
 * Recorded steps from which this server differs on purpose. The real one showed a user's old networks right after an
 * assignment; an embedded server never imitates stale reads (PROTOCOL.md 7, Q44 and end).
 */
const onPurpose: readonly { readonly scenario: string; readonly action: string; readonly note: string }[] = [
  { scenario: 'users', action: 'user/get', note: 'networks' },
];

/**
 * Recordings with requests that could freeze a real server, and the harm that each counts here. They were made while
 * the real server was idle; here no time passes between requests.
 */
const joining: Readonly<Record<string, number>> = {
  'command-lifecycle.json': 1,
  'command-subscriptions.json': 3,
  'round-trip.json': 2,
};

function isOnPurpose(scenario: string, { step }: Disagreement): boolean {
  return onPurpose.some(
    (known) => known.scenario === scenario && known.action === step.send?.['action'] && known.note === step.note,
  );
}

describe('recorded exchanges of a DeviceHive 4.1.0', () => {
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.json'))) {
    it(`agree with the embedded server in every step of ${file}`, async () => {
      const joins = joining[file];
      const harms = joins === undefined ? {} : { joining: joins };
      await using server = await embeddedServer({ clock: new ManualClock() }, harms);
      const shapes = new ReplyShapes();
      const misshapen: string[] = [];
      const observe = (frame: Readonly<Record<string, unknown>>) => void misshapen.push(...shapes.problemsOf(frame));
      const vector = readVector(new URL(file, folder));
      const disagreements = await replay(vector, {
        url: server.url,
        login: server.login,
        password: server.password ?? '',
        observe,
      });
      const unmeant = disagreements.filter((disagreement) => !isOnPurpose(vector.scenario, disagreement));
      assert.equal(described(unmeant), '');
      assert.deepEqual(misshapen, []);
    });
  }
});
