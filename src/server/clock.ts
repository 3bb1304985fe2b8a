/** The server's source of time; tests supply one that they advance themselves. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Runs the task once after a delay, without keeping the process alive. Returns a function that cancels it. */
  schedule(delayMs: number, task: () => void): () => void;
  /** Runs the task as soon as the time is later than `ms`. Absent on clocks that do not advance by themselves. */
  whenPast?(ms: number, task: () => void): void;
}

/** The clock of this machine. */
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
  // timers may fire up to 1 ms early, because their start is rounded
  else setTimeout(whenPast, 1, ms, task);
}
