import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { replace } from './bundle.ts';
import { licences } from './licences.ts';
import { files, root } from './prepare.ts';

/**
 * Makes `dist/` what a package may hold: what this build made and nothing older, and the licences of the packages that
 * are bundled in it.
 */
const folder = join(root, 'dist');
const licenceFile = 'LICENSES.txt';

for (const name of readdirSync(folder)) {
  if (!files.includes(name) && name !== '.inputs') rmSync(join(folder, name));
}
replace(join(folder, licenceFile), await licences(root), 0o644);
