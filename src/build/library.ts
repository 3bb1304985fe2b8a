import { join, relative } from 'node:path';
import { build } from 'esbuild';
import { rollup } from 'rollup';
import { dts } from 'rollup-plugin-dts';
import { native } from './bundle.ts';
import { addPackages, recorded, type BundledPackages } from './licences.ts';

/** Makes the declarations work for programs whose own `lib` is older: connections and servers support `await using`. */
const disposable = '/// <reference lib="esnext.disposable" />\n';

/**
 * Builds the library entry of the package and returns its texts by file name: one implementation in CommonJS, shared by
 * `import` and `require`, so that every `Failure` in a program is an instance of one class; an ES module that
 * re-exports it; and self-contained declarations for both.
 *
 * It is built from the same sources as the command line, but without the replacements in `swapped/`. Those save
 * milliseconds of a process that runs one command; here they would bypass what a host program does with its HTTP
 * requests (agents, instrumentation, recorders such as nock).
 */
export async function library(root: string, packages: BundledPackages): Promise<ReadonlyMap<string, string>> {
  const entry = join(root, 'src/index.ts');
  const declarations = disposable + (await declarationsOf(entry, root, packages));
  return new Map([
    ['index.cjs', await implementation(entry, packages)],
    ['index.js', `export * from './index.cjs';\n`],
    ['index.d.ts', declarations],
    ['index.d.cts', declarations],
  ]);
}

/** Returns the implementation, not minified, so that people can step into it when they debug. */
async function implementation(entry: string, packages: BundledPackages): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    plugins: [recorded(packages)],
    bundle: true,
    external: native,
    platform: 'node',
    target: 'node20.19',
    format: 'cjs',
    // include rarely needed modules in the file; they still run only when needed
    supported: { 'dynamic-import': false },
    legalComments: 'none',
    logLevel: 'error',
    write: false,
  });
  return outputFiles[0]?.text ?? '';
}

async function declarationsOf(entry: string, root: string, packages: BundledPackages): Promise<string> {
  const tsconfig = join(root, 'tsconfig.json');
  const bundle = await rollup({ input: entry, plugins: [dts({ tsconfig })], external: [/^node:/] });
  try {
    const { output } = await bundle.generate({ format: 'es' });
    addPackages(
      packages,
      output[0].moduleIds.map((file) => relative(root, file)),
    );
    return output[0].code;
  } finally {
    await bundle.close();
  }
}
