import { existsSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, extname, isAbsolute, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { compileFunction } from 'node:vm';
import type * as Sucrase from 'sucrase';
import { Failure } from '../../../errors.ts';

/** The real `import()`, which bundled code gets under this name; undefined when run from sources. */
declare const importModule: ((name: string) => Promise<unknown>) | undefined;

const typeScript = new Set(['.ts', '.mts', '.cts']);
const javaScript = new Set(['.js', '.mjs', '.cjs']);

/** True if a file name is that of a module. */
export function isModuleFile(file: string): boolean {
  return isTypeScript(file) || javaScript.has(extname(file));
}

/**
 * Loads a user's module, TypeScript or JavaScript, with its imports. Types are stripped line by line, and not checked.
 * Throws an invalid `Failure` with the place in the user's file.
 */
export async function loadUserModule(file: string): Promise<unknown> {
  try {
    if (!isTypeScript(file)) return await settling(importFile(file));
    return new TypeScriptModules(await import('sucrase')).load(file);
  } catch (error) {
    throw userFailure(error, file, 'cannot be loaded');
  }
}

/**
 * Awaits a loading module. If it awaits something that never comes, throws instead of letting the process end as if it
 * had succeeded.
 */
async function settling(loading: Promise<unknown>): Promise<unknown> {
  let stop = (): void => undefined;
  const stuck = new Promise<never>((_, reject) => {
    const onIdle = () => reject(new Error('it awaits what never comes'));
    process.once('beforeExit', onIdle);
    stop = () => void process.off('beforeExit', onIdle);
  });
  try {
    return await Promise.race([loading, stuck]);
  } finally {
    stop();
  }
}

async function importFile(file: string): Promise<unknown> {
  const url = pathToFileURL(file).href;
  return typeof importModule === 'function' ? importModule(url) : import(url);
}

/** Turns an error of a user's module into a failure with its place; returns failures unchanged. */
export function userFailure(error: unknown, file: string, what: string): Failure {
  if (error instanceof Failure) return error;
  const place = placeOf(error, file);
  const text = error instanceof Error ? `${error.name}: ${error.message.split('\n')[0] ?? ''}` : String(error);
  return new Failure('invalid', `${place} ${what}: ${text}`, { hint: 'The mistake is in that module.', cause: error });
}

/** Returns where in the user's files an error arose: `lamp.ts:12:`, or the file if its stack does not say. */
function placeOf(error: unknown, file: string): string {
  const folder = dirname(file);
  const shown = (path: string) => relative('.', path) || path;
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  for (const line of stack.split('\n')) {
    const [, found, row] = /((?:file:\/\/)?\/[^():]*|[A-Za-z]:[\\/][^():]*):(\d+)/.exec(line) ?? [];
    const path = found?.startsWith('file:') === true ? fileURLToPath(found) : found;
    if (path !== undefined && !path.includes('node_modules') && path.startsWith(folder))
      return `${shown(path)}:${row ?? ''}:`;
  }
  return shown(file);
}

interface LoadedModule {
  exports: unknown;
}

/** Loads TypeScript files as CommonJS modules, each once; leaves other imports to Node. */
class TypeScriptModules {
  readonly #sucrase: typeof Sucrase;
  readonly #loaded = new Map<string, LoadedModule>();

  constructor(sucrase: typeof Sucrase) {
    this.#sucrase = sucrase;
  }

  load(file: string): unknown {
    const known = this.#loaded.get(file);
    if (known !== undefined) return known.exports;
    const module: LoadedModule = { exports: {} };
    this.#loaded.set(file, module);
    const own = createRequire(file);
    const require = (name: string): unknown => {
      const other = typeScriptFile(name, file);
      return other === undefined ? own(name) : this.load(other);
    };
    const run = compileFunction(this.#codeOf(file), ['exports', 'require', 'module', '__filename', '__dirname'], {
      filename: file,
    }) as (...given: unknown[]) => void;
    run.call(module.exports, module.exports, require, module, file, dirname(file));
    return module.exports;
  }

  /** Strips types without moving lines, so that stacks show the user's lines. */
  #codeOf(file: string): string {
    const source = readFileSync(file, 'utf8').replace(/^#!.*/, '');
    try {
      return this.#sucrase.transform(source, {
        transforms: ['typescript', 'imports'],
        filePath: file,
      }).code;
    } catch (error) {
      const { message } = error as Error;
      const [, text = message, line = '1', column = '1'] =
        /^(?:Error transforming .*?: )?(.*?)\s*\((\d+):(\d+)\)$/s.exec(message) ?? [];
      throw new Failure('invalid', `${relative('.', file)}:${line}:${column}: cannot be read as TypeScript: ${text}`, {
        hint: 'Correct it there.',
        cause: error,
      });
    }
  }
}

/** True if a file name is that of a TypeScript module. */
export function isTypeScript(file: string): boolean {
  return typeScript.has(extname(file));
}

/**
 * Returns the TypeScript file that a relative import means: by its name, without an extension, or with that of its
 * compiled form.
 */
export function typeScriptFile(name: string, from: string): string | undefined {
  if (!name.startsWith('.') && !isAbsolute(name)) return undefined;
  const path = resolve(dirname(from), name);
  if (javaScript.has(extname(path)) && isFile(path)) return undefined;
  const candidates = [path, path.replace(/\.([mc]?)js$/, '.$1ts'), `${path}.ts`, `${path}/index.ts`];
  return candidates.find((candidate) => isTypeScript(candidate) && isFile(candidate));
}

/** True if the path is a file; also false below a file. */
export function isFile(path: string): boolean {
  return existsSync(path) && statSync(path).isFile();
}
