import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import ts from 'typescript';
import { circles, doubledNames, floorOf, floors } from './helpers/house.ts';
import { exceptions } from './helpers/houseExceptions.ts';
import { importedFiles, root, roomOf, sources } from './helpers/sources.ts';

/** Violations found so far, by rule. */
const seen = new Set<string>();

/** Fails on violations of a rule that are not among its listed exceptions. */
function holds(rule: keyof typeof exceptions, found: readonly string[]): void {
  const allowed: readonly string[] = exceptions[rule];
  for (const entry of found) seen.add(`${rule}: ${entry}`);
  assert.deepEqual(
    found.filter((entry) => !allowed.includes(entry)),
    [],
  );
}

describe('the house', () => {
  it('has no import circle, types included', () => {
    holds('circles', circles(sources).flat());
  });

  it('has at most 20 files directly in a folder', () => {
    const counts = new Map<string, number>();
    for (const { path } of sources) counts.set(dirname(path), (counts.get(dirname(path)) ?? 0) + 1);
    const full = [...counts].filter(([, count]) => count > 20).map(([folder]) => folder);
    holds('fullFolders', full);
  });

  for (const [folder, order] of Object.entries(floors)) {
    it(`has floors in ${folder}: none imports a higher one`, () => {
      const ups = sources.flatMap((source) => {
        const from = floorOf(folder, order, source.path);
        return importedFiles(source, { dynamic: false })
          .filter((target) => floorOf(folder, order, target) > from && from >= 0)
          .map((target) => `${source.path} imports ${target}`);
      });
      holds('floors', ups);
    });

    it(`has every file of ${folder} on a floor`, () => {
      const homeless = sources
        .map(({ path }) => path)
        .filter((path) => path.startsWith(`${folder}/`) && floorOf(folder, order, path) < 0);
      assert.deepEqual(homeless, []);
    });
  }

  it('keeps commands from importing one another', () => {
    const folder = 'src/cli/commands/';
    // code that several commands share has its own folder
    const shared = ['results'];
    const nounOf = (path: string) => {
      const [noun = ''] = path.startsWith(folder) ? path.slice(folder.length).split('/') : [];
      return shared.includes(noun) ? '' : noun;
    };
    const crossing = sources
      .filter(({ path }) => nounOf(path) !== '' && !nounOf(path).endsWith('.ts'))
      .flatMap((source) =>
        importedFiles(source, { dynamic: true })
          .filter((target) => nounOf(target) !== '' && !nounOf(target).endsWith('.ts'))
          .filter((target) => nounOf(target) !== nounOf(source.path))
          .map((target) => `${nounOf(source.path)} imports ${nounOf(target)}`),
      );
    holds('commandsImportingCommands', [...new Set(crossing)]);
  });

  it('enters a room by its index.ts only', () => {
    const doors = ['client', 'server', 'simulate'];
    const windows = sources.flatMap((source) =>
      importedFiles(source, { dynamic: true })
        .filter((target) => doors.includes(roomOf(target)) && roomOf(target) !== roomOf(source.path))
        .filter((target) => target !== `src/${roomOf(target)}/index.ts`)
        .map((target) => `${source.path} imports ${target}`),
    );
    holds('windows', windows);
  });

  it('passes streams, flags, output and settings of a command as one context', () => {
    const apart = sources
      .filter(({ path }) => path.startsWith('src/cli/'))
      .flatMap(({ path, tree }) => functionsWithParts(tree).map((name) => `${path}: ${name}`));
    assert.deepEqual(apart, []);
  });

  it('gives an exported name one meaning', () => {
    holds('doubledNames', doubledNames(sources));
  });

  it('cites headings of documents that are in the repository', () => {
    holds(
      'citations',
      sources.flatMap(({ path, text }) => brokenCitations(text).map((citation) => `${path}: ${citation}`)),
    );
  });

  it('keeps comments within 120 columns', () => {
    const wide = sources.filter(({ text }) => widestComment(text) > 120);
    holds(
      'wideComments',
      wide.map(({ path }) => path),
    );
  });

  it('lists no exception twice, and none that is mended', () => {
    for (const [rule, entries] of Object.entries(exceptions)) {
      assert.equal(new Set(entries).size, entries.length, rule);
      assert.deepEqual(
        entries.filter((entry: string) => !seen.has(`${rule}: ${entry}`)),
        [],
      );
    }
  });
});

const contextParts = new Set(['io', 'values', 'output', 'settings']);

/** The functions of a file that take `io` and another part of a command's context as parameters of their own. */
function functionsWithParts(node: ts.Node): string[] {
  const found: string[] = [];
  if (ts.isFunctionLike(node)) {
    const names = node.parameters.map(({ name }) => name.getText());
    const parts = names.filter((name) => contextParts.has(name));
    if (parts.length > 1 && parts.includes('io'))
      found.push(`${node.name?.getText() ?? 'function'}(${names.join(', ')})`);
  }
  ts.forEachChild(node, (child) => void found.push(...functionsWithParts(child)));
  return found;
}

const documents = [
  ...readdirSync(root).filter((file) => file.endsWith('.md')),
  ...readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => `src/${file}`),
];

/** Returns the citations `X.md N.N` in a text whose document or heading does not exist in the repository. */
function brokenCitations(text: string): string[] {
  return [...text.matchAll(/\b([A-Za-z]+\.md)(?: (\d+(?:\.\d+)*))?/g)]
    .filter(([, name = '', section]) => {
      const file = documents.find((document) => basename(document) === name);
      return file === undefined || (section !== undefined && !hasHeading(file, section));
    })
    .map(([citation]) => citation);
}

const headings = new Map<string, string>();

function hasHeading(file: string, section: string): boolean {
  if (!headings.has(file)) {
    const lines = readFileSync(join(root, file), 'utf8').split('\n');
    headings.set(file, lines.filter((line) => line.startsWith('#')).join('\n'));
  }
  return new RegExp(`[# ]${section.replaceAll('.', '\\.')}\\.? `).test(headings.get(file) ?? '');
}

/** Returns the width of the widest line with a comment. */
function widestComment(text: string): number {
  const scanner = ts.createScanner(ts.ScriptTarget.ES2023, false, ts.LanguageVariant.Standard, text);
  let widest = 0;
  for (let token = scanner.scan(); token !== ts.SyntaxKind.EndOfFileToken; token = scanner.scan()) {
    if (token !== ts.SyntaxKind.SingleLineCommentTrivia && token !== ts.SyntaxKind.MultiLineCommentTrivia) continue;
    const start = text.lastIndexOf('\n', scanner.getTokenStart()) + 1;
    for (const line of text.slice(start, scanner.getTokenEnd()).split('\n')) widest = Math.max(widest, line.length);
  }
  return widest;
}
