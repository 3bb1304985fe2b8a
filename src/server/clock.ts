/** Where the server takes its time from; tests give one that they move themselves. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /**
   * Runs the task once after a delay, without keeping the process alive for it; the function that comes back takes it
   * off again.
   */
  schedule(delayMs: number, task: () => void): () => void;
  /**
   * Runs the task once the time is later than this one, at once where it is; absent where time does not pass by itself.
   */
  whenPast?(ms: number, task: () => void): void;
}

/** The time of this machine. */
export const systemClock: Clock = {
  now: () => Date.now(),
  schedule: (delayMs, task) => {
    const timer = setTimeout(task, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  },
  whenPast,
};

function whenPast(ms: number, task: () => void): void {
  if (Date.now() > ms) task();
  // a timer may be early by what its start was rounded
  else setTimeout(whenPast, 1, ms, task);
}
