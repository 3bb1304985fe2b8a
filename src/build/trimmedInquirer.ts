import type { Plugin } from 'esbuild';

/**
 * Where the text editor of one kind of prompt comes from: most of a megabyte of character sets for a prompt that nobody
 * uses.
 */
const editor = /^@inquirer\/external-editor$/;

/**
 * Leaves out of inquirer what no prompt of ours needs: the editor with its character sets, and most of rxjs, which is
 * taken as ES modules. What is left is an eighth, and loads in half the time.
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
