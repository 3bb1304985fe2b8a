import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle, replace } from './bundle.ts';
import { generateTopics } from './topics.ts';
import { generateRuntime, generateTypes } from './generator.ts';
import { library } from './library.ts';
import { licences, type BundledPackages } from './licences.ts';

/**
 * The folder of the repository. This module builds `dist/` from the sources (`npm run build`, and `prepare` after `npm
 * ci`); it does nothing when nothing has changed.
 */
export const root = fileURLToPath(new URL('../..', import.meta.url));
const stamp = join(root, 'dist/.inputs');
const generatedFolders = [join('src', 'protocol', 'generated'), join('src', 'cli', 'commands', 'help', 'generated')];

const inputs = digestOf(['bin', 'schemas', 'src', 'package.json', 'package-lock.json', 'tsconfig.json']);
if (!isUpToDate()) {
  rmSync(stamp, { force: true });
  generateTopics(root);
  generateRuntime(join(root, 'schemas'), join(root, 'src/protocol/generated'));
  await generateTypes(join(root, 'schemas'), join(root, 'src/protocol/generated'));
  const { nouns, single } = await import('../cli/flags/commandWords.ts');
  const { verbsOf } = await import('../cli/commands/index.ts');
  const verbs = Object.keys(nouns).flatMap((noun) => verbsOf(noun).map(({ verb }) => verb));
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  const words = [...new Set([...Object.keys(nouns), ...Object.keys(single), ...verbs])];
  const packages: BundledPackages = new Set();
  const [parts, entry] = await Promise.all([bundle({ root, version, words, packages }), library(root, packages)]);
  const others = new Map([...entry, ['LICENSES.txt', licences(root, packages)]]);
  for (const [name, text] of others) replace(join(root, 'dist', name), text, 0o644);
  writeFileSync(join(root, 'dist/.packages'), [...packages].sort().join('\n'));
  writeFileSync(stamp, [inputs, ...parts, ...others.keys()].join('\n'));
}

/** Names of the files in `dist/` that this build consists of. */
export const files: readonly string[] = readStamp().slice(1);

/** True if the inputs are those of the last build and all its outputs still exist. */
function isUpToDate(): boolean {
  const [digest, ...files] = readStamp();
  const generated = ['actions', 'asyncActions', 'documents', 'schemaPart', 'traits', 'types'].map((name) =>
    join(root, `src/protocol/generated/${name}.ts`),
  );
  generated.push(join(root, 'src/cli/commands/help/generated/topics.ts'));
  return (
    digest === inputs &&
    [...files.map((file) => join(root, 'dist', file)), ...generated].every((file) => existsSync(file))
  );
}

function digestOf(names: readonly string[]): string {
  const digest = createHash('sha256').update(process.version);
  for (const file of names.flatMap(filesUnder))
    digest
      .update(file)
      .update('\0')
      .update(readFileSync(join(root, file)));
  return digest.digest('hex');
}

/**
 * Returns all files of a folder without the generated ones, which follow from the others; for a file, the file itself.
 */
function filesUnder(name: string): string[] {
  if (name.endsWith('.json') && !name.includes('/')) return [name];
  const files = readdirSync(join(root, name), { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return files
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length))
    .filter((file) => !generatedFolders.some((folder) => file.startsWith(folder)))
    .sort();
}

function readStamp(): string[] {
  try {
    return readFileSync(stamp, 'utf8').split('\n');
  } catch {
    return [];
  }
}
