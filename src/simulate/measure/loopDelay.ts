/** The time between two checks of the loop, in ms. */
export const loopDelayEveryMs = 20;

/** The clock, timer and receiver of the measurement; tests pass their own. */
export interface LoopDelayHost {
  readonly nowMs: () => number;
  readonly schedule: (afterMs: number, run: () => void) => () => void;
  readonly onDelay: (ms: number) => void;
}

/**
 * Samples how late timers are. A stalled loop takes no samples, so a late one also counts for those it delayed: a stall
 * of a second yields samples of 1000, 980, 960 … ms. Returns a function that ends the sampling.
 */
export function watchLoopDelay({ nowMs, schedule, onDelay }: LoopDelayHost): () => void {
  let dueMs = nowMs() + loopDelayEveryMs;
  let cancel = schedule(loopDelayEveryMs, look);
  function look(): void {
    const now = nowMs();
    for (let delayMs = Math.max(now - dueMs, 0); delayMs >= 0; delayMs -= loopDelayEveryMs) onDelay(delayMs);
    dueMs = now + loopDelayEveryMs;
    cancel = schedule(loopDelayEveryMs, look);
  }
  return () => cancel();
}
