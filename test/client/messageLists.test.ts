import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { listAll, listSome, type AskServer } from '../../src/client/lists/index.ts';
import type { Frame } from '../../src/protocol/frames.ts';
import { mostReplyBytes } from '../../src/protocol/limits.ts';
import { formatTimestamp } from '../../src/protocol/timestamps.ts';
import { failureOf } from '../helpers/failures.ts';
import { allOf, askingServer, askOf, idsOf, numbered } from './listing.ts';

const nowMs = Date.parse('2026-11-24T10:00:00Z');
const commandAt = (id: number, atMs: number, text = '') => ({
  id,
  timestamp: formatTimestamp(nowMs + atMs),
  parameters: { text },
});
const ids = (count: number) => numbered(count, (index) => index);

describe('a list of all commands', () => {
  it('is cut into spans of time of 500 KiB, and comes in order, each command once', async () => {
    const parameters = { text: 'x'.repeat(12_000) };
    const commands = numbered(300, (index) => ({
      ...{ deviceId: 'd', command: `c${index}`, parameters, id: index + 1 },
      timestamp: formatTimestamp(nowMs + (index >> 1)),
    }));
    await using server = await askingServer({ devices: [{ id: 'd' }], commands });
    const found = await allOf(listAll(server.ask, 'command/list', { deviceId: 'd', sortField: 'timestamp' }));
    assert.equal(new Set(idsOf(found)).size, 300);
    const times = found.map(({ timestamp }) => timestamp as string);
    assert.deepEqual(times, times.toSorted());
    assert.ok(server.heaviest() <= mostReplyBytes, String(server.heaviest()));
  });

  it('comes with the latest first where that is wanted', async () => {
    const found = await allOf(listAll(askOf(ids(500).map((id) => commandAt(id, id))), 'command/list', {}, true));
    assert.deepEqual(idsOf(found), ids(500).reverse());
  });

  it('keeps to the start and the end that were given', async () => {
    const asked: Frame[] = [];
    const ask = askOf(
      ids(500).map((id) => commandAt(id, id)),
      asked,
    );
    const [start, end] = [formatTimestamp(nowMs + 100), formatTimestamp(nowMs + 399)];
    assert.deepEqual(idsOf(await allOf(listAll(ask, 'command/list', { start, end }))), ids(500).slice(100, 400));
    assert.deepEqual([asked[0]?.['start'], asked[0]?.['end'], asked[0]?.['take']], [start, end, 20]);
  });

  it('finds commands that lie years apart, and many of one moment', async () => {
    const commands = [
      ...ids(200).map((id) => commandAt(id, 0)),
      ...ids(9).map((id) => commandAt(1000 + id, (id - 4) * 1e11)),
    ];
    const found = await allOf(listAll(askOf(commands), 'command/list', {}));
    assert.equal(new Set(idsOf(found)).size, 209);
  });

  it('takes a command alone that is too heavy beside others', async () => {
    const commands = [
      ...ids(30).map((id) => commandAt(id, id)),
      commandAt(99, 40, 'x'.repeat(600_000)),
      commandAt(100, 41, 'x'.repeat(600_000)),
    ];
    const found = await allOf(listAll(askOf(commands), 'command/list', {}));
    assert.equal(new Set(idsOf(found)).size, 32);
  });

  it('reports a millisecond that holds too much', async () => {
    const text = 'x'.repeat(20_000);
    const commands = [
      ...ids(60).map((id) => commandAt(id, 7, text)),
      ...ids(20).map((id) => commandAt(100 + id, id * 3)),
    ];
    const found: unknown[] = [];
    const listing = (async () => {
      for await (const items of listAll(askOf(commands), 'command/list', {})) found.push(...items);
    })();
    const message = /^command\/list: the commands of 2026-11-24T10:00:00\.007 are more than one reply may hold/;
    await failureOf(listing, 'partial', message);
    assert.ok(found.length > 20 && found.length < 80, String(found.length));
  });

  it('does not ask for more after a span of time that holds nothing', async () => {
    const asked: Frame[] = [];
    const text = 'x'.repeat(30_000);
    const commands = [
      ...ids(30).map((id) => commandAt(id, 0, text)),
      ...ids(30).map((id) => commandAt(100 + id, id * 1e6)),
    ];
    await allOf(listAll(askOf(commands, asked), 'command/list', {})).catch(() => undefined);
    const crowded = asked.filter(({ start, end }) => start !== undefined && start === end);
    assert.ok(crowded.length > 0 && crowded.every(({ take }) => Number(take) <= 17), JSON.stringify(crowded));
  });

  it('is refused where the server does not keep to start and end', async () => {
    const ask: AskServer = () => Promise.resolve({ commands: ids(1000).map((id) => commandAt(id, id)) });
    await failureOf(allOf(listAll(ask, 'command/list', {})), 'refused', /does not keep to start and end/);
  });
});

describe('some of the commands', () => {
  it('are as many as one reply carries', async () => {
    const light = await listSome(askOf(ids(500).map((id) => commandAt(id, id))), 'command/list', {}, 100);
    assert.deepEqual([light.items.length, light.isWhole], [100, false]);
    const text = 'x'.repeat(12_000);
    const asked: Frame[] = [];
    const heavy = await listSome(
      askOf(
        ids(500).map((id) => commandAt(id, id, text)),
        asked,
      ),
      'command/list',
      {},
      100,
    );
    assert.deepEqual([heavy.items.length, heavy.isWhole], [42, false]);
    assert.deepEqual(
      asked.map(({ take }) => take),
      [20, 40, 42],
    );
    const all = await listSome(askOf(ids(9).map((id) => commandAt(id, id))), 'command/list', {}, 100);
    assert.deepEqual([all.items.length, all.isWhole], [9, true]);
  });
});
