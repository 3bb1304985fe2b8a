import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SharedText } from '../../../src/server/sharedText.ts';
import { Harms } from '../../../src/server/harm/harms.ts';
import { SlowReaders, type Outlet } from '../../../src/server/wire/slowReaders.ts';
import { FakeClock } from '../fakeClock.ts';

const limits = { patientBytes: 10, patienceMs: 10_000, clientBytes: 100, totalBytes: 200, graceMs: 500 };

class FakeOutlet implements Outlet {
  unsent = 0;
  shared = 0;
  readonly fate: string[] = [];

  unsentBytes(): number {
    return this.unsent;
  }

  ownBytes(): number {
    return this.unsent - this.shared;
  }

  drop(): void {
    this.fate.push('dropped');
  }

  cut(): void {
    this.unsent = 0;
    this.fate.push('cut');
  }
}

function setUp() {
  const clock = new FakeClock();
  return { clock, slowReaders: new SlowReaders(clock, limits, new Harms(() => undefined, false)) };
}

function waiting(slowReaders: SlowReaders, unsent: number, shared = 0): FakeOutlet {
  const outlet = new FakeOutlet();
  outlet.unsent = unsent;
  outlet.shared = shared;
  slowReaders.watch(outlet);
  return outlet;
}

describe('clients that read too slowly', () => {
  it('are dropped when their time is over, and cut off when they do not read that either', () => {
    const { clock, slowReaders } = setUp();
    const outlet = waiting(slowReaders, 11);
    clock.advance(9_999);
    assert.deepEqual(outlet.fate, []);
    clock.advance(1);
    assert.deepEqual(outlet.fate, ['dropped']);
    clock.advance(500);
    assert.deepEqual(outlet.fate, ['dropped', 'cut']);
  });

  it('are left alone when they have read by then', () => {
    const { clock, slowReaders } = setUp();
    const outlet = waiting(slowReaders, 11);
    clock.advance(5_000);
    outlet.unsent = 10;
    clock.advance(60_000);
    assert.deepEqual(outlet.fate, []);
  });

  it('have no room for more, without patience, beyond the limit of one client', () => {
    const { slowReaders } = setUp();
    const outlet = waiting(slowReaders, 100);
    assert.equal(slowReaders.hasRoom(outlet), true);
    outlet.unsent = 101;
    assert.equal(slowReaders.hasRoom(outlet), false);
    assert.deepEqual(outlet.fate, ['dropped']);
  });

  it('are cut off, the slowest first, when too much waits for all of them', () => {
    const { slowReaders } = setUp();
    const outlets = [50, 90, 60].map((unsent) => waiting(slowReaders, unsent));
    const last = waiting(slowReaders, 1);
    assert.deepEqual(
      [...outlets, last].map(({ fate }) => fate),
      [[], ['cut'], [], []],
    );
  });

  it('count with what they have not read by now, not with what they had not before', () => {
    const { slowReaders } = setUp();
    const [read, half] = [waiting(slowReaders, 90), waiting(slowReaders, 90)];
    read.unsent = 0;
    half.unsent = 40;
    const last = waiting(slowReaders, 90);
    assert.deepEqual([read.fate, half.fate, last.fate], [[], [], []]);
  });

  it('count once for a text that waits at many of them', () => {
    const { slowReaders } = setUp();
    const shared = new SharedText('x'.repeat(90));
    const outlets = Array.from({ length: 20 }, () => {
      slowReaders.hold(shared);
      return waiting(slowReaders, 95, 90);
    });
    assert.equal(outlets.flatMap(({ fate }) => fate).length, 0);
    for (let count = 0; count < 20; count++) slowReaders.release(shared);
    const slowest = waiting(slowReaders, 99);
    assert.deepEqual(slowest.fate, []);
    waiting(slowReaders, 20);
    assert.deepEqual(slowest.fate, ['cut'], 'what is its own counts whole');
  });
});
