import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Comparison } from '../../../../../src/cli/commands/trace/diff/comparison.ts';
import type { Frame } from '../../../../../src/protocol/frames.ts';
import { received, sent, type Entry } from '../../../../helpers/traces.ts';
import { listOf, momentsOf } from '../recording.ts';

/** Returns the verdict on each exchange and push of two recordings, as short texts. */
async function compared(one: readonly Entry[], other: readonly Entry[]): Promise<string[]> {
  const findings = await listOf(new Comparison().run(momentsOf(one), momentsOf(other)));
  return findings.map(({ outcome, action, differences = [] }) =>
    [outcome, action, ...differences.map(({ at }) => at)].join(' '),
  );
}

/** Returns a request and its success reply. */
function exchange(requestId: number, request: Frame & { readonly action: string }, reply: Frame = {}): Entry[] {
  const { action } = request;
  return [sent({ requestId, ...request }), received({ action, requestId, status: 'success', ...reply })];
}

const insert = (requestId: number, id: number, at = '2026-11-22T22:13:45.123') =>
  exchange(
    requestId,
    { action: 'command/insert', deviceId: 'd1', command: { command: 'blink' } },
    { command: { id, timestamp: at, lastUpdated: at, userId: 1 } },
  );
const update = (requestId: number, commandId: number, status = 'done') =>
  exchange(requestId, { action: 'command/update', deviceId: 'd1', commandId, command: { status } });
const get = (requestId: number, deviceId: string) => exchange(requestId, { action: 'device/get', deviceId });
const push = (id: number, subscriptionId = 5) =>
  received({ action: 'command/insert', subscriptionId, command: { id, command: 'blink' } });

describe('two recordings', () => {
  it('are the same where only ids, times and request ids differ', async () => {
    const one = [...insert(1, 10), ...update(2, 10)];
    const other = [...insert(7, 99, '2026-11-23T01:02:03.004'), ...update(8, 99)];
    assert.deepEqual(await compared(one, other), ['agrees command/insert', 'agrees command/update']);
  });

  it('differ where an id plays another role', async () => {
    const one = [...insert(1, 10), ...insert(2, 11), ...update(3, 10)];
    const other = [...insert(1, 20), ...insert(2, 21), ...update(3, 21)];
    assert.deepEqual(await compared(one, other), [
      'agrees command/insert',
      'agrees command/insert',
      'differs command/update request.commandId',
    ]);
  });

  it('differ where a request or a reply does, and say where', async () => {
    const one = [...update(1, 42), ...get(2, 'd1')];
    const refused = received({ action: 'device/get', requestId: 2, status: 'error', code: 404, error: 'gone' });
    const other = [...update(1, 42, 'failed'), sent({ action: 'device/get', requestId: 2, deviceId: 'd1' }), refused];
    assert.deepEqual(await compared(one, other), [
      'differs command/update request.command.status',
      'differs device/get status code error',
    ]);
  });

  it('go on after what only one of them has', async () => {
    const one = [...get(1, 'a'), ...get(2, 'b'), ...get(3, 'c'), ...get(4, 'd')];
    const other = [...get(1, 'a'), ...get(2, 'c'), ...update(3, 42), ...get(4, 'd')];
    assert.deepEqual((await compared(one, other)).sort(), [
      'agrees device/get',
      'agrees device/get',
      'agrees device/get',
      'missing device/get',
      'unexpected command/update',
    ]);
  });

  it('are the same in whatever order replies and pushes come', async () => {
    const [one, two] = [insert(1, 10), insert(2, 11)];
    const first = [...one, push(10), ...two, push(11)];
    const second = [one[0], two[0], push(11), push(10), two[1], one[1]].filter((entry) => entry !== undefined);
    assert.deepEqual((await compared(first, second)).sort(), [
      'agrees command/insert',
      'agrees command/insert',
      'agrees command/insert',
      'agrees command/insert',
    ]);
  });

  it('differ where a reply is missing, or a push', async () => {
    const request = sent({ action: 'device/get', requestId: 1, deviceId: 'a' });
    assert.deepEqual(await compared([...get(1, 'a'), push(3)], [request, push(3), push(4)]), [
      'differs device/get ',
      'agrees command/insert',
      'unexpected command/insert',
    ]);
  });

  it('are compared connection by connection', async () => {
    const second = (deviceId: string) => get(1, deviceId).map((entry) => ({ ...entry, connection: 9 }));
    const one = [...get(1, 'a'), ...second('b')];
    const other = [...second('b'), ...get(1, 'a')].map((entry) => ({
      ...entry,
      connection: entry.connection === 9 ? 4 : 1,
    }));
    assert.deepEqual(await compared(one, other), ['agrees device/get', 'agrees device/get']);
  });

  it('keep nothing of long stretches that only one of them has', async () => {
    const many = Array.from({ length: 3000 }, (_, index) => get(index + 1, `device ${index}`)).flat();
    const found = await compared(many, get(1, 'device 0'));
    assert.equal(found.filter((text) => text === 'missing device/get').length, 2999);
  });
});
