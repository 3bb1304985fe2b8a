import { renameSync, writeFileSync } from 'node:fs';
import { Failure } from '../../errors.ts';
import { fileReason } from '../files.ts';
import { cutText } from '../safeText.ts';

/** Writes what a script may wait for: whole, never empty, for its owner only (cli.md 4). Throws a usage `Failure`. */
export function writeWatchReady(file: string, ready: Readonly<Record<string, unknown>>): void {
  const draft = `${file}.${process.pid}.draft`;
  try {
    writeFileSync(draft, `${JSON.stringify(ready)}\n`, { mode: 0o600 });
    renameSync(draft, file);
  } catch (error) {
    throw new Failure('usage', `--ready-file: cannot write '${cutText(file, 200)}': ${fileReason(error)}`, {
      hint: 'Choose another file.',
      cause: error,
    });
  }
}
