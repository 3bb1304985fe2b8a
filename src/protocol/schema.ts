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
  /** What an action replies and pushes besides the envelope: `reply`, `event`. */
  readonly $defs?: Readonly<Record<string, JsonSchema>>;
  /** Name of the flag, where the usual rules would give another. */
  readonly 'x-flag'?: string;
  /** The value is a password or a token: never shown, asked for without echo. */
  readonly 'x-secret'?: boolean;
  /** What the value should look like, said in place of a regular expression. */
  readonly 'x-hint'?: string;
  /** What the values of `enum` stand for, in its order. */
  readonly 'x-labels'?: readonly string[];
  /** The permission an action needs (PROTOCOL.md 3.2); absent where it needs none. */
  readonly 'x-permission'?: string;
}

/** Schemas that were asked for; whoever asks again gets the same object. */
const known = new Map<ActionName, JsonSchema>();

/** The schema of one action's request, made at first use. */
export function schemaOf(action: ActionName): JsonSchema {
  let schema = known.get(action);
  if (schema === undefined) known.set(action, (schema = actionPart(action).schema() as JsonSchema));
  return schema;
}

/** Whether this name is an action of the protocol; names are case-sensitive (PROTOCOL.md 1.3). */
export function isAction(name: string): name is ActionName {
  return (actions as readonly string[]).includes(name);
}

/** The names of all actions, in the order of the alphabet. */
export function actionNames(): ActionName[] {
  return [...actions];
}

/** Whether a schema stands for a free-form JSON object: its content is the user's business. */
export function isFreeForm(schema: JsonSchema): boolean {
  return schema.type === 'object' && schema.properties === undefined;
}

/** The names of all schemas that describe files. */
export function documentNames(): DocumentName[] {
  return [...documents];
}

/** Whether this name is that of a schema that describes files. */
export function isDocument(name: string): name is DocumentName {
  return (documents as readonly string[]).includes(name);
}

/** The schema of a kind of file, made at first use. */
export function documentSchema(name: DocumentName): JsonSchema {
  return documentPart(name).schema() as JsonSchema;
}

export type { ActionName, DocumentName };
