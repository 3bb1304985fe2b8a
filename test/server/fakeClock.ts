import { ManualClock } from '../../src/server/manualClock.ts';

/** A clock that stands still until a test moves it, and starts at a time that tests know. */
export class FakeClock extends ManualClock {
  constructor() {
    super(Date.UTC(2026, 10, 22, 22, 13, 45, 123));
  }
}
