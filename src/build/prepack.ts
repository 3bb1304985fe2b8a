import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { files, root } from './prepare.ts';

/** Prepares `dist/` for packaging: leaves only files of this build. */
const folder = join(root, 'dist');

for (const name of readdirSync(folder)) {
  if (!files.includes(name) && !name.startsWith('.')) rmSync(join(folder, name));
}
