import { watch } from 'node:fs';
import type { Ended } from './cli.ts';

/** Resolves once changes in a folder make the condition true. Rejects if the program ends first. */
export async function changedUntil(folder: string, condition: () => boolean, program: Promise<Ended>): Promise<void> {
  const watcher = watch(folder);
  const changed = new Promise<void>((resolve) => {
    const check = () => {
      if (condition()) resolve();
    };
    watcher.on('change', check);
    check();
  });
  const ending = program.then(({ code, stderr }) => {
    if (!condition()) throw new Error(`the program ended with ${code}:\n${stderr}`);
  });
  try {
    await Promise.race([changed, ending]);
  } finally {
    watcher.close();
  }
}
