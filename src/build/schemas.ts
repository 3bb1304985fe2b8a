import { readdirSync, readFileSync } from 'node:fs';
import { join, posix, relative, sep } from 'node:path';
import { own } from '../protocol/own.ts';

/** The content of a schema file. */
export type SchemaFile = Record<string, unknown>;

/**
 * Returns the content of all files under `schemas/`, by path without `.json` (`command/update`), with references
 * resolved. Throws where a file is not JSON, or a reference leads nowhere or to itself.
 */
export function loadSchemas(folder: string): Map<string, SchemaFile> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.json'))
    .map((name) =>
      relative(folder, join(folder, name))
        .split(sep)
        .join('/')
        .replace(/\.json$/, ''),
    )
    .sort();
  const raw = new Map(names.map((name) => [name, parse(folder, name)]));
  return new Map(names.map((name) => [name, resolve(raw.get(name), name, raw, []) as SchemaFile]));
}

/** True if a schema file describes an action of the protocol. */
export function isActionSchema(schema: SchemaFile): boolean {
  return schema['x-action'] !== false;
}

/**
 * True if a schema file describes files that people write or read, such as plans. `common.json` does not: it only holds
 * shapes to refer to.
 */
export function isDocumentSchema(schema: SchemaFile): boolean {
  return !isActionSchema(schema) && schema['type'] !== undefined;
}

function parse(folder: string, name: string): SchemaFile {
  const file = join(folder, `${name}.json`);
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as SchemaFile;
  } catch (error) {
    throw new Error(`schemas/${name}.json is not JSON`, { cause: error });
  }
}

/** Replaces each `$ref` by its target; keywords beside the `$ref` override the target's. */
function resolve(node: unknown, file: string, all: Map<string, SchemaFile>, seen: readonly string[]): unknown {
  if (Array.isArray(node)) return node.map((item) => resolve(item, file, all, seen));
  if (typeof node !== 'object' || node === null) return node;
  const { $ref, ...rest } = node as Record<string, unknown>;
  const resolved = Object.fromEntries(
    Object.entries(rest).map(([key, value]) => [key, resolve(value, file, all, seen)]),
  );
  if (typeof $ref !== 'string') return resolved;
  const [path = '', pointer = ''] = $ref.split('#');
  const target = path === '' ? file : posix.join(posix.dirname(file), path).replace(/\.json$/, '');
  const mark = `${target}#${pointer}`;
  if (seen.includes(mark)) throw new Error(`schemas/${file}.json: ${$ref} refers to itself`);
  const found = pointer
    .split('/')
    .slice(1)
    .reduce<unknown>((value, key) => own(value as Record<string, unknown> | undefined, key), all.get(target));
  if (found === undefined) throw new Error(`schemas/${file}.json: ${$ref} points nowhere`);
  return { ...(resolve(found, target, all, [...seen, mark]) as object), ...resolved };
}
