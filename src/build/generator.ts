import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import standalone from 'ajv/dist/standalone/index.js';
import {
  binding,
  isActionSchema,
  isDocumentSchema,
  loadSchemas,
  loose,
  vocabulary,
  type SchemaFile,
} from './schemas.ts';
import { asyncModule, serverWords, traitsModule } from './traits.ts';

const header = '// Made from schemas/ by src/build/generator.ts; do not edit.\n';

/**
 * Writes the generated modules that run: one for each schema with its validator, and those that lead to them
 * (`actions.ts`, `documents.ts`) or are derived from all (`traits.ts`, `asyncActions.ts`).
 */
export function generateRuntime(schemaFolder: string, outputFolder: string): void {
  const all = loadSchemas(schemaFolder);
  const actions = actionsOf(all);
  writeModules(join(outputFolder, 'actions'), actions);
  write(join(outputFolder, 'schemaPart.ts'), schemaPartModule);
  write(join(outputFolder, 'actions.ts'), actionsModule([...actions.keys()]));
  write(join(outputFolder, 'traits.ts'), traitsModule(header, actions));
  write(join(outputFolder, 'asyncActions.ts'), asyncModule(header, actions));
  const documents = documentsOf(all);
  writeModules(join(outputFolder, 'documents'), documents);
  write(join(outputFolder, 'documents.ts'), documentsModule([...documents.keys()]));
}

function writeModules(folder: string, schemas: Map<string, SchemaFile>): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, schema] of schemas) write(join(folder, `${fileOf(name)}.ts`), schemaModule(schema));
  const files = new Set([...schemas.keys()].map((name) => `${fileOf(name)}.ts`));
  for (const file of readdirSync(folder)) if (!files.has(file)) rmSync(join(folder, file));
}

/** Returns the file name for an action: `command-update` for `command/update`. */
function fileOf(action: string): string {
  return action.replace('/', '-');
}

/** Returns the identifier under which an action's module is imported. */
function importName(action: string): string {
  return action.replace('/', '_');
}

/** Writes `types.ts`, which only the type checker needs. */
export async function generateTypes(schemaFolder: string, outputFolder: string): Promise<void> {
  const { compile } = await import('json-schema-to-typescript');
  const all = loadSchemas(schemaFolder);
  const actions = actionsOf(all);
  const parts = {
    Requests: pick(actions, request),
    Replies: pick(actions, reply),
    Pushes: pick(actions, event),
    Documents: pick(documentsOf(all), request),
  };
  const texts = Object.entries(parts).map(([title, properties]) =>
    compile(
      { title, type: 'object', additionalProperties: false, required: Object.keys(properties), properties },
      title,
      {
        bannerComment: '',
        format: false,
        ignoreMinAndMaxItems: true,
        additionalProperties: false,
      },
    ),
  );
  mkdirSync(outputFolder, { recursive: true });
  write(join(outputFolder, 'types.ts'), header + (await Promise.all(texts)).join('\n'));
}

function actionsOf(all: Map<string, SchemaFile>): Map<string, SchemaFile> {
  return new Map([...all].filter(([, schema]) => isActionSchema(schema)));
}

/** Returns the schemas of files that people write and read: plans, seeds, reports. */
function documentsOf(all: Map<string, SchemaFile>): Map<string, SchemaFile> {
  return new Map([...all].filter(([, schema]) => isDocumentSchema(schema)));
}

function pick(actions: Map<string, SchemaFile>, part: (schema: SchemaFile) => unknown): Record<string, SchemaFile> {
  const found = [...actions].map(([name, schema]) => [name, part(schema)] as const);
  return Object.fromEntries(found.filter(([, schema]) => schema !== undefined)) as Record<string, SchemaFile>;
}

/** Drops titles, which would become colliding type names; descriptions stay as comments. */
function untitled(node: unknown): unknown {
  return opened(without(node, ['title']));
}

/** Makes object schemas without properties free-form: their types allow any key. */
function opened(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(opened);
  if (typeof node !== 'object' || node === null) return node;
  const copy = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, opened(value)]));
  const types = [copy['type']].flat();
  const free =
    types.includes('object') && copy['properties'] === undefined && copy['additionalProperties'] === undefined;
  return free ? { ...copy, additionalProperties: true } : copy;
}

function request(schema: SchemaFile): unknown {
  const { $defs: _defs, examples: _examples, $schema: _dialect, ...rest } = schema;
  return untitled(without(loose(rest), ['anyOf']));
}

/** Returns a copy without these keywords at any depth; properties of the same name stay. */
function without(node: unknown, words: readonly string[]): unknown {
  if (Array.isArray(node)) return node.map((item) => without(item, words));
  if (typeof node !== 'object' || node === null) return node;
  const kept = Object.entries(node).filter(([key]) => !words.includes(key));
  return Object.fromEntries(
    kept.map(([key, value]) => [
      key,
      key === 'properties' ? properties(value as SchemaFile, words) : without(value, words),
    ]),
  );
}

function properties(node: SchemaFile, words: readonly string[]): SchemaFile {
  return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, without(value, words)]));
}

function reply(schema: SchemaFile): unknown {
  return untitled((schema['$defs'] as SchemaFile | undefined)?.['reply']);
}

function event(schema: SchemaFile): unknown {
  return untitled((schema['$defs'] as SchemaFile | undefined)?.['event']);
}

/**
 * Returns the text of a schema's module. The schema is built by a function and the validator by another, so that
 * neither costs anything at start-up.
 */
function schemaModule({ $schema: _dialect, ...schema }: SchemaFile): string {
  const ajv = new Ajv2020({
    allErrors: true,
    allowUnionTypes: true,
    strictRequired: false,
    unevaluated: false,
    code: { source: true, esm: false, optimize: 1 },
  });
  ajv.addVocabulary(vocabulary);
  const root = without(binding(schema), ['$defs', 'examples', 'title', 'description', 'default', ...vocabulary]);
  return `${header}// @ts-nocheck
import type { MakeValidator } from '../schemaPart.ts';

export const schema = (): unknown => (${JSON.stringify(without(schema, serverWords))});

export const maker: MakeValidator = (module, require) => {${standalone.default(ajv, ajv.compile(root as SchemaFile))}
};
`;
}

function actionsModule(actions: readonly string[]): string {
  const about = 'The name of an action, such as `command/update` (PROTOCOL.md 4.0).';
  return leadingModule('actions', actions, `/** ${about} */\nexport type ActionName`, 'actionPart(name: ActionName)');
}

function documentsModule(documents: readonly string[]): string {
  const about = 'The name of a file in `schemas/` that describes files, such as `plan`.';
  const type = `/** ${about} */\nexport type DocumentName`;
  return leadingModule('documents', documents, type, 'documentPart(name: DocumentName)');
}

/** Returns the text of the module that leads to the parts of a folder. */
function leadingModule(folder: string, names: readonly string[], type: string, part: string): string {
  const imports = names.map((name) => `import * as ${importName(name)} from './${folder}/${fileOf(name)}.ts';\n`);
  return `${header}import type { SchemaPart } from './schemaPart.ts';
${imports.join('')}
${type} =${names.map((name) => `\n  | '${name}'`).join('')};

/** All of them, in alphabetical order. */
export const ${folder} = [${names.map((name) => `'${name}'`).join(', ')}] as const;

/** Returns the schema and validator of one. */
export function ${part}: SchemaPart {
${choiceOf(names)}}
`;
}

/**
 * Returns a `switch` rather than a table, which would be built at every start. The build replaces each `return` by
 * loading the part.
 */
function choiceOf(names: readonly string[]): string {
  const cases = names.map((name) => `    case '${name}':\n      return ${importName(name)};\n`);
  return `  switch (name) {\n${cases.join('')}  }\n`;
}

/** The text of `schemaPart.ts`, the code that all parts share. */
const schemaPartModule = `${header}import lengths from 'ajv/dist/runtime/ucs2length.js';

/** One schema with its validator, as a separate part. */
export interface SchemaPart {
  readonly schema: () => unknown;
  readonly maker: MakeValidator;
}

/** A generated validator; \`errors\` has its complaints until the next call. */
export interface Validator {
  (value: unknown): boolean;
  errors?: readonly unknown[] | null;
}

/** A validator's code as ajv generates it: a CommonJS module. */
export type MakeValidator = (module: { exports: unknown }, require: (name: string) => unknown) => void;

const made = new Map<SchemaPart, Validator>();

/** Returns the validator of a part, made at first use. */
export function validatorOf(part: SchemaPart): Validator {
  let validator = made.get(part);
  if (validator === undefined) {
    const module: { exports: unknown } = { exports: undefined };
    part.maker(module, runtime);
    made.set(part, (validator = module.exports as Validator));
  }
  return validator;
}

function runtime(name: string): unknown {
  if (name === 'ajv/dist/runtime/ucs2length') return { default: (lengths as { default?: unknown }).default ?? lengths };
  throw new Error(\`no runtime part of ajv is bundled under the name \${name}\`);
}
`;

/** Writes a file if its text has changed, by way of a draft, so that it is never seen half written. */
function write(file: string, text: string): void {
  try {
    if (readFileSync(file, 'utf8') === text) return;
  } catch {
    // the file does not exist yet
  }
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, text);
  renameSync(draft, file);
}
