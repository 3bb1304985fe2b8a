import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { build, transform, type Plugin } from 'esbuild';

const target = 'node20.19';
const mainName = 'devicehive.main';

/** What a bundle is made of and told. */
export interface BundleOptions {
  readonly root: string;
  readonly version: string;
  /** Words that may name a cache file: nouns and verbs. */
  readonly words: readonly string[];
}

/**
 * Builds `dist/`: a launcher, and the program as CommonJS parts, one for each `import()` boundary, so that a command loads
 * what it uses. New parts have new names and the launcher goes last, so a `devicehive` that starts meanwhile finds a whole one.
 */
export async function bundle(options: BundleOptions): Promise<void> {
  const parts = await commonJsParts(options);
  const digest = createHash('sha256');
  for (const [name, code] of parts) digest.update(name).update(code);
  const main = parts.get(`${mainName}.cjs`) ?? '';
  const mainFile = `${mainName}.${createHash('sha256').update(main).digest('hex').slice(0, 8)}.cjs`;
  parts.delete(`${mainName}.cjs`);
  const files = new Map([
    ...parts,
    [mainFile, main],
    ['devicehive.cjs', await launcher(options, digest.digest('hex').slice(0, 16), mainFile)],
  ]);
  const folder = join(options.root, 'dist');
  mkdirSync(folder, { recursive: true });
  for (const [name, code] of files) replace(join(folder, name), code, name === 'devicehive.cjs' ? 0o755 : 0o644);
  dropStale(folder, files);
}

async function commonJsParts({ root, version }: BundleOptions): Promise<Map<string, string>> {
  const result = await build({
    entryPoints: { [mainName]: join(root, 'bin/devicehive.ts') },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target,
    minifySyntax: true,
    minifyWhitespace: true,
    write: false,
    outdir: join(root, 'dist'),
    chunkNames: 'devicehive.[hash]',
    define: { DEVICEHIVE_VERSION: JSON.stringify(version) },
    plugins: [lazyBuiltins],
    logLevel: 'warning',
  });
  const parts = result.outputFiles.map(
    async ({ path, text }) => [basename(path).replace(/\.js$/, '.cjs'), await asCommonJs(text)] as const,
  );
  return new Map(await Promise.all(parts));
}

/** Names stay as they are: a stack trace of a user must be readable. */
async function asCommonJs(code: string): Promise<string> {
  const { code: converted } = await transform(code, {
    format: 'cjs',
    platform: 'node',
    target,
    supported: { 'dynamic-import': false },
    minifySyntax: true,
    minifyWhitespace: true,
  });
  return converted.replaceAll(/(["'`])(\.\/devicehive\.[^"'`]+)\.js\1/g, '$1$2.cjs$1');
}

async function launcher({ root, words }: BundleOptions, buildId: string, mainFile: string): Promise<string> {
  const result = await build({
    entryPoints: [join(root, 'bin/launcher.ts')],
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target,
    minify: true,
    write: false,
    define: { BUILD_ID: JSON.stringify(buildId), MAIN_FILE: JSON.stringify(mainFile), WORDS: JSON.stringify(words) },
    banner: { js: '#!/usr/bin/env node' },
    logLevel: 'warning',
  });
  return result.outputFiles[0]?.text ?? '';
}

/** Built-in modules that ws and commander load at once and need rarely; each costs up to 2 ms. */
const rarelyNeeded = new Set(['https', 'tls', 'zlib', 'querystring', 'node:child_process']);

/** Loads those built-ins at their first use, and of ws only the part that is imported. */
const lazyBuiltins: Plugin = {
  name: 'lazy-builtins',
  setup({ onLoad, onResolve }) {
    onLoad({ filter: /node_modules[\\/](ws|commander)[\\/].*\.js$/ }, ({ path }) => {
      const source = readFileSync(path, 'utf8');
      const contents = source.replace(
        /^const (\w+) = require\('([^']+)'\);$/gm,
        (line, name: string, module: string) =>
          rarelyNeeded.has(module)
            ? `const ${name} = new Proxy({}, { get: (_, key) => require('${module}')[key] });`
            : line,
      );
      return { contents, loader: 'js' };
    });
    onResolve({ filter: /^\.\/lib\/.*\.js$/ }, ({ path, importer }) =>
      importer.endsWith('wrapper.mjs') ? { path: join(dirname(importer), path), sideEffects: false } : undefined,
    );
  },
};

function replace(file: string, text: string, mode: number): void {
  const draft = `${file}.${process.pid}.draft`;
  writeFileSync(draft, text, { mode });
  renameSync(draft, file);
}

const staleAfterMs = 60_000;

/** Parts of earlier builds go once nobody can be about to load them. */
function dropStale(folder: string, files: ReadonlyMap<string, string>): void {
  for (const name of readdirSync(folder)) {
    const file = join(folder, name);
    const isPart = name.startsWith('devicehive.') && !files.has(name);
    if (isPart && Date.now() - statSync(file).mtimeMs > staleAfterMs) unlinkSync(file);
  }
}
