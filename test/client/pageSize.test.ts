import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PageSize } from '../../src/client/lists/pageSize.ts';
import { maxBusBytes } from '../../src/server/harm/busSize.ts';
import { numbered } from './listing.ts';

/** An item of so many bytes of JSON. */
const item = (bytes: number) => 'x'.repeat(bytes - 2);
/** Bytes of a reply on the bus, rounded up as the embedded server counts them. */
const onBus = (items: readonly string[]) =>
  items.reduce((bytes, { length }) => bytes + length + 3 + 10, '{"devices":[]}'.length + 100);

describe('the size of pages', () => {
  it('lets the bus bear every page whose items weigh up to 4 KiB, or twice as much as the heaviest before', () => {
    for (const start of [10, 1000, 4000, 12_000, 26_000, 51_000])
      for (const factor of [0.1, 0.5, 1, 1.5, 2]) {
        const size = new PageSize();
        for (let bytes = start, page = 0; page < 12; page++) {
          const items = numbered(size.take, () => item(Math.floor(bytes)));
          assert.ok(onBus(items) <= maxBusBytes, `${items.length} items of ${bytes} bytes, from ${start} by ${factor}`);
          size.learn(items);
          bytes = Math.min(Math.max(bytes * factor, page % 3 === 0 ? 4096 : 10), 500_000);
        }
      }
  });

  it('never grows by more than a factor of two, and goes by the heaviest item of the last page', () => {
    const size = new PageSize();
    const takes = [20];
    for (const bytes of [10, 10, 100_000, 10, 10, 400_000, 10]) {
      size.learn([item(bytes), ...numbered(size.take - 1, () => item(10))]);
      takes.push(size.take);
    }
    assert.deepEqual(takes, [20, 40, 80, 5, 10, 20, 1, 2]);
  });
});
