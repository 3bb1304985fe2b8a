import {
  documentSchema,
  schemaOf,
  type ActionName,
  type DocumentName,
  type JsonSchema,
} from '../../../protocol/schema.ts';

const dialect = 'https://json-schema.org/draft/2020-12/schema';

/** The part of an action that a schema describes. */
export type SchemaPart = 'request' | 'reply' | 'event';

/** A JSON Schema that any validator accepts. */
export type PublicSchema = Readonly<Record<string, unknown>>;

/**
 * Returns the schema of a request's fields, or of a whole reply or push with its envelope (PROTOCOL.md 2); undefined if
 * the server pushes nothing under this name.
 */
export function actionSchema(action: ActionName, part: SchemaPart): PublicSchema | undefined {
  const { $defs = {}, ...request } = schemaOf(action);
  if (part === 'request') return published(request);
  const { reply, event } = $defs;
  if (part === 'reply') return reply && published(wholeReply(action, reply));
  return event && published({ title: `Push of ${action}`, ...event });
}

/** Returns the schema of a kind of file. */
export function fileSchema(name: DocumentName): PublicSchema {
  const { $defs: _resolved, ...schema } = documentSchema(name);
  return published(schema);
}

function wholeReply(action: ActionName, payload: JsonSchema): JsonSchema {
  return {
    title: `Reply to ${action}`,
    ...payload,
    required: ['action', 'status', ...(payload.required ?? [])],
    properties: {
      action: { type: 'string', const: action },
      requestId: { description: 'The id of the request, where it had one.' },
      status: { type: 'string', const: 'success' },
      ...payload.properties,
    },
  };
}

function published(schema: JsonSchema): PublicSchema {
  return { $schema: dialect, ...(standard(schema, true) as PublicSchema) };
}

/** Replaces our own keywords by those of JSON Schema: strict validators refuse unknown ones. */
function standard(node: unknown, isSchema: boolean): unknown {
  if (Array.isArray(node)) return node.map((item) => standard(item, isSchema));
  if (typeof node !== 'object' || node === null) return node;
  const entries = Object.entries(node).flatMap(([key, value]): [string, unknown][] => {
    if (!isSchema) return [[key, standard(value, true)]];
    if (key === 'x-secret') return [['writeOnly', true]];
    if (key === 'x-permission') return [['$comment', `Needs the permission ${String(value)}.`]];
    if (key.startsWith('x-')) return [];
    return [[key, isData(key) ? value : standard(value, key !== 'properties')]];
  });
  return Object.fromEntries(entries);
}

/** True for keywords whose value is data, not a schema. */
function isData(key: string): boolean {
  return key === 'examples' || key === 'default' || key === 'const' || key === 'enum';
}
