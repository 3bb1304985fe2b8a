import { readdirSync, readFileSync } from 'node:fs';
import { join, posix, relative, sep } from 'node:path';
import { own } from '../protocol/own.ts';

/** The content of a schema file. */
export type SchemaFile = Record<string, unknown>;

/** Our own keywords in the schemas, which ajv must know to accept them. */
export const vocabulary = [
  'x-flag',
  'x-secret',
  'x-hint',
  'x-not-hint',
  'x-labels',
  'x-permission',
  'x-target',
  'x-async',
  'x-section',
  'x-action',
  'x-order',
  'x-internal',
];

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

/** True for an `anyOf` with an empty branch: it forbids nothing, and only offers editors suggestions. */
function isIdle(key: string, value: unknown): boolean {
  return key === 'anyOf' && Array.isArray(value) && value.some((branch) => Object.keys(branch as object).length === 0);
}

/** Returns a schema without the `anyOf`s that forbid nothing. */
export function binding(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(binding);
  if (typeof node !== 'object' || node === null) return node;
  const kept = Object.entries(node).filter(([key, value]) => !isIdle(key, value));
  return Object.fromEntries(kept.map(([key, value]) => [key, binding(value)]));
}

/** Returns a schema whose type is `unknown` wherever an `anyOf` forbids nothing. */
export function loose(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(loose);
  if (typeof node !== 'object' || node === null) return node;
  const entries = Object.entries(node);
  if (entries.some(([key, value]) => isIdle(key, value))) return { tsType: 'unknown' };
  return Object.fromEntries(entries.map(([key, value]) => [key, loose(value)]));
}
