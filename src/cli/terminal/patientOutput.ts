import { Failure } from '../../errors.ts';
import { Sink } from './sink.ts';
import { WatchIo } from './watchIo.ts';
import type { Io } from './io.ts';

/** Characters that wait for a slow reader of stdout before the next item is asked for. */
const maxPendingLength = 256 * 1024;

/**
 * Runs work that prints, no faster than stdout is read. `out` settles when there is room; it is false when nobody reads
 * any more.
 */
export class PatientOutput {
  readonly io: Io;
  readonly #sink: Sink;
  readonly #stopped: Promise<void>;
  readonly #signal: AbortSignal;

  constructor(io: Io) {
    this.#sink = new Sink(process.stdout, { beforeWrite: () => io.err('') });
    this.io = new WatchIo(io, io.signal, (text) => this.#sink.write(text));
    this.#signal = io.signal;
    this.#stopped = new Promise((resolve) => io.signal.addEventListener('abort', () => resolve(), { once: true }));
  }

  /**
   * Settles when there is room for more; false when nobody reads any more. Throws a `Failure`: `interrupted`, or
   * `usage` where stdout cannot be written.
   */
  async hasRoom(pendingLength = maxPendingLength): Promise<boolean> {
    if (this.#sink.pendingLength > pendingLength) await Promise.race([this.#sink.drained(), this.#stopped]);
    if (this.#signal.aborted) throw new Failure('interrupted', 'stopped while printing');
    return !this.#sink.isGone;
  }

  /** Settles when everything is written. Throws as `hasRoom` does. */
  async end(): Promise<void> {
    await this.hasRoom(0);
    await this.#sink.drained();
  }
}
