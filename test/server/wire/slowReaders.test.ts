import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Harms } from '../../../src/server/harm/harms.ts';
import { SlowReaders, type Outlet } from '../../../src/server/wire/slowReaders.ts';
import { FakeClock } from '../fakeClock.ts';

const limits = { patientBytes: 10, patienceMs: 10_000, clientBytes: 100, graceMs: 500 };

class FakeOutlet implements Outlet {
  unsent = 0;
  readonly fate: string[] = [];

  unsentBytes(): number {
    return this.unsent;
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

function waiting(slowReaders: SlowReaders, unsent: number): FakeOutlet {
  const outlet = new FakeOutlet();
  outlet.unsent = unsent;
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
});
