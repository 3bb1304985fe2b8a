import { createHash } from 'node:crypto';
import { createReadStream, fstatSync, open as openCallback } from 'node:fs';
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { Failure } from '../../errors.ts';
import { fileReason } from './files.ts';
import { cutText } from './safeText.ts';

const open = promisify(openCallback);

/** The most bytes by which an input is recognised. */
const maxKnownBytes = 64 * 1024;
const chunkBytes = 64 * 1024;

/** The identity of an input: its size, if known, and a digest of its first bytes. */
export interface Fingerprint {
  readonly size: number | null;
  readonly bytes: number;
  readonly sha256: string;
}

/** The bytes of a file or of stdin, in chunks. */
export class Input {
  readonly #stream: Readable;
  readonly #chunks: AsyncIterator<Buffer, undefined>;
  readonly #ahead: Buffer[] = [];
  /** Undefined for what has no size, such as a pipe. */
  readonly size: number | undefined;

  private constructor(stream: Readable, size: number | undefined) {
    this.#stream = stream;
    this.#chunks = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer, undefined>;
    this.size = size;
  }

  /** Opens a file, or stdin for `-`. Throws a usage `Failure`. */
  static async open(name: string): Promise<Input> {
    if (name === '-') return new Input(process.stdin, undefined);
    try {
      const fd = await open(name, 'r');
      const stats = fstatSync(fd);
      if (stats.isDirectory()) throw Object.assign(new Error('it is a folder'), { code: 'EISDIR' });
      if (stats.isFile()) return new Input(createReadStream('', { fd, highWaterMark: chunkBytes }), stats.size);
      // a pipe is waited for without a thread: a thread that waits would hold up the end of the process
      if (stats.isFIFO()) return new Input(new Socket({ fd, writable: false }), undefined);
      return new Input(createReadStream('', { fd }), undefined);
    } catch (error) {
      throw new Failure('usage', `cannot read '${cutText(name, 200)}': ${fileReason(error)}`, {
        hint: 'Name a file, or - for stdin.',
        cause: error,
      });
    }
  }

  /** The next bytes; undefined at the end. */
  async read(): Promise<Buffer | undefined> {
    return this.#ahead.shift() ?? (await this.#next());
  }

  /** The fingerprint over so many bytes; without a number, over as many as are at hand. */
  async fingerprint(bytes: number | undefined): Promise<Fingerprint> {
    const wanted = Math.min(bytes ?? (this.size === undefined ? 1 : maxKnownBytes), maxKnownBytes);
    let length = 0;
    while (length < wanted) {
      const chunk = await this.#next();
      if (chunk === undefined) break;
      this.#ahead.push(chunk);
      length += chunk.length;
    }
    const first = Buffer.concat(this.#ahead).subarray(0, bytes ?? maxKnownBytes);
    const sha256 = createHash('sha256').update(first).digest('hex');
    return { size: this.size ?? null, bytes: first.length, sha256 };
  }

  /** Ends reading with this failure, for whoever waits for more. */
  stop(failure: Failure): void {
    this.#stream.destroy(failure);
  }

  close(): void {
    this.#stream.destroy();
  }

  async #next(): Promise<Buffer | undefined> {
    try {
      const next = await this.#chunks.next();
      return next.done === true ? undefined : next.value;
    } catch (error) {
      if (error instanceof Failure) throw error;
      const hint = 'Check the file, then run the same command again.';
      throw new Failure('usage', `cannot read on: ${fileReason(error)}`, { hint, cause: error });
    }
  }
}
