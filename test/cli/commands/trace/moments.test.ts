import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { received, sent } from '../../../helpers/traces.ts';
import { listOf, momentsOf } from './recording.ts';

const get = { action: 'device/get', requestId: 2, deviceId: 'd1' };
const reply = { action: 'device/get', requestId: 2, status: 'success' };

describe('the moments of a trace', () => {
  it('lead each reply to its request, with the time between', async () => {
    const [, request, answer] = await listOf(momentsOf([sent(get), received(reply)]));
    assert.ok(answer?.kind === 'reply');
    assert.equal(answer.request, request);
    assert.equal(answer.replyMs, 1);
  });

  it('distinguish requests of different connections that have the same id', async () => {
    const { kind, ...rest } = { kind: 'opened' as const, connection: 2 };
    const all = await listOf(momentsOf([{ kind, ...rest }, sent(get), sent(get, 2), received(reply, 2)]));
    const answer = all.find((moment) => moment.kind === 'reply');
    assert.equal(answer?.request.connection, 2);
    assert.deepEqual(
      all.filter((moment) => moment.kind === 'silence').map(({ connection }) => connection),
      [1],
    );
  });

  it('show silence when the connection ends, with its length', async () => {
    const all = await listOf(momentsOf([sent(get)], 2500));
    assert.deepEqual(
      all.map(({ kind }) => kind),
      ['opened', 'request', 'silence', 'closed'],
    );
    assert.equal(all[2]?.kind === 'silence' && all[2].waitedMs, 2500);
  });

  it('show pushes, and frames that mean nothing', async () => {
    const push = { action: 'command/insert', subscriptionId: 5, command: {} };
    const all = await listOf(momentsOf([received(push), received(reply), received({ other: 1 })]));
    assert.deepEqual(
      all.slice(1, 4).map(({ kind }) => kind),
      ['push', 'noise', 'noise'],
    );
  });
});
