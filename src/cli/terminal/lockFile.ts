import { closeSync, linkSync, openSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { isAlive } from './processes.ts';

/** A file that tells others that something is in use: by which process, on which machine. */
export class LockFile {
  readonly file: string;
  readonly #mine = `${process.pid} ${hostname()} ${process.hrtime.bigint()}`;

  constructor(file: string) {
    this.file = file;
  }

  /** Whether it is ours from now on: nobody else has it. Throws what Node throws where it cannot be written. */
  tryTake(): boolean {
    let handle: number;
    try {
      handle = openSync(this.file, 'wx', 0o600);
    } catch (error) {
      if ((error as { code?: string }).code === 'EEXIST') return false;
      throw error;
    }
    try {
      writeFileSync(handle, this.#mine);
      return true;
    } catch (error) {
      // a lock without an owner would never be released
      rmSync(this.file, { force: true });
      throw error;
    } finally {
      closeSync(handle);
    }
  }

  /** The number of the process that has it, as far as it can be told. */
  get holder(): string {
    return this.#read(this.file)?.split(' ')[0] ?? '';
  }

  /**
   * Takes it away where its owner is gone, or has had it for longer than that; a new owner's that came in between is
   * put back.
   */
  dropStale(staleAfterMs = Infinity): void {
    const holder = this.#read(this.file);
    if (holder === undefined || !this.#isStale(holder, staleAfterMs)) return;
    const aside = `${this.file}.${process.pid}`;
    try {
      renameSync(this.file, aside);
      if (this.#read(aside) !== holder) linkSync(aside, this.file);
    } catch {
      // somebody else was quicker
    } finally {
      rmSync(aside, { force: true });
    }
  }

  /** Lets go of it, where it is still ours. */
  release(): void {
    if (this.#read(this.file) === this.#mine) rmSync(this.file, { force: true });
  }

  #isStale(holder: string, staleAfterMs: number): boolean {
    const [pid, host] = holder.split(' ');
    if (host === hostname() && !isAlive(Number(pid))) return true;
    const changedAtMs = statSync(this.file, { throwIfNoEntry: false })?.mtimeMs;
    return changedAtMs !== undefined && Date.now() - changedAtMs > staleAfterMs;
  }

  #read(file: string): string | undefined {
    try {
      return readFileSync(file, 'utf8');
    } catch {
      return undefined;
    }
  }
}
