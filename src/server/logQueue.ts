import { messageOf } from '../errors.ts';
import type { Log, LogEntry } from './log.ts';

/** What waits to be logged at most; a log that is slower than that misses something, and is told how much. */
const maxWaiting = 1000;

/** How long logging may hold up the sessions at a time, in ms. */
const sliceMs = 5;

/**
 * Entries on their way to whoever logs them: after the replies of the turn, and a few at a time, so that a slow log
 * delays no session for long and one that throws breaks none.
 */
export class LogQueue {
  readonly #log: Log;
  #waiting: LogEntry[] = [];
  #missed = 0;
  #isPlanned = false;

  constructor(log: Log) {
    this.#log = log;
  }

  add(entry: LogEntry): void {
    if (this.#waiting.length >= maxWaiting) this.#missed++;
    else this.#waiting.push(entry);
    this.#plan();
  }

  /** Logs all that waits at once. */
  flush(): void {
    for (const entry of this.#waiting.splice(0)) this.#tell(entry);
    this.#tellMissed();
  }

  #plan(): void {
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    setImmediate(() => {
      this.#isPlanned = false;
      this.#work();
    });
  }

  #work(): void {
    const end = performance.now() + sliceMs;
    let told = 0;
    for (const entry of this.#waiting) {
      told++;
      this.#tell(entry);
      if (performance.now() >= end) break;
    }
    this.#waiting.splice(0, told);
    if (this.#waiting.length > 0) this.#plan();
    else this.#tellMissed();
  }

  #tellMissed(): void {
    const missed = this.#missed;
    this.#missed = 0;
    if (missed > 0) this.#tell({ level: 'warn', message: `${missed} log entries are left out: the log is too slow` });
  }

  #tell(entry: LogEntry): void {
    try {
      const outcome: unknown = this.#log(entry);
      // nothing stops anyone from giving an asynchronous function
      if (outcome instanceof Promise) outcome.catch(warnOfLog);
    } catch (error) {
      warnOfLog(error);
    }
  }
}

let isWarned = false;

/** Once: a broken log breaks again and again. */
function warnOfLog(error: unknown): void {
  if (isWarned) return;
  isWarned = true;
  process.emitWarning(`the log callback of a DeviceHive server failed: ${messageOf(error)}`);
}
