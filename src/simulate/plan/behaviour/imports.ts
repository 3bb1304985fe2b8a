import { readFileSync } from 'node:fs';
import { createRequire, isBuiltin } from 'node:module';
import { dirname, isAbsolute, resolve } from 'node:path';
import { isFile, isModuleFile, isTypeScript, typeScriptFile } from './userModule.ts';

/** The files and packages that a module needs in another place. */
export interface ModuleNeeds {
  /** Its own file and those that it imports, directly or not. */
  readonly files: ReadonlySet<string>;
  /** Packages that it imports, Node's own left out. */
  readonly packages: ReadonlySet<string>;
}

/**
 * Returns the needs of a module that can be loaded, found in its text; imports with names made at run time are not
 * found.
 */
export async function needsOf(module: string): Promise<ModuleNeeds> {
  const files = new Set([module]);
  const packages = new Set<string>();
  // the set grows during the loop
  for (const file of files) {
    if (!isModuleFile(file)) continue;
    for (const name of await importsOf(file)) {
      if (!name.startsWith('.') && !isAbsolute(name)) {
        if (isPackage(name, file)) packages.add(name);
        continue;
      }
      const found = fileOf(name, file);
      if (found !== undefined) files.add(found);
    }
  }
  return { files, packages };
}

/** Returns the names that a file imports, except imports of types. */
async function importsOf(file: string): Promise<string[]> {
  const source = readFileSync(file, 'utf8').replace(/^#!.*/, '');
  const code = isTypeScript(file)
    ? (await import('sucrase')).transform(source, { transforms: ['typescript', 'imports'], filePath: file }).code
    : source;
  const imports = code.matchAll(/\b(?:from|import|require)\s*\(?\s*(['"])([^'"\n]+)\1/g);
  return [...imports].map(([, , name = '']) => name);
}

/** True for installed packages: comments and texts may hold words that look like imports. */
function isPackage(name: string, from: string): boolean {
  if (isBuiltin(name)) return false;
  try {
    createRequire(from).resolve(name);
    return true;
  } catch (error) {
    // a package with ES modules only cannot be required, but it is installed
    return (error as { readonly code?: string }).code === 'ERR_PACKAGE_PATH_NOT_EXPORTED';
  }
}

function fileOf(name: string, from: string): string | undefined {
  const path = resolve(dirname(from), name);
  const candidates = [path, `${path}.js`, `${path}.json`, `${path}.cjs`, `${path}/index.js`];
  return typeScriptFile(name, from) ?? candidates.find(isFile);
}
