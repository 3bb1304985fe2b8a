import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import ts from 'typescript';
import { hasModifier, importedFiles, places, root, roomOf, sources } from './helpers/sources.ts';

/** The rooms that each room may import, besides itself. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  errors: [],
  protocol: ['errors'],
  client: ['errors', 'protocol'],
  server: ['errors', 'protocol'],
  simulate: ['errors', 'protocol', 'client'],
  cli: ['errors', 'protocol', 'client', 'server', 'simulate'],
  build: ['errors', 'protocol', 'cli'],
  index: ['errors', 'protocol', 'client', 'server', 'simulate'],
  bin: ['cli'],
};

/** Returns the files that import this package or a part of it. */
function importers(name: string): string[] {
  return sources
    .filter(({ imports }) => imports.some((imported) => imported.name === name || imported.name.startsWith(`${name}/`)))
    .map(({ path }) => path);
}

describe('rooms', () => {
  it('are the agreed ones', () => {
    assert.deepEqual(
      [...new Set(sources.map(({ path }) => roomOf(path)))].filter((room) => mayImport[room] === undefined),
      [],
    );
  });

  it('import only in the agreed directions', () => {
    const wrong = sources.flatMap((source) => {
      const { path } = source;
      const room = roomOf(path);
      return importedFiles(source, { dynamic: true })
        .filter((target) => roomOf(target) !== room && mayImport[room]?.includes(roomOf(target)) !== true)
        .filter((target) => target !== 'package.json')
        .map((target) => `${path} imports ${target}`);
    });
    assert.deepEqual(wrong, []);
  });

  it('write the extension of every relative import', () => {
    const wrong = sources.flatMap(({ path, imports }) =>
      imports
        .filter(({ name }) => name.startsWith('.') && !/\.(ts|json)$/.test(name))
        .map(({ name }) => `${path}: ${name}`),
    );
    assert.deepEqual(wrong, []);
  });

  it('meet as client and server only in cli and in the library entry', () => {
    const both = sources.filter(({ imports }) =>
      ['client', 'server'].every((room) => imports.some(({ name }) => name.includes(`/${room}/`))),
    );
    assert.deepEqual(
      both.map(({ path }) => path).filter((path) => roomOf(path) !== 'cli' && path !== 'src/index.ts'),
      [],
    );
  });

  for (const name of ['commander', 'chalk', 'inquirer', '@inquirer']) {
    it(`other than cli know nothing of ${name}`, () => {
      assert.deepEqual(
        importers(name).filter((path) => roomOf(path) !== 'cli'),
        [],
      );
    });
  }

  it('have commander, chalk and inquirer where the other tests look for them', () => {
    for (const name of ['commander', 'chalk', 'inquirer']) assert.notDeepEqual(importers(name), [], name);
  });

  it('import ws in one file of client and one of server', () => {
    assert.deepEqual(importers('ws').map(roomOf).sort(), ['client', 'server']);
  });

  it('use ajv, esbuild and TypeScript at build time only', () => {
    for (const name of ['ajv', 'esbuild', 'json-schema-to-typescript', 'typescript']) {
      const elsewhere = importers(name).filter((path) => roomOf(path) !== 'build');
      assert.deepEqual(elsewhere, [], name);
    }
    assert.notDeepEqual(importers('ajv'), []);
  });
});

describe('sources', () => {
  it('never exit the process, but for its last line once everything is written', () => {
    const exits = places(
      (node) =>
        ts.isPropertyAccessExpression(node) &&
        /^(exit|reallyExit|abort)$/.test(node.name.text) &&
        /process$/.test(node.expression.getText()),
    );
    assert.deepEqual(
      exits.map((place) => place.replace(/:\d+$/, '')),
      ['bin/devicehive.ts'],
    );
  });

  it('export by name only', () => {
    const defaults = places((node) => ts.isExportAssignment(node) || hasModifier(node, ts.SyntaxKind.DefaultKeyword));
    const renamed = places((node) => ts.isExportSpecifier(node) && node.name.text === 'default');
    assert.deepEqual([...defaults, ...renamed], []);
  });

  it('hold no any, no enum and no namespace', () => {
    assert.deepEqual(
      places((node) => node.kind === ts.SyntaxKind.AnyKeyword),
      [],
    );
    assert.deepEqual(places(ts.isEnumDeclaration), []);
    assert.deepEqual(places(ts.isModuleDeclaration), []);
  });

  it('have no folder called utils', () => {
    assert.deepEqual(
      sources.map(({ path }) => path).filter((path) => /(^|\/)(utils?|helpers?|misc|common)(\/|\.ts$)/i.test(path)),
      [],
    );
  });

  it('document every export outside cli', () => {
    const silent = sources
      .filter(({ path }) => roomOf(path) !== 'cli')
      .flatMap(({ path, tree }) =>
        tree.statements
          .filter(
            (node) => hasModifier(node, ts.SyntaxKind.ExportKeyword) && ts.getJSDocCommentsAndTags(node).length === 0,
          )
          .map((node) => `${path}: ${node.getText().split('\n')[0] ?? ''}`),
      );
    assert.deepEqual(silent, []);
  });

  it('have at most 300 lines a file', () => {
    const long = sources
      .map(({ path, text }) => ({ path, lines: text.trimEnd().split('\n').length }))
      .filter(({ lines }) => lines > 300);
    assert.deepEqual(long, []);
  });
});

describe('repository', () => {
  it('has the four agreed folders on top and no other', () => {
    const folders = trackedFolders().filter((name) => !name.startsWith('.'));
    assert.deepEqual(folders, ['bin', 'schemas', 'src', 'test']);
  });
});

/** Returns the top-level folders that git tracks; in a copy without git, those that .gitignore does not name. */
function trackedFolders(): string[] {
  const files = trackedFiles();
  return [...new Set(files.filter((file) => file.includes('/')).map((file) => file.split('/')[0] ?? ''))].sort();
}

function trackedFiles(): string[] {
  try {
    const options = { cwd: root, encoding: 'utf8', stdio: 'pipe' } as const;
    return execFileSync('git', ['ls-files', '-z'], options).split('\0');
  } catch {
    const ignored = new Set(readFileSync(join(root, '.gitignore'), 'utf8').split('\n'));
    const entries = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    return entries.map(({ name }) => `${name}/`).filter((name) => !ignored.has(name));
  }
}
