import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Plugin } from 'esbuild';

/** Returns a plugin that redirects imports of rarely needed packages to their parts. */
export function separate(names: ReadonlyMap<string, string>): Plugin {
  return {
    name: 'separate-parts',
    setup(plan) {
      plan.onResolve({ filter: /^(@inquirer\/core|[a-z-]+)$/ }, ({ path, importer }) => {
        const side = /[\\/]src[\\/]server[\\/]/.test(importer) ? 'server' : 'client';
        const part = path === '@inquirer/core' ? 'inquirer' : path;
        const file = names.get(part === 'ws' ? `ws-${side}` : part);
        return file === undefined ? undefined : { path: `./${file}`, external: true };
      });
    },
  };
}

/** Returns a plugin that gives the client's half of `ws` our own `plainUpgrade` in place of Node's HTTP client. */
export function ownUpgrade(root: string): Plugin {
  return {
    name: 'own-upgrade',
    setup(plan) {
      plan.onResolve({ filter: /^http$/ }, () => ({ path: join(root, 'src/build/swapped/plainUpgrade.ts') }));
    },
  };
}

/** Returns a declaration that loads a module at its first use. */
function whenNeeded(name: string, module: string): string {
  return `const ${name} = new Proxy({}, { get: (_, key) => require('${module}')[key] });`;
}

/** Returns a plugin that loads each schema with its validator from a separate part, since a command needs only one. */
export function schemasWhenNeeded(names: ReadonlyMap<string, string>): Plugin {
  return {
    name: 'schemas-when-needed',
    setup(plan) {
      plan.onResolve({ filter: /^\.\/devicehive\./ }, ({ path }) => ({ path, external: true }));
      plan.onLoad({ filter: /generated[\\/](actions|documents)\.ts$/ }, ({ path }) => ({
        contents: loadingParts(readFileSync(path, 'utf8'), names),
        loader: 'ts',
      }));
    },
  };
}

/** Removes the imports of schema modules, and makes `return` of one load its part instead. */
function loadingParts(text: string, names: ReadonlyMap<string, string>): string {
  const parts = new Map<string, string>();
  const rest = text.replace(/^import \* as (\w+) from '(.+)';$/gm, (line, name: string, module: string) => {
    const part = names.get(module);
    if (part === undefined) return line;
    parts.set(name, part);
    return '';
  });
  return rest.replace(/\breturn (\w+);$/gm, (line, name: string) => {
    const part = parts.get(name);
    return part === undefined ? line : `return require('./${part}');`;
  });
}

/** Built-in modules that ws and commander load at once but rarely use; each costs up to 2 ms. */
const rarelyNeeded = new Set(['https', 'tls', 'zlib', 'querystring', 'node:child_process']);

/** Loads those built-ins at their first use, and drops unused parts of ws. */
export const trimmed: Plugin = {
  name: 'trimmed-packages',
  setup(plan) {
    plan.onLoad({ filter: /node_modules[\\/](ws|commander)[\\/].*\.js$/ }, ({ path }) => {
      const source = readFileSync(path, 'utf8');
      const contents = source.replace(
        /^const (\w+) = require\('([^']+)'\);$/gm,
        (line, name: string, module: string) => (rarelyNeeded.has(module) ? whenNeeded(name, module) : line),
      );
      return { contents, loader: 'js' };
    });
    plan.onResolve({ filter: /^\.\/lib\/.*\.js$/ }, ({ path, importer }) =>
      importer.endsWith('wrapper.mjs') ? { path: join(dirname(importer), path), sideEffects: false } : undefined,
    );
  },
};

/** The text editor behind one kind of prompt: most of a megabyte of character sets, which no prompt of ours uses. */
const editor = /^@inquirer\/external-editor$/;

/**
 * Drops the parts of inquirer that our prompts do not use: the editor with its character sets, and most of rxjs, which
 * is bundled from ES modules so that unused code can go. An eighth remains, and loads in half the time.
 */
export const trimmedInquirer: Plugin = {
  name: 'trimmed-inquirer',
  setup(plan) {
    plan.onResolve({ filter: editor }, ({ path }) => ({ path, namespace: 'left-out' }));
    plan.onLoad({ filter: editor, namespace: 'left-out' }, () => ({ contents: 'export const editAsync = undefined;' }));
    plan.onResolve({ filter: /^(rxjs|@inquirer\/[a-z]+)$/ }, async ({ path, pluginData, ...where }) => {
      if (pluginData === plan) return undefined;
      const { resolveDir, importer, kind } = where;
      const found = await plan.resolve(path, { resolveDir, importer, kind, pluginData: plan });
      return { path: found.path.replace(/([\\/]rxjs[\\/]dist[\\/])cjs/, '$1esm'), sideEffects: false };
    });
  },
};
