import { ManualClock } from '../../src/server/manualClock.ts';

/** A clock that stands still until a test moves it, and starts at a time that tests know. */
export class FakeClock extends ManualClock {
  /** How many tasks wait for their time. */
  pending = 0;

  constructor() {
    super(Date.UTC(2026, 10, 22, 22, 13, 45, 123));
  }

  override schedule(delayMs: number, task: () => void): () => void {
    this.pending++;
    let isPending = true;
    const settle = () => {
      if (isPending) this.pending--;
      isPending = false;
    };
    const cancel = super.schedule(delayMs, () => {
      settle();
      task();
    });
    return () => {
      settle();
      cancel();
    };
  }
}
