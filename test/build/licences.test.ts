import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { licences, recorded } from '../../src/build/licences.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The licence texts of a file, by the name and version of their package. */
function sections(text: string): ReadonlyMap<string, string> {
  const parts = text.split(/^-{80}\n\n/m).map((part) => /^(\S+ [^\s,]+), [^\n]+\n\n([^]+)/.exec(part));
  return new Map(parts.map((part) => [part?.[1] ?? 'no heading', part?.[2] ?? '']));
}

describe('the licences in the package', () => {
  it('are those of every package that its bundles take code from, with their texts', () => {
    const folders = readFileSync(join(root, 'dist/.packages'), 'utf8').split('\n');
    const texts = sections(readFileSync(join(root, 'dist/LICENSES.txt'), 'utf8'));
    assert.ok(folders.includes('node_modules/ws') && folders.includes('node_modules/ajv'));
    const named = folders.map((folder) => {
      const { name, version } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as {
        name: string;
        version: string;
      };
      return `${name} ${version}`;
    });
    assert.deepEqual([...texts.keys()].sort(), [...new Set(named)].sort());
    for (const [name, text] of texts) assert.match(text, /copyright|licen[cs]e/i, name);
    for (const [name, text] of texts) assert.ok(text.length > 300, `${name}: ${text}`);
  });

  it('are found for what a build takes, and only for that', async () => {
    const packages = new Set<string>();
    await build({
      stdin: { contents: `import 'ws'; import 'node:fs'; import './src/errors.ts'`, resolveDir: root },
      absWorkingDir: root,
      bundle: true,
      platform: 'node',
      write: false,
      plugins: [recorded(packages)],
    });
    assert.deepEqual([...packages], ['node_modules/ws']);
    assert.match(licences(root, packages), /^ws \d[^\n]*, MIT\n\nCopyright/);
  });
});
