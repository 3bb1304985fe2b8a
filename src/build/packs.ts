import { basename } from 'node:path';
import { build, transform, type BuildOptions, type Metafile, type Plugin, type TransformOptions } from 'esbuild';

/** Our own modules, grouped by when they are needed. Each is a CommonJS text with a name such as `./own.ABC.js`. */
export interface Packs {
  /** The module to start with; it is in the first pack. */
  readonly main: string;
  readonly packs: readonly ReadonlyMap<string, string>[];
}

/**
 * Splits the sources at each `import()`: one pack for the start, and one for what each `import()` adds; shared modules
 * are in the first pack that needs them. So a command loads few files and little unused code.
 */
export async function packed(entry: string, options: BuildOptions): Promise<Packs> {
  const { outputFiles, metafile } = await build({
    ...options,
    entryPoints: { main: entry },
    splitting: true,
    format: 'esm',
    metafile: true,
    write: false,
    outdir: 'packs',
    entryNames: 'own.[name].[hash]',
    chunkNames: 'own.[hash]',
  });
  const texts = new Map(outputFiles.map(({ path, text }) => [moduleName(path), text]));
  const graph = new Graph(metafile);
  const main = [...texts.keys()].find((name) => name.startsWith('./own.main.')) ?? '';
  const [atOnce = [], ...others] = graph.groups(main);
  const merged = await mergedPack(main, graph.exportsWanted(atOnce), texts, options);
  const packs = others.map(async (names) => {
    const codes = names.map(async (name) => [name, await asCommonJs(texts.get(name) ?? '', options)] as const);
    return new Map(await Promise.all(codes));
  });
  return { main, packs: [merged, ...(await Promise.all(packs))] };
}

/**
 * Merges the modules of the start into one, because they run together anyway and each separate module costs time and
 * memory. Other packs still find the exports under the modules' old names.
 */
async function mergedPack(
  main: string,
  wanted: ReadonlyMap<string, readonly string[]>,
  texts: ReadonlyMap<string, string>,
  options: BuildOptions,
): Promise<ReadonlyMap<string, string>> {
  const { platform, target } = options;
  const result = await build({
    stdin: { contents: handingOn(main, wanted), resolveDir: '.', loader: 'js' },
    bundle: true,
    format: 'cjs',
    supported: { 'dynamic-import': false },
    minifySyntax: true,
    minifyWhitespace: true,
    logLevel: 'error',
    write: false,
    plugins: [inMemory(texts)],
    ...(platform === undefined ? {} : { platform }),
    ...(target === undefined ? {} : { target }),
  });
  const own: readonly [string, string][] = [[main, result.outputFiles[0]?.text ?? '']];
  const handed = [...wanted.keys()].filter((name) => name !== main);
  return new Map([
    ...own,
    ...handed.map((name) => [name, `module.exports=require("${main}").parts["${name}"]();`] as const),
  ]);
}

/**
 * Returns a module that runs `main` and exports `parts`: for each old module name a function that returns its exports.
 */
function handingOn(main: string, wanted: ReadonlyMap<string, readonly string[]>): string {
  const parts = [...wanted].map(([name, exported], index) => {
    const imports = exported.map((word) => `${word} as ${word}_${index}`).join(',');
    const getters = exported.map((word) => `get ${word}(){return ${word}_${index}}`).join(',');
    return { line: `import {${imports}} from '${name}';`, entry: `'${name}':()=>({${getters}})` };
  });
  const lines = parts.map(({ line }) => line).join('\n');
  return `import '${main}';\n${lines}\nexport const parts={${parts.map(({ entry }) => entry).join(',')}};`;
}

/** Returns a plugin that serves modules from texts; other relative names stay external. */
function inMemory(texts: ReadonlyMap<string, string>): Plugin {
  return {
    name: 'in-memory',
    setup(plan) {
      plan.onResolve({ filter: /^\.\// }, ({ path, kind }) =>
        kind === 'dynamic-import' || !texts.has(path) ? { path, external: true } : { path, namespace: 'memory' },
      );
      plan.onLoad({ filter: /.*/, namespace: 'memory' }, ({ path }) => ({
        contents: texts.get(path) ?? '',
        loader: 'js',
        resolveDir: '.',
      }));
    },
  };
}

/** Returns the name under which other modules import an output file. */
function moduleName(path: string): string {
  return `./${basename(path)}`;
}

async function asCommonJs(code: string, { platform, target }: BuildOptions): Promise<string> {
  const options: TransformOptions = {
    format: 'cjs',
    supported: { 'dynamic-import': false },
    minifySyntax: true,
    minifyWhitespace: true,
    ...(platform === undefined ? {} : { platform }),
    ...(target === undefined ? {} : { target }),
  };
  return (await transform(code, options)).code;
}

/** The imports between the modules that esbuild produced. */
class Graph {
  readonly #imports = new Map<string, readonly string[]>();
  readonly #exports = new Map<string, readonly string[]>();
  readonly #dynamic: readonly string[];

  constructor({ outputs }: Metafile) {
    const dynamic = new Set<string>();
    const entryPoints = new Map(
      Object.entries(outputs).map(([path, { entryPoint }]) => [moduleName(path), entryPoint]),
    );
    for (const [path, { imports, exports }] of Object.entries(outputs)) {
      const own = imports.filter(({ external }) => external !== true);
      const named = (kind: string) => own.filter((found) => found.kind === kind).map((found) => moduleName(found.path));
      this.#imports.set(moduleName(path), named('import-statement'));
      this.#exports.set(moduleName(path), exports);
      for (const name of named('dynamic-import')) dynamic.add(name);
    }
    const isFirst = (name: string) => entryPoints.get(name)?.endsWith('src/client/index.ts') === true;
    this.#dynamic = [...dynamic].sort((one, other) => Number(isFirst(other)) - Number(isFirst(one)));
  }

  /**
   * Returns disjoint groups of all modules, starting with those that `main` needs at once. A shared module is in the
   * first group that needs it.
   */
  groups(main: string): string[][] {
    const taken = new Set<string>();
    const groups = [main, ...this.#dynamic].map((start) => {
      const own = this.#closure(start).filter((name) => !taken.has(name));
      for (const name of own) taken.add(name);
      return own;
    });
    return groups.filter((names) => names.length > 0);
  }

  /** Returns the modules of a group that other groups import, also by `import()`, with their exports. */
  exportsWanted(group: readonly string[]): ReadonlyMap<string, readonly string[]> {
    const outside = [...this.#imports].filter(([name]) => !group.includes(name)).flatMap(([, names]) => names);
    const wanted = new Set([...outside, ...this.#dynamic]);
    return new Map(group.filter((name) => wanted.has(name)).map((name) => [name, this.#exports.get(name) ?? []]));
  }

  #closure(start: string): string[] {
    const found = new Set([start]);
    for (const name of found) for (const needed of this.#imports.get(name) ?? []) found.add(needed);
    return [...found];
  }
}

/** Returns the text of a pack: a table of its modules by name. */
export function packText(modules: ReadonlyMap<string, string>): string {
  const entries = [...modules].map(
    ([name, code]) => `${JSON.stringify(name)}:function(exports,require,module,importModule){${code}\n}`,
  );
  return `module.exports={${entries.join(',')}};`;
}
