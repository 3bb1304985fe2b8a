import { existsSync, writeFileSync } from 'node:fs';
import { basename, dirname, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Failure } from '../../../../errors.ts';
import { fileReason } from '../../../terminal/files.ts';
import { packageFile } from '../../../terminal/packageFile.ts';
import { cutText } from '../../../terminal/safeText.ts';
import { starterBehaviour } from './starterBehaviour.ts';
import { starterPlan } from './starterPlan.ts';
import type { FlagContext } from '../../../flags/sharedValues.ts';

/** The flags of `simulate init` besides the common ones. */
interface InitValues {
  readonly behaviour?: boolean;
  readonly force?: boolean;
  readonly print?: boolean;
}

/** `devicehive simulate init`: writes a plan or a behaviour module to start from; never replaces a file. */
export function simulateInit(given: string | undefined, { io, values }: FlagContext<InitValues>): void {
  const file = given ?? (values.behaviour === true ? 'behaviour.ts' : 'fleet.yaml');
  const path = resolve(io.cwd, file);
  const starter = values.behaviour === true ? starterBehaviour : starterPlan(schemaFrom(dirname(path)));
  const content = starter.replaceAll('FILE', basename(file));
  if (values.print === true) return io.out(content);
  if (values.force !== true && existsSync(path)) {
    throw new Failure('usage', `'${cutText(file, 200)}' is there already; nothing was written`, {
      hint: 'Name another file, or overwrite it with --force.',
    });
  }
  try {
    writeFileSync(path, content, { flag: values.force === true ? 'w' : 'wx' });
  } catch (error) {
    throw new Failure('usage', `cannot write '${cutText(file, 200)}': ${fileReason(error)}`, {
      hint: 'Choose another file.',
      cause: error,
    });
  }
  io.out(`${file}\n`);
  const verb = values.behaviour === true ? 'check' : 'plan';
  io.note(`written. See what it does: devicehive simulate ${verb} ${file}`);
}

/**
 * Returns where the plan's schema is, for editors; a relative path within one project, which is right on other machines
 * too.
 */
function schemaFrom(folder: string): string | undefined {
  const schema = packageFile('schemas/plan.json');
  if (schema === undefined) return undefined;
  const path = relative(folder, schema).replaceAll('\\', '/');
  return path.startsWith('..') ? pathToFileURL(schema).href : `./${path}`;
}
