import { messageOf } from '../errors.ts';
import type { Log, LogEntry } from './log.ts';

/** Entries beyond this number are dropped, and the log learns how many. */
const maxWaiting = 1000;

/** How long logging may block the sessions in one turn. */
const sliceMs = 5;

/**
 * Passes log entries on after the replies of a turn, a few at a time, so that a slow log function delays no session for
 * long and a throwing one breaks none.
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

  /** Logs all waiting entries now. */
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
      // the callback may be asynchronous although its type says otherwise
      if (outcome instanceof Promise) outcome.catch(warnOfLog);
    } catch (error) {
      warnOfLog(error);
    }
  }
}

let isWarned = false;

/** Warns once: a broken log keeps breaking. */
function warnOfLog(error: unknown): void {
  if (isWarned) return;
  isWarned = true;
  process.emitWarning(`the log callback of a DeviceHive server failed: ${messageOf(error)}`);
}
