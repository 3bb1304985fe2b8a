import type { Problem } from '../errors.ts';
import { actionPart } from './generated/actions.ts';
import { documentPart, type DocumentName } from './generated/documents.ts';
import { validatorOf, type Validator } from './generated/schemaPart.ts';
import { documentSchema, isFreeForm, schemaOf, type ActionName, type JsonSchema } from './schema.ts';
import { closest } from './notation/closest.ts';
import { own } from './own.ts';

/** One complaint of a generated validator, in ajv's terms. */
export interface ValidationError {
  readonly instancePath: string;
  readonly keyword: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly message?: string;
}

/** A problem of a request: the path of the field at fault, and whether that field is missing. */
export interface RequestProblem extends Problem {
  /** Names of the nested properties, outermost first; list indices included. */
  readonly path: readonly string[];
  readonly missing: boolean;
}

/** Returns everything that is wrong with a request's payload; an empty list means valid. `at` is a dotted path. */
export function problemsOf(action: ActionName, payload: unknown): RequestProblem[] {
  return complaintsOf(actionValidator(action), schemaOf(action), payload);
}

/**
 * Returns everything that is wrong with a file's content, such as a plan or a seed, as `problemsOf` does. Fields that
 * the schema does not know come with a suggestion.
 */
export function documentProblems(name: DocumentName, content: unknown): RequestProblem[] {
  return complaintsOf(validatorOf(documentPart(name)), documentSchema(name), content);
}

/**
 * Returns the validator of an action's requests, made at first use. It only says whether the fields fit; for the
 * reasons see `problemsOf`.
 */
export function actionValidator(action: ActionName): Validator {
  return validatorOf(actionPart(action));
}

function complaintsOf(validate: Validator, schema: JsonSchema, value: unknown): RequestProblem[] {
  if (validate(value)) return [];
  const errors = (validate.errors ?? []) as readonly ValidationError[];
  const problems = errors
    .filter((error) => !isBranch(error, errors) && !isOverruled(error, errors))
    .map((error) => problemOf(error, schema));
  return problems.filter((problem, index) => problems.findIndex((other) => same(other, problem)) === index);
}

/** Returns the fields that the action's schema does not know, with suggestions; free-form objects may hold anything. */
export function unknownFields(action: ActionName, payload: Readonly<Record<string, unknown>>): RequestProblem[] {
  return strangers(schemaOf(action), payload, []);
}

function strangers(schema: JsonSchema, value: unknown, path: readonly string[]): RequestProblem[] {
  if (isFreeForm(schema) || typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  const properties = schema.properties ?? {};
  return Object.entries(value).flatMap(([name, child]) => {
    const known = Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (known !== undefined) return strangers(known, child, [...path, name]);
    const at = [...path, name];
    const message = `is not a field of this action${suggestion(name, properties)}`;
    return [{ at: at.join('.'), path: at, message, missing: false }];
  });
}

function suggestion(name: string, properties: Readonly<Record<string, JsonSchema>> = {}): string {
  const likely = closest(name, Object.keys(properties));
  return likely === undefined ? '' : ` (did you mean ${likely}?)`;
}

function same(one: RequestProblem, other: RequestProblem): boolean {
  return one.at === other.at && one.message === other.message;
}

/** True if the error is about one alternative of an `anyOf`, which reports all of them itself. */
function isBranch(error: ValidationError, errors: readonly ValidationError[]): boolean {
  return (
    error.keyword === 'required' &&
    errors.some((other) => other.keyword === 'anyOf' && other.instancePath === error.instancePath)
  );
}

/** True if the value is one that its field excludes by name, which says more than that it fits no pattern. */
function isOverruled(error: ValidationError, errors: readonly ValidationError[]): boolean {
  return (
    error.keyword === 'pattern' &&
    errors.some((other) => other.keyword === 'not' && other.instancePath === error.instancePath)
  );
}

function problemOf(error: ValidationError, root: JsonSchema): RequestProblem {
  const path = error.instancePath.split('/').slice(1).map(unescapePointer);
  if (error.keyword === 'required') {
    const missing = [...path, String(error.params['missingProperty'])];
    return { at: missing.join('.'), path: missing, message: 'is required', missing: true };
  }
  const schema = schemaAt(root, path);
  if (error.keyword === 'additionalProperties') {
    const name = String(error.params['additionalProperty']);
    const at = [...path, name];
    return {
      at: at.join('.'),
      path: at,
      message: `is not known here${suggestion(name, schema?.properties)}`,
      missing: false,
    };
  }
  if (error.keyword === 'anyOf') {
    const names = (schema?.anyOf ?? []).flatMap((branch) => branch.required ?? []);
    return { at: path.join('.'), path, message: `needs at least one of ${names.join(', ')}`, missing: true };
  }
  return { at: path.join('.'), path, message: wording(error, schema), missing: false };
}

function unescapePointer(part: string): string {
  return part.replaceAll('~1', '/').replaceAll('~0', '~');
}

function wording(error: ValidationError, schema: JsonSchema | undefined): string {
  const { keyword, params } = error;
  if (keyword === 'not' && schema?.['x-not-hint'] !== undefined) return schema['x-not-hint'];
  if (keyword === 'enum') return `must be one of ${(schema?.enum ?? []).map(String).join(', ')}`;
  if ((keyword === 'pattern' || keyword === 'type') && schema?.['x-hint'] !== undefined)
    return `must be ${schema['x-hint']}`;
  if (keyword === 'type')
    return `must be ${[params['type']]
      .flat()
      .map((type) => article(String(type)))
      .join(' or ')}`;
  if (keyword === 'minLength' && params['limit'] === 1) return 'must not be empty';
  if (keyword === 'minLength') return `must have at least ${String(params['limit'])} characters`;
  if (keyword === 'maxLength') return `must have at most ${String(params['limit'])} characters`;
  return error.message ?? 'is not valid';
}

function article(type: string): string {
  if (type === 'object') return 'a JSON object';
  return /^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`;
}

/** Returns the schema of the field at a path (list indices lead to `items`); undefined where there is none. */
export function schemaAt(root: JsonSchema, path: readonly string[]): JsonSchema | undefined {
  return path.reduce<JsonSchema | undefined>(
    (schema, name) => own(schema?.properties, name) ?? schema?.items ?? mapSchema(schema),
    root,
  );
}

/** Returns the schema of a map's values; undefined where the schema is not a map. */
function mapSchema(schema: JsonSchema | undefined): JsonSchema | undefined {
  return typeof schema?.additionalProperties === 'object' ? schema.additionalProperties : undefined;
}

export type { DocumentName };
