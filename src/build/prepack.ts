import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { replace } from './bundle.ts';
import { licences } from './licences.ts';
import { files, root } from './prepare.ts';

/** Prepares `dist/` for packaging: leaves only files of this build, and adds the licences of the bundled packages. */
const folder = join(root, 'dist');
const licenceFile = 'LICENSES.txt';

for (const name of readdirSync(folder)) {
  if (!files.includes(name) && name !== '.inputs') rmSync(join(folder, name));
}
replace(join(folder, licenceFile), await licences(root), 0o644);
