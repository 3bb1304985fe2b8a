import { closeSync, fchmodSync, fdatasync, fstatSync, ftruncateSync, openSync, realpathSync, write } from 'node:fs';
import { Failure } from '../../../../errors.ts';
import { fileReason } from '../../../terminal/files.ts';
import { LockFile } from '../../../terminal/lockFile.ts';
import { cutText } from '../../../terminal/safeText.ts';
import { scanJournal, type JournalHeader, type JournalRun, type Scan } from './journalRun.ts';

/** A journal that only this run has open, and the records of earlier runs. */
interface OpenJournal {
  readonly file: string;
  readonly descriptor: number;
  readonly lock: LockFile;
  readonly scan: Scan;
}

/**
 * The record of a batch: an append-only file of JSON lines, mode 0600. Each run begins with a header. `{"sent":7}` is
 * on the disk before line 7 is sent, where that may not be repeated; `{"unsent":7}` takes it back if line 7 never left.
 * An outcome is on the disk before it is printed. Records that come close together share one fsync. A line that a crash
 * cut off is dropped. One run at a time holds the file: two would send the same lines, and each would cut off what the
 * other writes.
 */
export class Journal {
  readonly #file: string;
  readonly #descriptor: number;
  readonly #lock: LockFile;
  readonly #runs: readonly JournalRun[];
  readonly #onFailure: (failure: Failure) => void;
  #text = '';
  #then: (() => void)[] = [];
  #isBusy = false;
  #hasFailed = false;
  #onIdle: (() => void) | undefined;
  /** The bytes that are certainly on the disk. */
  #safeBytes: number;

  private constructor({ file, descriptor, lock, scan }: OpenJournal, onFailure: (failure: Failure) => void) {
    this.#file = file;
    this.#descriptor = descriptor;
    this.#lock = lock;
    this.#runs = scan.runs;
    this.#safeBytes = scan.wholeBytes;
    this.#onFailure = onFailure;
  }

  /**
   * Opens or creates a journal. Throws a usage `Failure` if it is of another input or server, or another run has it.
   */
  static async open(
    file: string,
    headerFor: (bytes: number | undefined) => Promise<JournalHeader>,
    onFailure: (failure: Failure) => void,
  ): Promise<Journal> {
    const descriptor = openFile(file);
    let lock: LockFile | undefined;
    try {
      lock = locked(file);
      const scan = scanJournal(descriptor, file);
      const header = await headerFor(scan.first?.input.bytes);
      if (scan.first !== undefined) refuseOther(file, scan.first, header);
      ftruncateSync(descriptor, scan.wholeBytes);
      const journal = new Journal({ file, descriptor, lock, scan }, onFailure);
      journal.#text = `${JSON.stringify(header)}\n`;
      return journal;
    } catch (error) {
      closeSync(descriptor);
      lock?.release();
      throw error;
    }
  }

  /** Returns the outcome, as it was printed, of a line that an earlier run finished. */
  outcomeOf(line: number): string | undefined {
    for (const run of this.#runs) if (run.hasOutcome(line)) return run.take(line);
    return undefined;
  }

  /** True if an earlier run may have sent a line that must not be sent twice. */
  wasSent(line: number): boolean {
    return this.#runs.some((run) => run.wasSent(line));
  }

  /** Records that a line is about to be sent; then calls `then`, which may send it. */
  intend(line: number, then: () => void): void {
    this.#append(`{"sent":${line}}\n`, then);
  }

  /** Records that a line was not sent after all; then calls `then`, which may report it. */
  takeBack(line: number, then: () => void): void {
    this.#append(`{"unsent":${line}}\n`, then);
  }

  /** Records the outcome of an answered line; then calls `then`, which may print it. */
  acknowledge(outcome: string, then: () => void): void {
    this.#append(outcome, then);
  }

  /** Writes what is left, and releases the file. */
  async close(): Promise<void> {
    if (this.#isBusy) await new Promise<void>((resolve) => (this.#onIdle = resolve));
    closeSync(this.#descriptor);
    this.#lock.release();
  }

  #append(text: string, then: () => void): void {
    if (this.#hasFailed) return;
    this.#text += text;
    this.#then.push(then);
    if (this.#isBusy) return;
    this.#isBusy = true;
    setImmediate(() => this.#flush());
  }

  #flush(): void {
    const bytes = Buffer.from(this.#text);
    const then = this.#then;
    this.#text = '';
    this.#then = [];
    this.#write(bytes, () => {
      this.#safeBytes += bytes.length;
      for (const go of then) go();
      if (this.#text === '') this.#rest();
      else this.#flush();
    });
  }

  #rest(): void {
    this.#isBusy = false;
    this.#onIdle?.();
  }

  #write(bytes: Buffer, then: () => void): void {
    write(this.#descriptor, bytes, (error, written) => {
      if (error !== null) return this.#failed(error);
      if (written < bytes.length) return this.#write(bytes.subarray(written), then);
      fdatasync(this.#descriptor, (syncError) => (syncError === null ? then() : this.#failed(syncError)));
    });
  }

  /**
   * Stops writing and cuts the journal back to its safe bytes: any other record would report something that did not
   * happen.
   */
  #failed(error: Error): void {
    try {
      ftruncateSync(this.#descriptor, this.#safeBytes);
    } catch {
      // the disk is at fault, and the failure says so
    }
    this.#hasFailed = true;
    this.#rest();
    this.#onFailure(
      new Failure('usage', `--resume: cannot write '${cutText(this.#file, 200)}': ${fileReason(error)}`, {
        hint: 'Make room or choose another file, then run the same command again.',
        cause: error,
      }),
    );
  }
}

function openFile(file: string): number {
  try {
    const descriptor = openSync(file, 'a+', 0o600);
    if (fstatSync(descriptor).isFile()) {
      fchmodSync(descriptor, 0o600);
      return descriptor;
    }
    closeSync(descriptor);
  } catch (error) {
    throw new Failure('usage', `--resume: cannot open '${cutText(file, 200)}': ${fileReason(error)}`, {
      hint: 'Choose another file.',
      cause: error,
    });
  }
  throw new Failure('usage', `--resume: '${cutText(file, 200)}' is no regular file`, { hint: 'Choose another file.' });
}

/**
 * Takes the lock beside a journal. A killed run leaves its lock behind; only the same machine can see whether its
 * process still runs.
 */
function locked(file: string): LockFile {
  const lock = new LockFile(`${realpathSync(file)}.lock`);
  const name = cutText(file, 200);
  try {
    if (lock.tryTake()) return lock;
    lock.dropStale();
    if (lock.tryTake()) return lock;
  } catch (error) {
    throw new Failure('usage', `--resume: cannot write '${cutText(lock.file, 200)}': ${fileReason(error)}`, {
      hint: 'Choose a journal in a folder of your own.',
      cause: error,
    });
  }
  throw new Failure('usage', `--resume: '${name}' is in use by another batch, process ${cutText(lock.holder)}`, {
    hint: `Wait until that has ended. If none runs, remove ${cutText(lock.file, 200)}.`,
  });
}

function refuseOther(file: string, known: JournalHeader, header: JournalHeader): void {
  const name = cutText(file, 200);
  const { input } = known;
  if (input.sha256 !== header.input.sha256 || input.size !== header.input.size || input.bytes !== header.input.bytes) {
    throw new Failure('usage', `--resume: '${name}' is the journal of another input`, {
      hint: 'Give the input that it was made with, unchanged, or another journal.',
    });
  }
  if (known.action !== header.action || known.format !== header.format) {
    const hint = `Then it was --format ${known.format}${known.action === null ? ' without --action' : ` --action ${known.action}`}.`;
    throw new Failure('usage', `--resume: '${name}' was made with other flags`, { hint });
  }
}
