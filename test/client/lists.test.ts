import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { listAll, listSome, type AskServer } from '../../src/client/lists/index.ts';
import type { Frame } from '../../src/protocol/frames.ts';
import { mostReplyBytes } from '../../src/protocol/limits.ts';
import { failureOf } from '../helpers/failures.ts';
import { allOf, askingServer, idsOf, numbered } from './listing.ts';

const takesOf = (asked: readonly Frame[], action: string) =>
  asked.filter((question) => question['action'] === action).map(({ take }) => take);

describe('a list of all devices', () => {
  it('begins with 20 and grows by what devices weigh to 500 KiB a reply', async () => {
    const data = { text: 'x'.repeat(6000) };
    await using server = await askingServer({ devices: numbered(400, (index) => ({ id: `d-${index}`, data })) });
    const devices = await allOf(listAll(server.ask, 'device/list', {}));
    assert.equal(new Set(idsOf(devices)).size, 401);
    assert.deepEqual(takesOf(server.asked, 'device/list'), [20, 40, 80, 83, 83, 83, 83]);
    assert.ok(server.heaviest() <= mostReplyBytes, String(server.heaviest()));
  });

  it('takes devices alone that are too heavy beside others, and then more again', async () => {
    const [heavy, light] = ['x'.repeat(400_000), ''];
    const devices = numbered(40, (index) => ({
      id: `d-${index + 10}`,
      data: { text: index === 19 || index === 20 ? heavy : light },
    }));
    await using server = await askingServer({ devices });
    const found = await allOf(listAll(server.ask, 'device/list', { namePattern: 'd-%' }));
    assert.equal(found.length, 40);
    assert.deepEqual(takesOf(server.asked, 'device/list'), [20, 1, 1, 2, 4, 8, 16]);
  });

  it('holds devices with equal names that pages miss', async () => {
    const devices = [
      ...numbered(1200, (index) => ({ id: `same-${index}`, name: 'Lamp', network: index % 2 === 0 ? 'Hall' : 'Yard' })),
      ...numbered(100, (index) => ({ id: `own-${index}` })),
    ];
    await using server = await askingServer({ networks: [{ name: 'Hall' }, { name: 'Yard' }], devices });
    const found = idsOf(await allOf(listAll(server.ask, 'device/list', {})));
    assert.equal(found.length, 1301);
    assert.equal(new Set(found).size, 1301);
    assert.ok(server.heaviest() <= mostReplyBytes, String(server.heaviest()));
  });

  it('looks into names that begin alike where a network is too large for one reply', async () => {
    const data = { text: 'x'.repeat(3000) };
    const devices = numbered(400, (index) => ({ id: `d-${index}`, name: `Lamp_${index % 4}`, data }));
    await using server = await askingServer({ devices });
    const found = idsOf(await allOf(listAll(server.ask, 'device/list', { networkId: 1 })));
    assert.equal(new Set(found).size, 401);
    assert.ok(
      server.asked.some(({ namePattern }) => namePattern === 'Lamp_3%'),
      'no pattern',
    );
    assert.ok(server.heaviest() <= mostReplyBytes, String(server.heaviest()));
  });

  it('ends by reporting how many are missing where nothing finds them', async () => {
    const data = { text: 'x'.repeat(4000) };
    await using server = await askingServer({
      devices: numbered(600, (index) => ({ id: `d-${index}`, name: 'Lamp', data })),
    });
    const found: unknown[] = [];
    const listing = (async () => {
      for await (const items of listAll(server.ask, 'device/list', {})) found.push(...items);
    })();
    const failure = await failureOf(listing, 'partial', /^device\/list: \d+ of 601 devices came/);
    assert.ok(failure.message.includes(` ${found.length} of `));
  });

  it('is whole although devices are added and removed meanwhile', async () => {
    await using server = await askingServer({ devices: numbered(100, (index) => ({ id: `d-${index}` })) });
    const found: unknown[] = [];
    for await (const items of listAll(server.ask, 'device/list', {})) {
      found.push(...items);
      await server.ask('device/save', { deviceId: `new-${found.length}`, device: { name: `zz${found.length}` } });
    }
    assert.ok(found.length >= 101);
  });
});

describe('a list of all users, networks or device types', () => {
  it('goes by id', async () => {
    await using server = await askingServer({ networks: numbered(50, (index) => ({ name: `n-${50 - index}` })) });
    const networks = await allOf(listAll(server.ask, 'network/list', {}));
    assert.deepEqual(
      idsOf(networks),
      numbered(51, (index) => index + 1),
    );
    assert.deepEqual(
      server.asked.filter(({ action }) => action === 'network/list').map(({ sortField, take }) => [sortField, take]),
      [
        ['id', 20],
        ['id', 40],
      ],
    );
  });
});

describe('the beginning of a list', () => {
  it('can be fetched in pages too', async () => {
    await using server = await askingServer({ devices: numbered(180, (index) => ({ id: `d-${index}` })) });
    const { items, isWhole } = await listSome(server.ask, 'device/list', {}, 100);
    assert.deepEqual([items.length, isWhole], [140, false]);
    assert.equal((await listSome(server.ask, 'device/list', {}, 200)).isWhole, true);
  });
});

describe('a server whose pages have no end', () => {
  const page = (take: unknown, first: number) => ({
    status: 'success',
    devices: numbered(Number(take), (index) => ({ id: first + index })),
  });

  it('is refused where it counts fewer', async () => {
    const ask: AskServer = (action, { take, skip }) =>
      Promise.resolve(action === 'device/count' ? { count: 500 } : page(take, Number(skip)));
    await failureOf(allOf(listAll(ask, 'device/list', {})), 'refused', /no end: it counts 500 items/);
  });

  it('is refused where it sends the same again and again', async () => {
    const ask: AskServer = (action, { take }) =>
      Promise.resolve(action === 'user/count' ? { count: 1e9 } : page(take, 0));
    await failureOf(allOf(listAll(ask, 'user/list', {})), 'refused', /no end: its pages bring the same items/);
  });
});
