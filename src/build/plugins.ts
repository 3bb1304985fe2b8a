import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Plugin } from 'esbuild';

/** Imports of rarely needed packages lead to their parts. */
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

/** In the client's half of `ws`, plain upgrades are made by our own few lines, without Node's HTTP client. */
export function ownUpgrade(root: string): Plugin {
  return {
    name: 'own-upgrade',
    setup(plan) {
      plan.onResolve({ filter: /^http$/ }, () => ({ path: join(root, 'src/build/swapped/plainUpgrade.ts') }));
    },
  };
}

/** A constant that loads a module at its first use. */
function whenNeeded(name: string, module: string): string {
  return `const ${name} = new Proxy({}, { get: (_, key) => require('${module}')[key] });`;
}

/** Each schema and its validator are a part of their own: a command needs those of one action. */
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

/** Imports go, and what returned one of their modules loads its part instead. */
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

/** Built-in modules that ws and commander load at once and need rarely; each costs up to 2 ms. */
const rarelyNeeded = new Set(['https', 'tls', 'zlib', 'querystring', 'node:child_process']);

/** Loads those built-ins at their first use, and leaves out the parts of ws that nobody imports. */
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
