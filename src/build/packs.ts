import { basename } from 'node:path';
import { build, transform, type BuildOptions, type Metafile, type Plugin, type TransformOptions } from 'esbuild';

/**
 * Our own modules, grouped by when they are needed. A module is a CommonJS text under a name such as `./own.ABC.js`.
 */
export interface Packs {
  /** The module to start with; its pack is the first. */
  readonly main: string;
  readonly packs: readonly ReadonlyMap<string, string>[];
}

/**
 * Splits the sources where they say `import()`: one pack for what the start needs at once, one for what each `import()`
 * brings besides; what several of those share lies with the first. A command loads few files, and little that it does
 * not use.
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
 * What the start needs at once, made one module again: it runs as a whole anyway, and modules apart cost time and
 * memory each. What other packs import of it by the names of its parts is handed on.
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

/** A module that runs `main` and exports, by the name of each part, a function that gives what others import of it. */
function handingOn(main: string, wanted: ReadonlyMap<string, readonly string[]>): string {
  const parts = [...wanted].map(([name, exported], index) => {
    const imports = exported.map((word) => `${word} as ${word}_${index}`).join(',');
    const getters = exported.map((word) => `get ${word}(){return ${word}_${index}}`).join(',');
    return { line: `import {${imports}} from '${name}';`, entry: `'${name}':()=>({${getters}})` };
  });
  const lines = parts.map(({ line }) => line).join('\n');
  return `import '${main}';\n${lines}\nexport const parts={${parts.map(({ entry }) => entry).join(',')}};`;
}

/** Modules that are texts under names such as `./own.ABC.js`; other relative names are parts of their own. */
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

/** The name that other modules import it under. */
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

/** Who imports whom among the modules that esbuild made. */
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
   * Disjoint groups that together are everything: first what `main` needs at once. What several need goes to the first
   * of them.
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

  /** Those of a group that are imported from outside of it, or by `import()`, with the names that they export. */
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

/** A pack's text: a table of its modules by name. */
export function packText(modules: ReadonlyMap<string, string>): string {
  const entries = [...modules].map(
    ([name, code]) => `${JSON.stringify(name)}:function(exports,require,module,importModule){${code}\n}`,
  );
  return `module.exports={${entries.join(',')}};`;
}
