import { resolve } from 'node:path';
import { Failure } from '../../errors.ts';
import { readOwnFile } from '../terminal/files.ts';

/**
 * Adds the variables of a file to the environment of this process, except those already set. Throws a usage `Failure`
 * where the file cannot be read.
 */
export function loadEnvFile({ file, at }: NamedFile, process: NodeJS.Process): void {
  const util = process.getBuiltinModule('node:util');
  const text = readOwnFile(resolve(process.cwd(), file), at).replace(/^\ufeff/, '');
  const variables = util.parseEnv(text);
  if (Object.keys(variables).length === 0 && /^\s*[^#\s]/m.test(text))
    throw new Failure('usage', `${at}: '${file}' holds no variables`, { hint: 'Write one NAME=value a line.' });
  for (const [name, value] of Object.entries(variables)) process.env[name] ??= value;
  // other programs that this one starts have them by now, but for those that are none of their business
  delete process.env['DEVICEHIVE_ENV_FILE'];
}

/** A file with variables, and what named it. */
export interface NamedFile {
  readonly file: string;
  readonly at: string;
}
