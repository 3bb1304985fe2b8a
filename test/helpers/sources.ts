import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

/** The top folder of the repository. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

/** One import of a file: the specifier as written, and whether it is an `import()`. */
export interface Import {
  readonly name: string;
  readonly isDynamic: boolean;
}

/** A source file: its path from the root, its text, its syntax tree and its imports. */
export interface Source {
  readonly path: string;
  readonly text: string;
  readonly tree: ts.SourceFile;
  readonly imports: readonly Import[];
}

/** All TypeScript files of `src` and `bin` except generated ones, sorted by path. */
export const sources: readonly Source[] = ['src', 'bin']
  .flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((file) => `${folder}/${file}`),
  )
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => path.endsWith('.ts') && !path.includes('/generated/'))
  .sort()
  .map(sourceOf);

function sourceOf(path: string): Source {
  const text = readFileSync(join(root, path), 'utf8');
  const tree = ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true);
  return { path, text, tree, imports: nodesOf(tree).flatMap(importedBy) };
}

/** Returns a node and everything below it, in source order. */
export function nodesOf(node: ts.Node): ts.Node[] {
  const nodes: ts.Node[] = [];
  const pending = [node];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    nodes.push(next);
    const children: ts.Node[] = [];
    ts.forEachChild(next, (child) => void children.push(child));
    pending.push(...children.reverse());
  }
  return nodes;
}

/**
 * Returns the imports of one node: `import … from`, `export … from`, `import()`, `require()` and `import('…')` as a
 * type.
 */
function importedBy(node: ts.Node): Import[] {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return literal(node.moduleSpecifier);
  if (ts.isImportTypeNode(node)) return ts.isLiteralTypeNode(node.argument) ? literal(node.argument.literal) : [];
  if (!ts.isCallExpression(node)) return [];
  const { expression } = node;
  if (expression.kind === ts.SyntaxKind.ImportKeyword) return literal(node.arguments[0], true);
  return ts.isIdentifier(expression) && expression.text === 'require' ? literal(node.arguments[0]) : [];
}

function literal(node: ts.Node | undefined, isDynamic = false): Import[] {
  return node !== undefined && ts.isStringLiteralLike(node) ? [{ name: node.text, isDynamic }] : [];
}

/** Returns the path, from the root, that a relative specifier in the file `path` refers to. */
export function resolved(path: string, specifier: string): string {
  return relative(root, resolve(root, dirname(path), specifier)).replaceAll('\\', '/');
}

/** Returns the paths of our own files that a file imports, types included. */
export function importedFiles({ path, imports }: Source, kinds: { readonly dynamic: boolean }): string[] {
  return imports
    .filter(({ name, isDynamic }) => name.startsWith('.') && (kinds.dynamic || !isDynamic))
    .map(({ name }) => resolved(path, name));
}

/** Returns the room of a file: its folder below `src`, or its name if it is in `src` itself. */
export function roomOf(path: string): string {
  const [top = '', room = ''] = path.split('/');
  return top === 'src' ? room.replace(/\.ts$/, '') : top;
}

/** True if a declaration has this modifier, such as `export`. */
export function hasModifier(node: ts.Node, kind: ts.SyntaxKind): boolean {
  return ts.canHaveModifiers(node) && (ts.getModifiers(node) ?? []).some((modifier) => modifier.kind === kind);
}

/** Returns the places of matching nodes in the sources, as `file:line`. */
export function places(matches: (node: ts.Node) => boolean): string[] {
  return sources.flatMap(({ path, tree }) =>
    nodesOf(tree)
      .filter(matches)
      .map((node) => `${path}:${tree.getLineAndCharacterOfPosition(node.getStart()).line + 1}`),
  );
}
