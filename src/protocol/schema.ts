import { actionPart, actions, type ActionName } from './generated/actions.ts';
import { documentPart, documents, type DocumentName } from './generated/documents.ts';

/** The parts of JSON Schema that files in `schemas/` use, references resolved, plus our own `x-` words. */
export interface JsonSchema {
  readonly title?: string;
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly (string | number | null)[];
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly anyOf?: readonly JsonSchema[];
  readonly additionalProperties?: boolean | JsonSchema;
  /** Schemas of an action's `reply` and push (`event`), without the envelope. */
  readonly $defs?: Readonly<Record<string, JsonSchema>>;
  /** The flag's name, where the usual rules would give another. */
  readonly 'x-flag'?: string;
  /** True if the value is a password or a token: it is never shown, and prompted for without echo. */
  readonly 'x-secret'?: boolean;
  /** Describes a valid value in messages, in place of the pattern or type. */
  readonly 'x-hint'?: string;
  /** The message for a value that `not` excludes. */
  readonly 'x-not-hint'?: string;
  /** The meanings of the values of `enum`, in its order. */
  readonly 'x-labels'?: readonly string[];
  /** The permission an action needs (PROTOCOL.md 3.2); absent where it needs none. */
  readonly 'x-permission'?: string;
}

/** Schemas made so far: every call for an action returns the same object. */
const known = new Map<ActionName, JsonSchema>();

/** Returns the schema of an action's request, made at first use. */
export function schemaOf(action: ActionName): JsonSchema {
  let schema = known.get(action);
  if (schema === undefined) known.set(action, (schema = actionPart(action).schema() as JsonSchema));
  return schema;
}

/** True if this is the name of an action, in the right case (PROTOCOL.md 1.3). */
export function isAction(name: string): name is ActionName {
  return (actions as readonly string[]).includes(name);
}

/** Returns the names of all actions in alphabetical order. */
export function actionNames(): ActionName[] {
  return [...actions];
}

/** True if a schema describes a free-form JSON object, whose content is up to the user. */
export function isFreeForm(schema: JsonSchema): boolean {
  return schema.type === 'object' && schema.properties === undefined;
}

/** Returns the names of all schemas that describe files, such as plans and reports. */
export function documentNames(): DocumentName[] {
  return [...documents];
}

/** True if this is the name of a schema that describes a file. */
export function isDocument(name: string): name is DocumentName {
  return (documents as readonly string[]).includes(name);
}

/** Returns the schema of a kind of file, made at first use. */
export function documentSchema(name: DocumentName): JsonSchema {
  return documentPart(name).schema() as JsonSchema;
}

export type { ActionName, DocumentName };
