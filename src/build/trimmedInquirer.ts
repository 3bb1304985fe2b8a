import type { Plugin } from 'esbuild';

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
