import { readdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Argument, Option } from 'commander';
import { Failure } from '../../../errors.ts';
import { actionNames, documentNames, schemaOf, type JsonSchema } from '../../../protocol/schema.ts';
import { readContexts } from '../../target/contexts/contextList.ts';
import { choicesOf, valueName } from '../../flags/optionFacts.ts';
import { FieldOption } from '../../flags/fieldOptions.ts';
import type { Io } from '../../terminal/io.ts';
import { liveValues, type Candidate, type TypedLine } from './liveValues.ts';
import { shells } from './shells.ts';

/** All completions of a word, or that it is a file name, which shells complete better. */
export interface Values {
  readonly items: readonly Candidate[];
  readonly files?: true;
}

/** Returns the values of one flag. */
export async function optionValues(option: Option, line: TypedLine, io: Io): Promise<Values> {
  const choices = choicesOf(option);
  if (choices !== undefined) return { items: choices.map((choice) => named(String(choice))) };
  if (option.long === '--context') return { items: contexts(io) };
  if (!(option instanceof FieldOption) || option.long !== `--${option.field.name}`)
    return namedValues(valueName(option) ?? '', io) ?? { items: [] };
  const { field } = option;
  if (field.kind === 'boolean') return { items: ['true', 'false'].map(named) };
  if (field.kind === 'json') return { items: jsonFiles(line.current, io) };
  const listed = alternatives(field.repeatable ? field.schema.items : field.schema);
  return { items: listed.length > 0 ? listed.map(named) : await liveValues(field, line, io) };
}

/** Returns the values of an argument; most are files. */
export function argumentValues(argument: Argument, io: Io): Values {
  const name = argument.name();
  if (argument.argChoices !== undefined) return { items: argument.argChoices.map(named) };
  return name === 'name' || name === 'url' ? { items: [] } : (namedValues(name, io) ?? files);
}

const files: Values = { items: [], files: true };

/** Returns values by the placeholder in help: `<file>`, `<action>`. */
function namedValues(name: string, io: Io): Values | undefined {
  switch (name) {
    case 'file':
    case 'journal':
    case 'shell command':
      return files;
    case 'action':
      return { items: actions() };
    case 'schema':
      return { items: [...actions(), ...documentNames().map(named)] };
    case 'context':
      return { items: contexts(io) };
    case 'shell':
      return { items: shells.map(named) };
    default:
      return undefined;
  }
}

function named(value: string): Candidate {
  return { value, meaning: '' };
}

function actions(): Candidate[] {
  return actionNames().map((action) => ({ value: action, meaning: schemaOf(action).title ?? '' }));
}

function contexts(io: Io): Candidate[] {
  return readContexts(io).contexts.map(({ name, url }) => ({ value: name, meaning: url }));
}

/** Returns the values of a schema whose pattern is only a list of them: `^(a|b)$`. */
function alternatives(schema: JsonSchema | undefined): string[] {
  const [, list] = /^\^\(((?:[\w\\*]+\|)+[\w\\*]+)\)\$$/.exec(schema?.pattern ?? '') ?? [];
  return list?.replaceAll('\\', '').split('|') ?? [];
}

/** Returns files to read JSON from, as `@file`. */
function jsonFiles(current: string, io: Io): Candidate[] {
  if (!current.startsWith('@')) return [];
  const path = current.slice(1);
  const folder = path.includes('/') ? `${dirname(`${path}.`)}/`.replace('//', '/') : '';
  try {
    const entries = readdirSync(resolve(io.cwd, folder === '' ? '.' : folder), { withFileTypes: true });
    return entries.map((entry) => named(`@${folder}${entry.name}${entry.isDirectory() ? '/' : ''}`));
  } catch (error) {
    throw new Failure('usage', `there is no folder ${folder}`, { cause: error });
  }
}
