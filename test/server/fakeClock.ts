import { ManualClock } from '../../src/server/manualClock.ts';

/** A clock that starts at a known time and stands still until a test advances it. */
export class FakeClock extends ManualClock {
  /** The number of tasks that wait for their time. */
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
