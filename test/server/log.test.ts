import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { loggable, type LogEntry } from '../../src/server/log.ts';
import { LogQueue } from '../../src/server/logQueue.ts';
import { parseLenientJson } from '../../src/server/reading/json.ts';
import type { JsonObject } from '../../src/server/reading/jsonValues.ts';

const entry: LogEntry = { level: 'info', message: 'm' };

describe('a frame in the log', () => {
  for (const text of [
    '{"token":"S"}',
    '{"Password":"S"}',
    '{"a":[{"passwd":"S"}]}',
    '{"SECRET":{"a":"S"}}',
    '{"access_token":"S","refreshToken":"S"}',
    '{"oldPassword":1,"db_pwd":"S"}',
    "{action:x, password:['S','S']}",
    "{'pass\\u0077ord':'S'}",
    '{password /* c */ : S}',
    '{"password":"a\\"S"}',
    '{"name":"jwt.secret","value":"S"}',
    '{"Api-Key":"S","Authorization":"Bearer S"}',
  ]) {
    it(`has no secret: ${text}`, () => {
      const shown = loggable(parseLenientJson(text) as JsonObject);
      assert.doesNotMatch(JSON.stringify(shown), /"S"|S\b/);
      assert.match(JSON.stringify(shown), /\*\*\*/);
    });
  }

  it('shows everything else unchanged', () => {
    const frame = { action: 'token', login: 'a', requestId: 1, list: [1, { b: null }], name: 'n', value: 'v' };
    assert.deepEqual(loggable(frame), frame);
  });
});

describe('a log', () => {
  it('that throws or rejects loses only the entry at fault', async () => {
    const warned = new Promise((resolve) => process.once('warning', resolve));
    const seen: string[] = [];
    const log = ({ message }: LogEntry): unknown => {
      seen.push(message);
      if (message === 'throws') throw new Error('no');
      return message === 'rejects' ? Promise.reject(new Error('no')) : undefined;
    };
    const queue = new LogQueue(log);
    for (const message of ['throws', 'rejects', 'fine']) queue.add({ ...entry, message });
    assert.deepEqual(seen, []);
    await warned;
    await turn();
    assert.deepEqual(seen, ['throws', 'rejects', 'fine']);
  });

  it('that is too slow misses entries, and hears how many', () => {
    const seen: string[] = [];
    const queue = new LogQueue(({ message }) => seen.push(message));
    for (let count = 0; count < 1_007; count++) queue.add(entry);
    queue.flush();
    assert.equal(seen.length, 1_001);
    assert.match(seen.at(-1) ?? '', /^7 log entries are left out/);
  });
});
