import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * A file of this package, by its path from the top; undefined where it is not there. Sources and bundle are both
 * started from a folder just below the top.
 */
export function packageFile(name: string): string | undefined {
  try {
    const file = join(dirname(realpathSync(process.argv[1] ?? '')), '..', name);
    return existsSync(file) ? file : undefined;
  } catch {
    return undefined;
  }
}
