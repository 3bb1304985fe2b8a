import { join } from 'node:path';
import { build } from 'esbuild';
import { rollup } from 'rollup';
import { dts } from 'rollup-plugin-dts';
import { native } from './bundle.ts';

/** Types that a program needs to know whose own `lib` is older: `await using` closes what the library gives. */
const disposable = '/// <reference lib="esnext.disposable" />\n';

/**
 * Makes the library entry of a package: one implementation, in CommonJS, so that `import` and `require` in one program
 * share it and every `Failure` is an instance of the one class; an ES module that gives its exports; and the
 * declarations for both, which need no other package. Returns texts by file name.
 *
 * It is built of the same sources as the command line, but with `ws` as it is: what is in `swapped/` saves milliseconds
 * of a process that starts once for each command. Here it would be a burden: whatever a host program does with its HTTP
 * requests (agents, instrumentation, recorders such as nock) must hold for these too.
 */
export async function library(root: string): Promise<ReadonlyMap<string, string>> {
  const entry = join(root, 'src/index.ts');
  const declarations = disposable + (await declarationsOf(entry, join(root, 'tsconfig.json')));
  return new Map([
    ['index.cjs', await implementation(entry)],
    ['index.js', `export * from './index.cjs';\n`],
    ['index.d.ts', declarations],
    ['index.d.cts', declarations],
  ]);
}

/** Not minified: whoever debugs a test steps into it. */
async function implementation(entry: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    external: native,
    platform: 'node',
    target: 'node20.19',
    format: 'cjs',
    // what is rarely needed is part of the file, and runs when it is needed
    supported: { 'dynamic-import': false },
    legalComments: 'none',
    logLevel: 'error',
    write: false,
  });
  return outputFiles[0]?.text ?? '';
}

async function declarationsOf(entry: string, tsconfig: string): Promise<string> {
  const bundle = await rollup({ input: entry, plugins: [dts({ tsconfig })], external: [/^node:/] });
  try {
    const { output } = await bundle.generate({ format: 'es' });
    return output[0].code;
  } finally {
    await bundle.close();
  }
}
