import { basename } from 'node:path';
import { build, transform, type BuildOptions, type Metafile, type TransformOptions } from 'esbuild';

/** Our own modules, grouped by when they are needed. A module is a CommonJS text under a name such as `./own.ABC.js`. */
export interface Packs {
  /** The module to start with; its pack is the first. */
  readonly main: string;
  readonly packs: readonly ReadonlyMap<string, string>[];
}

/**
 * Splits the sources where they say `import()`: one pack for what the start needs at once, one for what each `import()` brings besides,
 * and one for each piece that several of those share. A command loads few files, and none that it does not use.
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
    for (const [path, { imports }] of Object.entries(outputs)) {
      const own = imports.filter(({ external }) => external !== true);
      const named = (kind: string) => own.filter((found) => found.kind === kind).map((found) => moduleName(found.path));
      this.#imports.set(moduleName(path), named('import-statement'));
      for (const name of named('dynamic-import')) dynamic.add(name);
    }
    this.#dynamic = [...dynamic];
  }

  /** Disjoint groups that together are everything: first what `main` needs at once. */
  groups(main: string): string[][] {
    const atOnce = this.#closure(main);
    const later = this.#dynamic.map((name) => this.#closure(name).filter((needed) => !atOnce.includes(needed)));
    const uses = new Map<string, number>();
    for (const name of later.flat()) uses.set(name, (uses.get(name) ?? 0) + 1);
    const alone = later.map((names) => names.filter((name) => uses.get(name) === 1));
    const shared = [...uses].filter(([, count]) => count > 1).map(([name]) => [name]);
    return [atOnce, ...alone.filter((names) => names.length > 0), ...shared];
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
