import {
  closeSync,
  fsyncSync,
  lstatSync,
  openSync,
  readSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { isUtf8 } from 'node:buffer';
import { Failure } from '../../errors.ts';
import { cutText } from './safeText.ts';
import { own } from '../../protocol/own.ts';

/** The most that is read from a file or from stdin as one text. */
export const maxTextBytes = 256 * 1024 * 1024;

/**
 * Bytes as text; bytes that are no UTF-8 would be changed on their way, so they are refused. Throws an invalid
 * `Failure` that completes "--flag …".
 */
export function utf8Text(bytes: Buffer, origin: string): string {
  if (bytes.length > maxTextBytes) throw tooLarge(origin);
  if (!isUtf8(bytes)) throw new Failure('invalid', `cannot be read: ${origin} holds bytes that are no UTF-8`);
  return bytes.toString('utf8');
}

/**
 * The text of a file, or of a pipe or device that ends: an endless one is refused before it fills the memory. Throws
 * what Node throws, and an invalid `Failure` as `textOf` does.
 */
export function readText(file: string, origin: string): string {
  const chunks: Buffer[] = [];
  const handle = openSync(file, 'r');
  try {
    for (let bytes = 0, length = -1; length !== 0; bytes += length) {
      if (bytes > maxTextBytes) throw tooLarge(origin);
      const chunk = Buffer.allocUnsafe(chunkBytes);
      length = readSync(handle, chunk);
      chunks.push(chunk.subarray(0, length));
    }
  } finally {
    closeSync(handle);
  }
  return utf8Text(Buffer.concat(chunks), origin);
}

const chunkBytes = 64 * 1024;

function tooLarge(origin: string): Failure {
  return new Failure('invalid', `is too large: ${origin} holds more than 256 MiB`);
}

/** A file that one of the tool's own flags names; throws a usage `Failure`. */
export function readOwnFile(file: string, at: string): string {
  try {
    return readText(file, cutText(file, 200));
  } catch (error) {
    if (error instanceof Failure) throw new Failure('usage', `${at} ${error.message}`, { hint: 'Check the file.' });
    throw new Failure('usage', `${at}: cannot read '${cutText(file, 200)}': ${fileReason(error)}`, {
      hint: 'Check the path.',
      cause: error,
    });
  }
}

/** Why a file could not be used, in words. */
export function fileReason(error: unknown): string {
  const code = (error as { code?: string }).code ?? 'unknown reason';
  const words: Readonly<Record<string, string>> = {
    ENOENT: 'there is no such file',
    EACCES: 'permission denied',
    EISDIR: 'it is a folder',
    ENOTDIR: 'a part of the path is no folder',
    EROFS: 'the file system is read-only',
    ENOSPC: 'the disk is full',
    EFBIG: 'the file would be larger than allowed',
    EMFILE: 'too many files are open',
  };
  return own(words, code) ?? code;
}

/**
 * Puts new content in a regular file's place, whole, mode 0600, through links; what is no regular file (a pipe, say) is
 * left alone. Gives the reason where it could not.
 */
export function replaceFile(file: string, content: string): string | undefined {
  try {
    const place = realpathSync(file);
    if (statSync(place).isFile()) writePrivate(place, content);
    return undefined;
  } catch (error) {
    return fileReason(error);
  }
}

/** Writes a file whole or not at all, readable for its owner only; throws what Node throws. */
export function writePrivate(file: string, content: string): void {
  writeWhole(file, content, 0o600);
}

/**
 * Writes a file whole or not at all; throws what Node throws. Otherwise than durably, a crash of the machine may leave
 * the name with nothing behind it.
 */
export function writeWhole(file: string, content: string, mode: number, isDurable = false): void {
  const draft = `${file}.${process.pid}.draft`;
  rmSync(draft, { force: true });
  try {
    const handle = openSync(draft, 'wx', mode);
    try {
      writeFileSync(handle, content);
      if (isDurable) fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(draft, file);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

/** Writes what a script may wait for: whole, never empty, for its owner only. Throws a usage `Failure`. */
export function writeReadyFile(file: string, ready: Readonly<Record<string, unknown>>): void {
  try {
    writePrivate(file, `${JSON.stringify(ready)}\n`);
  } catch (error) {
    throw new Failure('usage', `--ready-file: cannot write '${cutText(file, 200)}': ${fileReason(error)}`, {
      hint: 'Choose another file.',
      cause: error,
    });
  }
}

/** Returns a password, or another text of one line, without the byte-order mark and the line end that editors add. */
export function lineIn(text: string): string {
  return text.replace(/^\ufeff/, '').replace(/\r?\n$/, '');
}

/**
 * Removes the ready file of an earlier run, so that nobody takes it for this one's. What is no regular file is left
 * alone. Throws a usage `Failure`.
 */
export function removeReadyFile(file: string | undefined): void {
  if (file === undefined || lstatSync(file, { throwIfNoEntry: false })?.isFile() !== true) return;
  try {
    rmSync(file, { force: true });
  } catch (error) {
    throw new Failure('usage', `--ready-file: cannot remove '${cutText(file, 200)}': ${fileReason(error)}`, {
      hint: 'It is of an earlier run. Choose another file.',
      cause: error,
    });
  }
}

/** Removes the ready file that this process has written, unless another one has written it since. Throws nothing. */
export function removeOwnReadyFile(file: string | undefined): void {
  if (file === undefined) return;
  try {
    const ready: unknown = JSON.parse(readText(file, file));
    if ((ready as { readonly pid?: unknown }).pid === process.pid) rmSync(file, { force: true });
  } catch {
    // gone, or no longer ours
  }
}

/** The first and only line of a file that a flag names. Throws a usage `Failure`. */
export function readOneLine(file: string, at: string, atLeast: number): string {
  const text = lineIn(readOwnFile(file, at));
  const isLine = text.length >= atLeast && text.length <= longestLine && !/[\u0000-\u001f]/.test(text);
  if (isLine) return text;
  throw new Failure(
    'usage',
    `${at}: '${cutText(file)}' must hold one line of ${atLeast} to ${longestLine} characters`,
    { hint: 'Put the value alone into the file.' },
  );
}

const longestLine = 128;
