import { basename } from 'node:path';
import { build, transform, type BuildOptions, type Metafile, type TransformOptions } from 'esbuild';

/** Our own modules, grouped by when they are needed. A module is a CommonJS text under a name such as `./own.ABC.js`. */
export interface Packs {
  /** The module to start with; its pack is the first. */
  readonly main: string;
  readonly packs: readonly ReadonlyMap<string, string>[];
}

/**
 * Splits the sources where they say `import()`: one pack for what the start needs at once, one for what each `import()` brings besides;
 * what several of those share lies with the first. A command loads few files, and little that it does not use.
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
  const codes = new Map(
    await Promise.all(
      outputFiles.map(async ({ path, text }) => [moduleName(path), await asCommonJs(text, options)] as const),
    ),
  );
  const graph = new Graph(metafile);
  const main = [...codes.keys()].find((name) => name.startsWith('./own.main.')) ?? '';
  return {
    main,
    packs: graph.groups(main).map((names) => new Map(names.map((name) => [name, codes.get(name) ?? '']))),
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
  readonly #dynamic: readonly string[];

  constructor({ outputs }: Metafile) {
    const dynamic = new Set<string>();
    const entryPoints = new Map(
      Object.entries(outputs).map(([path, { entryPoint }]) => [moduleName(path), entryPoint]),
    );
    for (const [path, { imports }] of Object.entries(outputs)) {
      const own = imports.filter(({ external }) => external !== true);
      const named = (kind: string) => own.filter((found) => found.kind === kind).map((found) => moduleName(found.path));
      this.#imports.set(moduleName(path), named('import-statement'));
      for (const name of named('dynamic-import')) dynamic.add(name);
    }
    const isFirst = (name: string) => entryPoints.get(name)?.endsWith('src/client/index.ts') === true;
    this.#dynamic = [...dynamic].sort((one, other) => Number(isFirst(other)) - Number(isFirst(one)));
  }

  /** Disjoint groups that together are everything: first what `main` needs at once. What several need goes to the first of them. */
  groups(main: string): string[][] {
    const taken = new Set<string>();
    const groups = [main, ...this.#dynamic].map((start) => {
      const own = this.#closure(start).filter((name) => !taken.has(name));
      for (const name of own) taken.add(name);
      return own;
    });
    return groups.filter((names) => names.length > 0);
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
