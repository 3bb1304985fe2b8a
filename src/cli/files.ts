import { readFileSync, renameSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { Failure } from '../errors.ts';
import { cutText } from './safeText.ts';

/** A file that one of the tool's own flags names; throws a usage `Failure`. */
export function readOwnFile(file: string, at: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
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
  };
  return words[code] ?? code;
}

/** Puts new content in a regular file's place, whole, mode 0600; what is no regular file (a pipe, say) is left alone. */
export function replaceFile(file: string, content: string): void {
  const draft = `${file}.${process.pid}.draft`;
  try {
    if (!statSync(file).isFile()) return;
    writeFileSync(draft, content, { mode: 0o600, flag: 'wx' });
    renameSync(draft, file);
  } catch {
    try {
      unlinkSync(draft);
    } catch {
      // was never written: the new token serves this run only
    }
  }
}
